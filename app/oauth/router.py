"""OAuth 2: tokens for client credentials (RFC 6749), keys (RFC 7517), and who a token says one is."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import unquote_plus
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.snapshot import Snapshot
from app.kit.db import SessionDep
from app.kit.problems import InsufficientScope, InvalidToken, Problem, problems
from app.kit.routing import Route
from app.oauth.service import RefusedError, TokenRequest, grant

router = APIRouter(tags=["oauth"], route_class=Route)


class TokenAnswer(BaseModel):
    """An access token (RFC 6749 §5.1)."""

    access_token: str = Field(max_length=4096, description="Send it as `Authorization: Bearer …`.")
    token_type: str = Field("Bearer", max_length=16)
    expires_in: int = Field(description="Seconds.")
    scope: str = Field(max_length=2000, description="The scopes granted, separated by blanks.")


class TokenError(BaseModel):
    """A refusal (RFC 6749 §5.2)."""

    error: str = Field(max_length=64, examples=["invalid_client"])
    error_description: str = Field(max_length=300)


class Me(BaseModel):
    """The client behind a token, and what it may do now."""

    client_id: UUID
    agency_id: UUID
    functions: list[str] = Field(max_length=50, description="Functions its agency holds today.")
    scopes: list[str] = Field(max_length=50)


class JwkSet(BaseModel):
    """The public keys that verify access tokens."""

    keys: list[dict[str, str]] = Field(max_length=20)


def _refusal(error: str, description: str, status: int = 400) -> JSONResponse:
    headers = {"Cache-Control": "no-store"} | ({"WWW-Authenticate": 'Basic realm="oauth"'} if status == 401 else {})  # noqa: PLR2004
    return JSONResponse({"error": error, "error_description": description}, status, headers)


class TokenRoute(APIRoute):
    """A request that cannot be read is refused as RFC 6749 §5.2 says, not with a problem document."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Serve as FastAPI does, but for what it finds wrong with the form."""
        serve = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                answer: Response = await serve(request)
            except (RequestValidationError, HTTPException) as error:
                if isinstance(error, Problem):
                    raise
                return _refusal("invalid_request", "Send one form (application/x-www-form-urlencoded) as documented")
            return answer

        return handler


tokens = APIRouter(tags=["oauth"], route_class=TokenRoute)


def _basic(headers: Sequence[str]) -> tuple[str, str] | None:
    """Client id and secret from HTTP Basic, each form-decoded (RFC 6749 §2.3.1)."""
    scheme, _, value = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (unquote_plus(user), unquote_plus(password)) if scheme.lower() == "basic" and colon else None


@tokens.post(
    "/oauth/token",
    response_model=TokenAnswer,
    responses={
        400: {"model": TokenError, "description": "Refused"},
        401: {"model": TokenError, "description": "`invalid_client`"},
    },
)
async def issue_token(
    request: Request,
    response: Response,
    session: SessionDep,
    grant_type: Annotated[str, Form(max_length=64, examples=["client_credentials"])] = "",
    scope: Annotated[
        str | None, Form(max_length=2000, description="Separated by blanks; left out: all that are open.")
    ] = None,
) -> TokenAnswer | JSONResponse:
    """Get an access token for client credentials, sent as HTTP Basic.

    The token lives ten minutes. Its scopes are those asked for that the client's role and the functions its agency
    holds today allow; they are checked again at each request.
    """
    credentials = _basic(request.headers.getlist("authorization"))
    if credentials is None:
        return _refusal("invalid_client", "Send client id and secret as HTTP Basic", 401)
    if not grant_type:
        return _refusal("invalid_request", "grant_type is missing")
    if grant_type != "client_credentials":
        return _refusal("unsupported_grant_type", "grant_type must be client_credentials")
    snapshot: Snapshot = request.app.state.snapshot
    settings = request.app.state.settings
    asked = TokenRequest(*credentials, scopes=scope.split() if scope else None)
    try:
        granted = await grant(session, await snapshot.fresh(), asked, settings.public_url, settings.token_minutes)
    except RefusedError as refused:
        return _refusal(refused.error, refused.description, 401 if refused.error == "invalid_client" else 400)
    response.headers["Cache-Control"] = "no-store"
    return TokenAnswer(
        access_token=granted.access_token,
        token_type="Bearer",  # noqa: S106 - a type, not a secret
        expires_in=granted.expires_in,
        scope=" ".join(sorted(granted.scopes)),
    )


@router.get("/oauth/jwks.json")
async def get_keys(request: Request, response: Response) -> JwkSet:
    """The public keys that verify this service's access tokens."""
    state = await request.app.state.snapshot.fresh()
    response.headers["Cache-Control"] = "public, max-age=300"
    return JwkSet(keys=[key.public_jwk for key in state.keys.values()])


@router.get("/v1/me", responses=problems(InvalidToken, InsufficientScope))
async def get_me(actor: Annotated[Actor, needs(Scope.registry_read)]) -> Me:
    """Who this token says one is, and what it may do now."""
    assert actor.client_id
    assert actor.agency_id
    return Me(
        client_id=actor.client_id,
        agency_id=actor.agency_id,
        functions=sorted(actor.functions),
        scopes=sorted(actor.scopes),
    )
