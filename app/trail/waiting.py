"""Waiting for what is sealed next, without a connection: one listener for all long polls of a process."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import structlog
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from app.kit.db import Sessions
from app.trail.models import Ledger
from app.trail.poke import SEALED, Bell

log = structlog.get_logger("app.trail")

LONGEST_SECONDS = 30
POLL_SECONDS = 1.0
"""How late an event may come while nobody hears the sealer: its NOTIFY is lost with the connection."""
PLACES, PLACES_OF_ONE = 500, 10
TURNS = 3
"""Looks at once by those who waited: the pool (at least 4 connections) is there for others, too."""


class _Place(asyncio.Event):
    """Where one request waits."""


class Waiting:
    """Who waits, first come first; each is woken by what goes beyond what it has looked at.

    Places are bounded: the one who has waited longest answers at once and makes room, among the same client's first.
    """

    def __init__(self, sessions: Sessions, *, places: int = PLACES, of_one: int = PLACES_OF_ONE) -> None:
        self._sessions = sessions
        self._most, self._most_of_one = places, of_one
        self._places: dict[_Place, UUID | None] = {}
        self._head = 0
        self._closed = False
        self._bell = Bell(POLL_SECONDS, SEALED)
        self.turn = asyncio.Semaphore(TURNS)

    def __len__(self) -> int:
        """How many wait."""
        return len(self._places)

    async def past(self, sequence: int, client_id: UUID | None, seconds: float) -> bool:
        """Wait until the log goes beyond a sequence; False when it does not within so many seconds."""
        if self._head <= sequence and seconds > 0 and not self._closed:
            place = self._take(client_id)
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await place.wait()
            finally:
                self._places.pop(place, None)
        return self._head > sequence and seconds > 0

    def _take(self, client_id: UUID | None) -> _Place:
        own = [place for place, client in self._places.items() if client == client_id]
        if len(own) >= self._most_of_one:
            self._wake({own[0]: client_id})
        elif len(self._places) >= self._most:
            longest = next(iter(self._places))
            self._wake({longest: None})
        place = _Place()
        self._places[place] = client_id
        return place

    def _wake(self, places: Mapping[_Place, UUID | None]) -> None:
        for place in list(places):
            self._places.pop(place, None)
            place.set()

    def close(self) -> None:
        """Answer everybody: the process is about to end."""
        self._closed = True
        self._wake(self._places)

    async def follow(self, engine: AsyncEngine) -> None:
        """Look whenever something was sealed, until cancelled; the engine's one connection is for listening."""
        while True:
            async with self._bell.listening(engine):
                await self._look()
                await self._bell.wait()
                while not self._bell.deaf:
                    await self._look()
                    await self._bell.wait()

    async def _look(self) -> None:
        try:
            async with self._sessions() as session:
                head = await session.scalar(select(func.max(col(Ledger.sequence)))) or 0
        except (SQLAlchemyError, OSError) as error:
            log.warning("waiting.blind", error=type(error).__name__)
            return
        if head > self._head:
            self._wake(self._places)
        self._head = head
