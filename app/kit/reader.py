"""Connections for reading: each statement by itself, past SQLAlchemy's cursors and past its pool."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.kit.driver import Statement, fetch
from app.kit.problems import Unavailable

PATIENCE_SECONDS = 5


class Reader:
    """Runs compiled statements, each by itself, past SQLAlchemy's cursors."""

    def __init__(self, bind: AsyncEngine | AsyncConnection, keep: int = 0) -> None:
        """`keep`: so many connections, of an engine that nobody else uses: the pool's own way takes as long as rows."""
        self._bind = bind
        self._left = keep
        self._keep = keep > 0
        self._idle: asyncio.LifoQueue[PoolProxiedConnection] = asyncio.LifoQueue()
        self.in_use = 0

    async def rows(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a statement."""
        if isinstance(self._bind, AsyncConnection):  # a test's, inside its transaction
            return await fetch((await self._bind.get_raw_connection()).driver_connection, statement, values)
        held = await (self._kept(self._bind) if self._keep else _fetched(self._bind))
        self.in_use += 1
        try:
            return await fetch(held.driver_connection, statement, values)
        finally:
            self.in_use -= 1
            if self._keep:
                self._idle.put_nowait(held)
            else:
                held.close()

    def close(self) -> None:
        """Give all connections back."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    async def _kept(self, engine: AsyncEngine) -> PoolProxiedConnection:
        """The connection that was used last, or another one, or the first that is given back."""
        if self._idle.empty() and self._left:
            self._left -= 1
            return await self._another(engine)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                held = await self._idle.get()
        except TimeoutError as error:
            raise Unavailable from error
        if not _closed(held):
            return held
        held.invalidate()
        return await self._another(engine)

    async def _another(self, engine: AsyncEngine) -> PoolProxiedConnection:
        try:
            return await _fetched(engine)
        except BaseException:
            self._left += 1
            raise


async def _fetched(engine: AsyncEngine) -> PoolProxiedConnection:
    """A connection of the pool that is alive."""
    for _ in range(2):
        try:
            held = await engine.raw_connection()
        except engine.dialect.loaded_dbapi.Error as error:
            # The driver's own, which SQLAlchemy wraps for everybody but who asks for a raw connection.
            raise Unavailable from error
        if not _closed(held):
            return held
        held.invalidate()
        # The server went away, and every idle connection of the pool with it; it may have come back.
        await engine.dispose(close=False)
    raise Unavailable


def _closed(held: PoolProxiedConnection) -> bool:
    driver: Any = held.driver_connection
    return bool(driver.is_closed())


async def _reader(request: Request) -> Reader:
    reader: Reader = request.app.state.reader
    return reader


ReaderDep = Annotated[Reader, Depends(_reader)]
