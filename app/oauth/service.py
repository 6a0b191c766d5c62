"""Registering clients, and giving them tokens for their secrets."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.access.grants import ROLES, Scope, allowed
from app.access.models import Client, ClientSecret, SigningKey
from app.access.snapshot import State
from app.access.tokens import Key, issue, new_private_key
from app.agencies.models import Agency
from app.kit.clock import now, today
from app.kit.vault import Vault
from app.oauth.rules import CREATED, REVOKED, ROTATED
from app.trail.record import Subject, record

log = structlog.get_logger("app.oauth")


class RefusedError(Exception):
    """A token request refused as RFC 6749 §5.2 says; `error` is its code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


class OperatorError(Exception):
    """Something the operator asked for that cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and its secret, shown once."""

    client_id: UUID
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """An access token and what it allows."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Scope]


def _digest(secret: str) -> bytes:
    # 256 random bits need no slow hash; a slow one would be a lever to exhaust the server.
    return hashlib.sha256(secret.encode()).digest()


async def create_client(session: AsyncSession, slug: str, role: str, name: str) -> Credentials:
    """Register a client of the agency with this slug."""
    agency_id = await session.scalar(select(Agency.id).where(Agency.slug == slug))
    if agency_id is None:
        msg = f"No agency is called {slug}: see `ttdn agency list`"
        raise OperatorError(msg)
    if role not in ROLES:
        msg = f"No role is called {role}: one of {', '.join(ROLES)}"
        raise OperatorError(msg)
    client = Client(agency_id=agency_id, name=name, role=role)
    session.add(client)
    await session.flush()
    record(session, OPERATOR, CREATED, Subject(client.id, 1, agency_id))
    return _new_secret(session, client.id)


async def rotate_secret(session: AsyncSession, client_id: UUID, overlap: timedelta) -> Credentials:
    """Give a client a second secret; the older ones end after the overlap."""
    client = await _client(session, client_id)
    ends = now() + overlap
    live = await session.scalars(select(ClientSecret).where(ClientSecret.client_id == client_id))
    for secret in live:
        if secret.expires_at is None or secret.expires_at > ends:
            secret.expires_at = ends
    record(session, OPERATOR, ROTATED, Subject(client.id, 1, client.agency_id))
    return _new_secret(session, client_id)


async def revoke_client(session: AsyncSession, client_id: UUID) -> None:
    """End a client: its tokens and secrets stop working within a second on every process."""
    client = await _client(session, client_id)
    client.revoked_at = now()
    record(session, OPERATOR, REVOKED, Subject(client.id, 1, client.agency_id))


async def list_clients(session: AsyncSession) -> list[tuple[str, str, str, str, str]]:
    """Every client: id, agency, role, name, and whether it is live."""
    rows = await session.execute(
        select(Client, Agency.slug).join(Agency, col(Agency.id) == col(Client.agency_id)).order_by(col(Client.id))
    )
    return [(str(c.id), slug, c.role, c.name, "revoked" if c.revoked_at else "live") for c, slug in rows]


async def _client(session: AsyncSession, client_id: UUID) -> Client:
    client = (await session.scalars(select(Client).where(Client.id == client_id).with_for_update())).one_or_none()
    if client is None or client.revoked_at:
        msg = f"No live client has the id {client_id}"
        raise OperatorError(msg)
    return client


def _new_secret(session: AsyncSession, client_id: UUID) -> Credentials:
    secret = secrets.token_urlsafe(32)
    session.add(ClientSecret(client_id=client_id, digest=_digest(secret)))
    return Credentials(client_id, secret)


async def ensure_signing_key(session: AsyncSession, vault: Vault) -> None:
    """Make the first signing key, if there is none."""
    if await session.scalar(select(SigningKey.kid).where(col(SigningKey.retired_at).is_(None)).limit(1)):
        return
    pem = new_private_key()
    session.add(SigningKey(kid=Key(pem).kid, private_locked=vault.lock(pem)))


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a client asks of the token endpoint."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: Collection[str] | None


async def grant(session: AsyncSession, state: State, asked: TokenRequest, url: str, minutes: int) -> Granted:
    """A token for a client that proves itself: the scopes asked for that its role and its agency's functions allow."""
    client = await _authenticated(session, asked)
    may = allowed(client.role, state.functions(client.agency_id, today()))
    scopes = may if asked.scopes is None else frozenset(scope for scope in may if scope.value in asked.scopes)
    if not scopes:
        raise RefusedError("invalid_scope", "None of these scopes is open to this client")
    if state.signing is None:
        msg = "There is no signing key: run `ttdn db seed`"
        raise RuntimeError(msg)
    life = timedelta(minutes=minutes)
    token = issue(state.signing, url, client.id, client.agency_id, scopes, life)
    return Granted(token, int(life.total_seconds()), scopes)


async def _authenticated(session: AsyncSession, asked: TokenRequest) -> Client:
    """The client, if one of its live secrets is this one; an unknown client takes the same path."""
    try:
        client_id = UUID(asked.client_id)
    except ValueError:
        client_id = UUID(int=0)
    client = (
        await session.scalars(select(Client).where(Client.id == client_id, col(Client.revoked_at).is_(None)))
    ).one_or_none()
    stored = (await session.scalars(select(ClientSecret).where(ClientSecret.client_id == client_id))).all()
    digest, moment = _digest(asked.client_secret), now()
    matches = [
        hmac.compare_digest(secret.digest, digest) and (secret.expires_at is None or secret.expires_at > moment)
        for secret in stored
    ]
    if client is None or not any(matches):
        log.warning("client.refused", client=str(client_id))
        raise RefusedError("invalid_client", "Unknown client, or a wrong or expired secret")
    return client
