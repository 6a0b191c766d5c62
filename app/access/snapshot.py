"""Clients, keys, tokens taken back and functions held, in memory, at most one second old on every process.

A revocation must bite everywhere within a second, and a forged token must never reach PostgreSQL: so the gate reads
this snapshot, a follower looks at one version row twice a second, and the gate itself looks when the follower is late.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.access.grants import granted
from app.access.models import AccessVersion, Client, FunctionHeld, RevokedToken, SigningKey
from app.access.tokens import LEEWAY, Claims, Key, Verifier
from app.kit import meters
from app.kit.clock import now, today
from app.kit.db import Sessions
from app.kit.driver import Statement, run
from app.kit.problems import InvalidToken
from app.kit.vault import Vault

log = structlog.get_logger("app.access")

POLL_SECONDS = 0.25
STALE_SECONDS = 1.0
VERSION = Statement(select(col(AccessVersion.version)))


@dataclass(frozen=True, slots=True)
class Known:
    """One client as the gate needs it."""

    agency_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class Term:
    """One signing key, from when it signs and until when it verifies."""

    key: Key
    signs_from: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """Everything at one version; `keys` are those that verify now, `signing` the one of them that signs."""

    version: int = -1
    keys: Mapping[str, Key] = field(default_factory=dict)
    signing: Key | None = None
    clients: Mapping[UUID, Known] = field(default_factory=dict)
    held: Mapping[UUID, tuple[FunctionHeld, ...]] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()

    def functions(self, agency_id: UUID, on: date) -> frozenset[str]:
        """The functions an agency holds on a day."""
        return frozenset(h.function for h in self.held.get(agency_id, ()) if holds(h, on))


def holds(holding: FunctionHeld, on: date) -> bool:
    """Is the function held on this day? From included, to excluded."""
    return holding.valid_from <= on and (holding.valid_to is None or on < holding.valid_to)


def at(ring: Sequence[Term], moment: datetime) -> tuple[Mapping[str, Key], Key | None]:
    """The keys that verify at an instant, and the one that signs: the newest that has begun; `ring`: oldest first."""
    live = [term for term in ring if term.ends_at is None or term.ends_at > moment]
    begun = [term for term in live if term.signs_from <= moment]
    # Where none has begun (the first key, and a clock that is behind) the oldest signs: better than no tokens at all.
    signing = begun[-1] if begun else live[0] if live else None
    return {term.key.kid: term.key for term in live}, signing.key if signing else None


class Snapshot:
    """The state, kept fresh."""

    def __init__(self, sessions: Sessions, vault: Vault) -> None:
        self._sessions = sessions
        self._vault = vault
        self._state = State()
        self._ring: Sequence[Term] = ()
        self._looked = self._expired = float("-inf")
        self._one = asyncio.Lock()
        self._verifier = Verifier()

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
                    await self._read(session, version)
            # Keys also begin and end by the clock alone, without a new version.
            keys, signing = at(self._ring, now())
            if keys.keys() != self._state.keys.keys() or signing is not self._state.signing:
                self._state = replace(self._state, keys=keys, signing=signing)
            # What was changed here while this look was under way is not in it.
            self._looked = began if began > self._expired else float("-inf")

    async def _read(self, session: AsyncSession, version: int) -> None:
        meters.built("access")
        moment = now()
        clients = (await session.scalars(select(Client).where(col(Client.revoked_at).is_(None)))).all()
        holdings = (await session.scalars(select(FunctionHeld))).all()
        stored = await session.scalars(
            select(SigningKey)
            .where(or_(col(SigningKey.retired_at).is_(None), col(SigningKey.retired_at) > moment))
            .order_by(col(SigningKey.created_at))
        )
        ring = [Term(Key(self._vault.unlock(row.private_locked)), row.signs_from, row.retired_at) for row in stored]
        alive = col(RevokedToken.expires_at) > moment - 2 * timedelta(seconds=LEEWAY)
        revoked = await session.scalars(select(RevokedToken.jti).where(alive))
        held: dict[UUID, tuple[FunctionHeld, ...]] = defaultdict(tuple)
        for holding in holdings:
            held[holding.agency_id] += (holding,)
        keys, signing = at(ring, moment)
        self._ring = ring
        self._state = State(
            version=version,
            keys=keys,
            signing=signing,
            clients={c.id: Known(c.agency_id, c.role) for c in clients},
            held=dict(held),
            revoked=frozenset(revoked),
        )

    def expire(self) -> None:
        """Look again before the next answer: this process itself has just changed something."""
        self._looked, self._expired = float("-inf"), time.monotonic()

    async def fresh(self) -> State:
        """The state, at most a second old."""
        if time.monotonic() - self._looked > STALE_SECONDS:
            await self.refresh()
        return self._state

    async def now(self, session: AsyncSession) -> State:
        """The state as this transaction sees it, not even a second old."""
        ((version,),) = await run(session, VERSION, {})
        if version != self._state.version:
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
        """The actor behind a token; InvalidToken when it is not ours, was taken back, or its client is revoked."""
        return (await self.understand(token, url))[1]

    async def understand(self, token: str, url: str) -> tuple[Claims, Actor]:
        """What a token says, and its actor as of now; InvalidToken as above."""
        if self._state.version < 0:
            await self.refresh()  # a process that has only just started knows no keys yet
        claims = self._verifier.verify(token, self._state.keys, url)
        state = await self.fresh()
        if claims.client_id not in state.clients:
            # The token is genuine, so the client may be newer than the snapshot (or revoked).
            await self.refresh()
        return claims, self.actor(claims)

    def actor(self, claims: Claims) -> Actor:
        """The actor as its role and its agency's functions stand today."""
        known = self._state.clients.get(claims.client_id)
        if known is None or known.agency_id != claims.agency_id:
            raise InvalidToken
        # The token was verified against what was known before the look that may just have been taken.
        if claims.jti in self._state.revoked or claims.kid not in self._state.keys:
            raise InvalidToken
        functions = self._state.functions(known.agency_id, today())
        return Actor(claims.client_id, known.agency_id, functions, granted(known.role, functions, claims.scopes))
