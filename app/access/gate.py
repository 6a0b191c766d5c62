"""The gate of every operation: which scope it needs, said once, in the signature and so in OpenAPI."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import HTTPConnection

from app.access.actor import Actor
from app.access.grants import SCOPE_TITLES, Scope
from app.access.snapshot import Snapshot
from app.kit.middleware import route
from app.kit.problems import InsufficientScope, InvalidToken

_SCOPES = {scope.value: f"{title['vi']} / {title['en']}" for scope, title in SCOPE_TITLES.items()}
_FLOWS = OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/oauth/token", scopes=_SCOPES))


class Gate(OAuth2):
    """The actor of an operation; in OpenAPI, OAuth 2 with client credentials.

    `Route` asks `gate` before the body is read; FastAPI asks again where the operation names its actor.
    """

    def __init__(self, admit: Callable[[HTTPConnection], Awaitable[Actor]]) -> None:
        super().__init__(flows=_FLOWS, scheme_name="oauth2", auto_error=False)
        self.gate = admit

    async def __call__(self, request: HTTPConnection) -> Actor:  # type: ignore[override]
        """The actor of the request."""
        return await self.gate(request)


def gate(scope: Scope) -> Gate:
    """A dependency that lets through only actors who have the scope."""

    async def admit(request: HTTPConnection) -> Actor:
        actor: Actor | None = request.scope.get("actor")
        if actor is None:
            actor = await _authenticated(request)
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

    return Gate(admit)


async def still(request: HTTPConnection, scope: Scope) -> Actor:
    """The actor as it stands now, for a request that was kept waiting: its client may have been revoked meanwhile."""
    actor = await _authenticated(request)
    if scope not in actor.scopes:
        raise InsufficientScope(scope.value)
    return actor


async def _authenticated(request: HTTPConnection) -> Actor:
    snapshot: Snapshot = request.app.state.snapshot
    return await snapshot.authenticate(_token(request), request.app.state.settings.public_url)


def _token(request: HTTPConnection) -> str:
    """The bearer token of the request."""
    headers = request.headers.getlist("authorization")
    scheme, token = get_authorization_scheme_param(headers[0] if len(headers) == 1 else None)
    if scheme.lower() != "bearer" or not token:
        raise InvalidToken(missing=not headers)
    return token


def needs(scope: Scope) -> Any:
    """Mark the actor of an operation with the scope it takes."""
    return Security(gate(scope), scopes=[scope.value])
