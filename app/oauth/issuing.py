"""Giving tokens, taking them back, and telling what one is worth."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.grants import Scope, allowed
from app.access.models import Client, RevokedToken
from app.access.snapshot import Snapshot
from app.access.tokens import issue
from app.kit.clock import today
from app.kit.db import run_after
from app.kit.problems import InvalidToken
from app.oauth.forms import RefusedError
from app.oauth.schemas import Inactive, Introspection

log = structlog.get_logger("app.oauth")


@dataclass(frozen=True, slots=True)
class Granted:
    """An access token and what it allows."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Scope]


async def grant(snapshot: Snapshot, client: Client, asked: str | None, url: str, minutes: int) -> Granted:
    """A token for a client: the scopes asked for that its role and its agency's functions allow."""
    state = await snapshot.fresh()
    may = allowed(client.role, state.functions(client.agency_id, today()))
    scopes = may if asked is None else frozenset(scope for scope in may if scope.value in asked.split())
    if not scopes:
        raise RefusedError("invalid_scope", "None of these scopes is open to this client")
    if state.signing is None:
        msg = "There is no signing key: run `ttdn db seed`"
        raise RuntimeError(msg)
    life = timedelta(minutes=minutes)
    token = issue(state.signing, url, client.id, client.agency_id, scopes, life)
    return Granted(token, int(life.total_seconds()), scopes)


async def revoke(session: AsyncSession, snapshot: Snapshot, client: Client, token: str, url: str) -> None:
    """End a token of the client's own before its time (RFC 7009); what is no live token needs no ending."""
    try:
        claims, _ = await snapshot.understand(token, url)
    except InvalidToken:
        return
    if claims.client_id != client.id:
        # Told outright (§2.1): whoever holds the token can see at any operation that it is genuine.
        raise RefusedError("invalid_grant", "This token was issued to another client")
    # Its name, not a hash of its text: whatever spelling of it came, it is the same token that ends.
    row = {"jti": claims.jti, "client_id": client.id, "expires_at": datetime.fromtimestamp(claims.expires, UTC)}
    await session.execute(insert(RevokedToken).values(row).on_conflict_do_nothing())
    run_after(session, snapshot.expire)
    log.info("token.revoked", client=str(client.id), jti=claims.jti)


async def introspect(snapshot: Snapshot, client: Client, token: str, url: str) -> Introspection | Inactive:
    """What a token of the client's own is worth now (RFC 7662); of any other nothing is told."""
    try:
        claims, actor = await snapshot.understand(token, url)
    except InvalidToken:
        return Inactive(active=False)
    if claims.client_id != client.id:
        return Inactive(active=False)
    return Introspection(
        active=True,
        scope=" ".join(sorted(actor.scopes)),
        client_id=claims.client_id,
        sub=str(claims.client_id),
        token_type="Bearer",  # noqa: S106 - a type, not a secret
        iss=url,
        aud=url,
        iat=claims.issued,
        exp=claims.expires,
        jti=claims.jti,
    )
