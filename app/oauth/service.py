"""The operator's verbs: clients and their secrets, and the first signing key."""

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import OPERATOR
from app.access.grants import ROLES
from app.access.models import Client, ClientSecret, SigningKey
from app.access.tokens import Key, new_private_key
from app.agencies.models import Agency
from app.kit.clock import now
from app.kit.vault import Vault
from app.oauth.proof import digest_of
from app.oauth.rules import CREATED, REVOKED, ROTATED
from app.trail.record import Subject, record


class OperatorError(Exception):
    """Something the operator asked for that cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and its secret, shown once."""

    client_id: UUID
    client_secret: str = field(repr=False)


async def create_client(
    session: AsyncSession, slug: str, role: str, name: str, life: timedelta | None = None
) -> Credentials:
    """Register a client of the agency with this slug; its secret ends after `life`."""
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
    return _new_secret(session, client.id, life)


async def rotate_secret(
    session: AsyncSession, client_id: UUID, overlap: timedelta, life: timedelta | None = None
) -> Credentials:
    """Give a client a second secret; the one before it ends after the overlap, any older one now."""
    client = await _client(session, client_id)
    moment = now()
    live = await session.scalars(_live(moment).where(ClientSecret.client_id == client_id))
    for place, secret in enumerate(live):
        # Two live ones at most. No rotation lengthens the life of an older secret.
        latest = moment + overlap if place == 0 else moment
        if secret.expires_at is None or secret.expires_at > latest:
            secret.expires_at = latest
    record(session, OPERATOR, ROTATED, Subject(client.id, 1, client.agency_id))
    return _new_secret(session, client_id, life)


async def revoke_client(session: AsyncSession, client_id: UUID) -> None:
    """End a client: its tokens and secrets stop working within a second on every process."""
    client = await _client(session, client_id)
    client.revoked_at = now()
    record(session, OPERATOR, REVOKED, Subject(client.id, 1, client.agency_id))


@dataclass(frozen=True, slots=True)
class Listed:
    """A client as the operator sees it."""

    id: UUID
    agency: str
    role: str
    name: str
    live: bool
    secrets: list[ClientSecret]

    def words(self) -> tuple[str, ...]:
        """What is shown of it: its secrets' number, last use and next end too."""
        used = max((s.last_used_at for s in self.secrets if s.last_used_at), default=None)
        ends = min((s.expires_at for s in self.secrets if s.expires_at), default=None)
        return (
            str(self.id),
            self.agency,
            self.role,
            self.name,
            "live" if self.live else "revoked",
            f"secrets: {len(self.secrets)}",
            f"last used: {_written(used)}",
            f"next end: {_written(ends)}",
        )


def _written(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else "never"


async def list_clients(session: AsyncSession) -> list[Listed]:
    """Every client, with the secrets that work now."""
    live: dict[UUID, list[ClientSecret]] = defaultdict(list)
    for secret in await session.scalars(_live(now())):
        live[secret.client_id].append(secret)
    rows = await session.execute(
        select(Client, Agency.slug).join(Agency, col(Agency.id) == col(Client.agency_id)).order_by(col(Client.id))
    )
    return [
        Listed(c.id, slug, c.role, c.name, c.revoked_at is None, live[c.id] if c.revoked_at is None else [])
        for c, slug in rows
    ]


def _live(moment: datetime) -> SelectOfScalar[ClientSecret]:
    """The secrets that work at an instant, newest first."""
    ends = col(ClientSecret.expires_at)
    newest = (col(ClientSecret.created_at).desc(), col(ClientSecret.id).desc())
    return select(ClientSecret).where(or_(ends.is_(None), ends > moment)).order_by(*newest)


async def _client(session: AsyncSession, client_id: UUID) -> Client:
    client = (await session.scalars(select(Client).where(Client.id == client_id).with_for_update())).one_or_none()
    if client is None or client.revoked_at:
        msg = f"No live client has the id {client_id}"
        raise OperatorError(msg)
    return client


def _new_secret(session: AsyncSession, client_id: UUID, life: timedelta | None) -> Credentials:
    secret = secrets.token_urlsafe(32)
    ends = now() + life if life else None
    session.add(ClientSecret(client_id=client_id, digest=digest_of(secret), expires_at=ends))
    return Credentials(client_id, secret)


async def ensure_signing_key(session: AsyncSession, vault: Vault) -> None:
    """Make the first signing key, if there is none."""
    if await session.scalar(select(SigningKey.kid).where(col(SigningKey.retired_at).is_(None)).limit(1)):
        return
    pem = new_private_key()
    session.add(SigningKey(kid=Key(pem).kid, private_locked=vault.lock(pem)))
