"""Waking the worker: a NOTIFY on a connection of its own, after the commit, many commits in one.

A NOTIFY inside the writing transaction would take a database-wide lock through its commit. A poke may be lost: the
worker also looks by itself every few hundred milliseconds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

log = structlog.get_logger("app.trail")

CHANNEL = "ttdn_outbox"
SEALED = "ttdn_sealed"
"""Where the sealer tells the feed. It does so in its own transaction: one at a time, it holds up no writer."""


class Poker:
    """The writing side: `poke` after each commit, one NOTIFY for all that came meanwhile."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._due = asyncio.Event()

    def poke(self) -> None:
        """Say that something was committed."""
        self._due.set()

    async def run(self) -> None:
        """Send the pokes until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                async with self._engine.connect() as connection:
                    await connection.execute(text(f"NOTIFY {CHANNEL}"))
            except (SQLAlchemyError, OSError) as error:
                log.warning("poke.lost", error=type(error).__name__)


class Bell:
    """The other side: waits for a NOTIFY on its channel, or for the poll to be due."""

    def __init__(self, poll_seconds: float, channel: str = CHANNEL) -> None:
        self._poll = poll_seconds
        self._channel = channel
        self._rung = asyncio.Event()
        self.deaf = True

    def ring(self, *_: object) -> None:
        """Wake whoever waits."""
        self._rung.set()

    async def wait(self) -> None:
        """Return at the next poke, or when the poll is due."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), self._poll)
        self._rung.clear()

    @contextlib.asynccontextmanager
    async def listening(self, engine: AsyncEngine) -> AsyncIterator[None]:
        """Listen on a connection of its own; without one the poll alone serves."""
        connection = None
        try:
            connection = await engine.raw_connection()
            driver = connection.driver_connection
            assert isinstance(driver, asyncpg.Connection)
            driver.add_termination_listener(self._lost)
            await driver.add_listener(self._channel, self.ring)
            self.deaf = False
        except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("bell.deaf", error=type(error).__name__)
        try:
            yield
        finally:
            self.deaf = True
            if connection is not None:
                connection.invalidate()  # close it: a pool must not hand a listening connection on

    def _lost(self, *_: object) -> None:
        self.deaf = True
        self.ring()
