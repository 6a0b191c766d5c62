"""The gate of every operation: which scope it needs, said once, in the signature and so in OpenAPI."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import HTTPConnection

from app.access.actor import Actor
from app.access.grants import SCOPE_TITLES, Scope
from app.access.snapshot import Snapshot
from app.kit.middleware import route
from app.kit.problems import InsufficientScope, InvalidToken


class ClientCredentials(OAuth2):
    """OAuth 2 client credentials, as OpenAPI declares them."""

    def __init__(self) -> None:
        scopes = {scope.value: f"{title['vi']} / {title['en']}" for scope, title in SCOPE_TITLES.items()}
        flow = OAuthFlowClientCredentials(tokenUrl="/oauth/token", scopes=scopes)
        super().__init__(flows=OAuthFlows(clientCredentials=flow), scheme_name="oauth2", auto_error=False)

    async def __call__(self, request: HTTPConnection) -> str:
        """The bearer token of the request."""
        headers = request.headers.getlist("authorization")
        scheme, token = get_authorization_scheme_param(headers[0] if len(headers) == 1 else None)
        if scheme.lower() != "bearer" or not token:
            raise InvalidToken(missing=not headers)
        return token


scheme = ClientCredentials()


def gate(scope: Scope) -> Callable[..., Awaitable[Actor]]:
    """A dependency that lets through only actors who have the scope."""

    async def admit(request: Request) -> Actor:
        actor: Actor | None = request.scope.get("actor")
        if actor is None:
            snapshot: Snapshot = request.app.state.snapshot
            actor = await snapshot.authenticate(await scheme(request), request.app.state.settings.public_url)
            request.state.client = str(actor.client_id)
            # Whatever is logged from here on says who asked and where.
            structlog.contextvars.bind_contextvars(client=request.state.client, route=route(request.scope))
            standing = await request.app.state.limiter.take(f"client {actor.client_id}")
            if standing is not None:
                request.scope["state"].setdefault("headers", {}).update(standing.headers())
            request.scope["actor"] = actor
        if scope not in actor.scopes:
            raise InsufficientScope(scope.value)
        return actor

    # The declared token is for OpenAPI; `Route` asks `admit` before the body is read.
    async def checked(request: Request, _: Annotated[str, Security(scheme, scopes=[scope.value])]) -> Actor:
        return await admit(request)

    checked.gate = admit  # type: ignore[attr-defined]
    return checked


def needs(scope: Scope) -> Any:
    """Mark the actor of an operation with the scope it takes."""
    return Depends(gate(scope))
