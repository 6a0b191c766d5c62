"""A client proves itself with its secret; guessing is slowed, counted over every process, and logged.

Ten failures in a minute, of one client id from one address, and the next attempts are refused before anything is
compared. From another address the right secret works all the while: nobody locks a client out by guessing.
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from fastapi import Depends, Request
from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access import limits
from app.access.limits import LEASE, RateWindow
from app.access.models import Client, ClientSecret
from app.kit.clock import now
from app.kit.db import Sessions, transaction
from app.oauth.forms import RefusedError, basic, check_form

log = structlog.get_logger("app.oauth")

FAILURES = 10
MOST_KNOWN = 10_000
WAIT_SECONDS = 4.0
USE_NOTED_EVERY = timedelta(hours=1)
# Who has no client and no secret is compared too: nothing tells an unknown client from a wrong secret.
NOBODY = UUID(int=0)
NO_SECRET = ClientSecret(client_id=NOBODY, digest=bytes(32))


def digest_of(secret: str) -> bytes:
    """What is stored of a secret."""
    # 256 random bits need no slow hash; a slow one would be a lever to exhaust the server.
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who says to be which client, from where; in one spelling, for another would be another count."""

    client_id: UUID
    digest: bytes = field(repr=False)
    key: str

    @classmethod
    def of(cls, client_id: str, secret: str, address: str) -> "Attempt":
        """Read what was sent."""
        try:
            known = UUID(client_id)
            spelled = str(known)
        except ValueError:
            known, spelled = NOBODY, client_id
        who = hashlib.sha256(f"{spelled} {address}".encode()).hexdigest()
        return cls(known, digest_of(secret), f"guess {who}")


class Doorkeeper:
    """Lets clients in that prove themselves; one for each process."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._closed: dict[str, int] = {}

    async def admit(self, client_id: str, secret: str, address: str) -> Client:
        """The client, if one of its live secrets is this one."""
        attempt = Attempt.of(client_id, secret, address)
        window, resets_in = limits.this_window()
        spent = RefusedError(
            "invalid_client", "Too many failed attempts from this address: try again later", retry_after=resets_in
        )
        turn = self._turns.setdefault(attempt.key, asyncio.Lock())
        async with asyncio.timeout(WAIT_SECONDS):
            await turn.acquire()
        # One at a time: attempts that arrive together would all be compared before the first of them is counted.
        try:
            if self._closed.get(attempt.key) == window:
                raise spent
            client, failures = await self._compare(attempt, window)
            if client is not None:
                return client
            if failures >= FAILURES:
                self._close(attempt, window, address)
        finally:
            turn.release()
        if failures > FAILURES:
            raise spent
        log.warning("client.refused", client=str(attempt.client_id), address=address)
        raise RefusedError("invalid_client", "Unknown client, or a wrong or expired secret")

    async def _compare(self, attempt: Attempt, window: int) -> tuple[Client | None, int]:
        """The client that proved itself, or how many have failed; one more than allowed: it was not compared.

        In a transaction of its own: a failure counts whatever becomes of the request. Only failures write.
        """
        async with transaction(self._sessions) as session:
            counted = select(RateWindow.used).where(RateWindow.key == attempt.key, RateWindow.starts_at == window)
            if (await session.scalar(counted) or 0) >= FAILURES:
                return None, FAILURES + 1
            client = await _proven(session, attempt)
            if client is not None:
                return client, 0
            values = {"key": attempt.key, "window": window, "portion": 1, "limit": FAILURES}
            return None, await session.scalar(LEASE, values) or FAILURES

    def _close(self, attempt: Attempt, window: int, address: str) -> None:
        """Refuse what follows in this minute without a question to the database."""
        if len(self._closed) >= MOST_KNOWN:
            self._closed.clear()
        self._closed[attempt.key] = window
        log.warning("client.guessing", client=str(attempt.client_id), address=address)


async def _proven(session: AsyncSession, attempt: Attempt) -> Client | None:
    rows = await session.execute(
        select(ClientSecret, Client)
        .join(Client, col(Client.id) == col(ClientSecret.client_id))
        .where(Client.id == attempt.client_id, col(Client.revoked_at).is_(None))
    )
    stored: list[tuple[ClientSecret, Client | None]] = [(row[0], row[1]) for row in rows] or [(NO_SECRET, None)]
    moment = now()
    for secret, client in stored:
        live = secret.expires_at is None or secret.expires_at > moment
        if hmac.compare_digest(secret.digest, attempt.digest) and live and client is not None:
            await _note_use(session, secret, moment)
            return client
    return None


async def _note_use(session: AsyncSession, secret: ClientSecret, moment: datetime) -> None:
    """When a secret was last used, to the hour: so that a token request mostly writes nothing."""
    before = moment - USE_NOTED_EVERY
    if secret.last_used_at is None or secret.last_used_at < before:
        last = col(ClientSecret.last_used_at)
        await session.execute(
            update(ClientSecret)
            .where(col(ClientSecret.id) == secret.id, or_(last.is_(None), last < before))
            .values(last_used_at=moment)
            .execution_options(synchronize_session=False)
        )


async def authenticated(request: Request) -> Client:
    """The client behind HTTP Basic."""
    await check_form(request)
    credentials = basic(request.headers.getlist("authorization"))
    if credentials is None:
        raise RefusedError("invalid_client", "Send client id and secret as HTTP Basic")
    state = request.app.state
    if not hasattr(state, "doorkeeper"):
        state.doorkeeper = Doorkeeper(state.sessions)
    keeper: Doorkeeper = state.doorkeeper
    client = await keeper.admit(*credentials, request.client.host if request.client else "")
    request.state.client = str(client.id)
    return client


ProvenClient = Annotated[Client, Depends(authenticated)]
