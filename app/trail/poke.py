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
    """The worker's side: waits for a poke, or for the poll to be due."""

    def __init__(self, poll_seconds: float) -> None:
        self._poll = poll_seconds
        self._rung = asyncio.Event()

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
            await driver.add_listener(CHANNEL, self.ring)
        except (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("bell.deaf", error=type(error).__name__)
        try:
            yield
        finally:
            if connection is not None:
                connection.invalidate()  # close it: a pool must not hand a listening connection on
