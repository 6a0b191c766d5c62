"""Clients, keys and functions held, in memory, at most one second old on every process.

A revocation must bite everywhere within a second, and a forged token must never reach PostgreSQL: so the gate reads
this snapshot, a follower looks at one version row twice a second, and the gate itself looks when the follower is late.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import structlog
from sqlmodel import col, select

from app.access.actor import Actor
from app.access.grants import allowed
from app.access.models import AccessVersion, Client, FunctionHeld, SigningKey
from app.access.tokens import Claims, Key, verify
from app.kit.clock import today
from app.kit.db import Sessions
from app.kit.problems import InvalidToken
from app.kit.vault import Vault

log = structlog.get_logger("app.access")

POLL_SECONDS = 0.5
STALE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """One client as the gate needs it."""

    agency_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything at one version."""

    version: int = -1
    keys: Mapping[str, Key] = field(default_factory=dict)
    signing: Key | None = None
    clients: Mapping[UUID, Known] = field(default_factory=dict)
    held: Mapping[UUID, tuple[FunctionHeld, ...]] = field(default_factory=dict)

    def functions(self, agency_id: UUID, on: date) -> frozenset[str]:
        """The functions an agency holds on a day."""
        return frozenset(h.function for h in self.held.get(agency_id, ()) if holds(h, on))


def holds(holding: FunctionHeld, on: date) -> bool:
    """Is the function held on this day? From included, to excluded."""
    return holding.valid_from <= on and (holding.valid_to is None or on < holding.valid_to)


class Snapshot:
    """The state, kept fresh."""

    def __init__(self, sessions: Sessions, vault: Vault) -> None:
        self._sessions = sessions
        self._vault = vault
        self._state = State()
        self._looked = float("-inf")
        self._one = asyncio.Lock()

    @property
    def state(self) -> State:
        """The state as last read."""
        return self._state

    async def refresh(self) -> None:
        """Look at the version row; read everything again when it moved."""
        asked = time.monotonic()
        async with self._one:
            if self._looked >= asked:
                return  # somebody else looked while this one waited
            began = time.monotonic()
            async with self._sessions() as session:
                version = await session.scalar(select(AccessVersion.version)) or 0
                if version != self._state.version:
                    clients = (await session.scalars(select(Client).where(col(Client.revoked_at).is_(None)))).all()
                    holdings = (await session.scalars(select(FunctionHeld))).all()
                    stored = await session.scalars(
                        select(SigningKey)
                        .where(col(SigningKey.retired_at).is_(None))
                        .order_by(col(SigningKey.created_at))
                    )
                    keys = [Key(self._vault.unlock(row.private_locked)) for row in stored]
                    held: dict[UUID, tuple[FunctionHeld, ...]] = defaultdict(tuple)
                    for holding in holdings:
                        held[holding.agency_id] += (holding,)
                    self._state = State(
                        version=version,
                        keys={key.kid: key for key in keys},
                        signing=keys[0] if keys else None,
                        clients={c.id: Known(c.agency_id, c.role) for c in clients},
                        held=dict(held),
                    )
            self._looked = began

    async def fresh(self) -> State:
        """The state, at most a second old."""
        if time.monotonic() - self._looked > STALE_SECONDS:
            await self.refresh()
        return self._state

    async def follow(self) -> None:
        """Keep fresh until cancelled; a database that is away is tried again."""
        while True:
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - one bad look must not be the last
                log.warning("snapshot.late", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def authenticate(self, token: str, url: str) -> Actor:
        """The actor behind a token; InvalidToken when it is not ours, or its client is revoked."""
        if self._state.version < 0:
            await self.refresh()  # a process that has only just started knows no keys yet
        claims = verify(token, self._state.keys, url)
        state = await self.fresh()
        if claims.client_id not in state.clients:
            # The token is genuine, so the client may be newer than the snapshot (or revoked).
            await self.refresh()
        return self.actor(claims)

    def actor(self, claims: Claims) -> Actor:
        """The actor as its role and its agency's functions stand today."""
        known = self._state.clients.get(claims.client_id)
        if known is None or known.agency_id != claims.agency_id:
            raise InvalidToken
        functions = self._state.functions(known.agency_id, today())
        asked = {scope for scope in allowed(known.role, functions) if scope.value in claims.scopes}
        return Actor(claims.client_id, known.agency_id, functions, frozenset(asked))
