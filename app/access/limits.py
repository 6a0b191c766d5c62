"""Limits shared by every process: counted in leased portions, so that most requests write nothing.

A window is a calendar minute. A process takes a portion of a client's minute from PostgreSQL and spends it by itself;
the portions never add up to more than the limit.
"""

import asyncio
import time
from collections.abc import MutableMapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, delete, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from app.kit.db import Sessions, transaction
from app.kit.problems import QuotaExceeded

WINDOW_SECONDS = 60
PORTIONS = 20
MOST_KNOWN = 10_000


class RateWindow(SQLModel, table=True):
    """What a key has spent of one window, over all processes; unlogged, for a crash costs nothing here."""

    __tablename__ = "rate_window"

    key: str = Field(primary_key=True)
    starts_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    used: int


LEASE = text("""
    INSERT INTO rate_window AS held (key, starts_at, used) VALUES (:key, :window, :portion)
    ON CONFLICT (key) DO UPDATE SET
        used = CASE WHEN held.starts_at = excluded.starts_at THEN held.used ELSE 0 END + excluded.used,
        starts_at = excluded.starts_at
    WHERE held.starts_at < excluded.starts_at OR held.used + excluded.used <= :limit
    RETURNING used
""")


@dataclass(slots=True)
class Portion:
    """What this process may still spend of a key's window, and what was left to all when it was leased."""

    window: int
    left: int
    others_left: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands, for the RateLimit headers."""

    limit: int
    remaining: int
    resets_in: int

    def headers(self) -> dict[str, str]:
        """The RateLimit fields."""
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"client";r={self.remaining};t={self.resets_in}',
        }


class Limiter:
    """Counts what keys spend in the present minute."""

    def __init__(self, sessions: Sessions, limit: int) -> None:
        self._sessions = sessions
        self._limit = limit
        self._portion = max(1, limit // PORTIONS)
        self._held: MutableMapping[str, Portion] = {}
        self._leasing = asyncio.Lock()

    async def take(self, key: str) -> Standing | None:
        """Spend one of the key's requests; QuotaExceeded when none is left. None: there is no limit."""
        if not self._limit:
            return None
        window, resets_in = this_window()
        held = self._current(key, window)
        if held is None:
            # One lease at a time: requests that arrive together share a portion, they do not take one each.
            async with self._leasing:
                held = self._current(key, window) or await self._lease(key, window, resets_in)
                held.left -= 1
        else:
            held.left -= 1
        return Standing(self._limit, held.left + held.others_left, resets_in)

    def _current(self, key: str, window: int) -> Portion | None:
        held = self._held.get(key)
        return held if held is not None and held.window == window and held.left > 0 else None

    async def _lease(self, key: str, window: int, resets_in: int) -> Portion:
        values = {"key": key, "window": window, "portion": self._portion, "limit": self._limit}
        async with transaction(self._sessions) as session:
            used = await session.scalar(LEASE, values)
        if used is None:
            standing = Standing(self._limit, 0, resets_in)
            raise QuotaExceeded(resets_in, standing.headers())
        if len(self._held) >= MOST_KNOWN:
            self._held.clear()
        self._held[key] = Portion(window, self._portion, self._limit - used)
        return self._held[key]


def this_window() -> tuple[int, int]:
    """The present minute's number, and the seconds until the next."""
    seconds = time.time()
    return int(seconds // WINDOW_SECONDS), WINDOW_SECONDS - int(seconds % WINDOW_SECONDS)


async def forget(session: AsyncSession) -> None:
    """Delete the counts of minutes that are over."""
    window, _ = this_window()
    await session.execute(delete(RateWindow).where(col(RateWindow.starts_at) < window - 1))
