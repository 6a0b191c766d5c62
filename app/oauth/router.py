"""OAuth 2: tokens for client credentials (RFC 6749), their end (RFC 7009), their worth (RFC 7662), keys (RFC 7517)."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.kit.db import SessionDep
from app.kit.problems import InsufficientScope, InvalidToken, problems
from app.kit.routing import Route
from app.oauth import issuing
from app.oauth.forms import OAuthRoute, RefusedError
from app.oauth.keys import JWKS_SECONDS
from app.oauth.proof import ProvenClient
from app.oauth.schemas import Inactive, Introspection, JwkSet, Me, TokenAnswer, refusals

router = APIRouter(tags=["oauth"], route_class=Route)
# Not `Route`: RFC 6749 §5 fixes the form of every answer, so a client that accepts something else still gets its token
# in JSON and its refusals with `error`; there is nothing to prefer, and unknown parameters must be passed over (§3.2).
tokens = APIRouter(tags=["oauth"], route_class=OAuthRoute)

BASIC: dict[str, Any] = {"security": [{"client": []}]}
Token = Annotated[str, Form(max_length=8192, description="An access token of this service.")]
Hint = Annotated[
    str | None,
    Form(max_length=64, description="There is one type of token here: the hint is ignored.", examples=["access_token"]),
]


@tokens.post("/oauth/token", responses=refusals(400, 401, 429), openapi_extra=BASIC)
async def issue_token(
    request: Request,
    client: ProvenClient,
    grant_type: Annotated[str, Form(max_length=64, examples=["client_credentials"])] = "",
    scope: Annotated[
        str | None, Form(max_length=2000, description="Separated by blanks; left out: all that are open.")
    ] = None,
) -> TokenAnswer:
    """Get an access token for client credentials, sent as HTTP Basic.

    The token lives ten minutes. Its scopes are those asked for that the client's role and the functions its agency
    holds today allow; they are checked again at each request. After ten failed attempts in a minute from one address
    the client is refused there with 429 until the minute ends.
    """
    if not grant_type:
        raise RefusedError("invalid_request", "grant_type is missing")
    if grant_type != "client_credentials":
        raise RefusedError("unsupported_grant_type", "grant_type must be client_credentials")
    state = request.app.state
    settings = state.settings
    granted = await issuing.grant(state.snapshot, client, scope, settings.public_url, settings.token_minutes)
    return TokenAnswer(
        access_token=granted.access_token,
        token_type="Bearer",  # noqa: S106 - a type, not a secret
        expires_in=granted.expires_in,
        scope=" ".join(sorted(granted.scopes)),
    )


@tokens.post(
    "/oauth/revoke",
    response_class=Response,
    response_description="The token is at its end, or never was one",
    responses=refusals(400, 401, 429),
    openapi_extra=BASIC,
)
async def revoke_token(
    request: Request,
    client: ProvenClient,
    session: SessionDep,
    token: Token = "",
    token_type_hint: Hint = None,  # noqa: ARG001 - declared for those who send it
) -> Response:
    """End one of the client's own tokens before its time (RFC 7009), within a second on every process.

    A token that is unknown, expired or ended already is answered as if it had just been ended; another client's is
    refused as `invalid_grant`.
    """
    if not token:
        raise RefusedError("invalid_request", "token is missing")
    state = request.app.state
    await issuing.revoke(session, state.snapshot, client, token, state.settings.public_url)
    return Response()


@tokens.post("/oauth/introspect", responses=refusals(400, 401, 429), openapi_extra=BASIC)
async def introspect_token(
    request: Request,
    client: ProvenClient,
    token: Token = "",
    token_type_hint: Hint = None,  # noqa: ARG001 - declared for those who send it
) -> Introspection | Inactive:
    """Read what one of the client's own tokens is worth now (RFC 7662).

    `scope` is what it allows at this moment: the client's role and its agency's functions may have changed since it was
    issued. Anything that is no live token of this client is `{"active": false}`, and nothing more is told.
    """
    if not token:
        raise RefusedError("invalid_request", "token is missing")
    state = request.app.state
    return await issuing.introspect(state.snapshot, client, token, state.settings.public_url)


@tokens.get("/oauth/jwks.json")
async def get_keys(request: Request, response: Response) -> JwkSet:
    """The public keys that verify this service's access tokens; a new one is here before it signs."""
    state = await request.app.state.snapshot.fresh()
    response.headers["Cache-Control"] = f"public, max-age={JWKS_SECONDS}"
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
