"""Whose private feed an address leads to: known in memory, so that a guess never reaches PostgreSQL."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from app.kit.driver import Statement
from app.kit.reader import Reader
from app.portal.models import PressFeed
from app.portal.standing import Standing
from app.portal.texts import FeedLanguage

_ALL = Statement(
    select(
        col(PressFeed.digest), col(PressFeed.id), col(PressFeed.agency_id), col(PressFeed.name), col(PressFeed.language)
    )
)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Holder:
    """A private feed: whose it is, and how it is written."""

    id: UUID
    agency_id: UUID
    name: str
    language: FeedLanguage


class Holders:
    """The private feeds of all press bodies, as old as the version they were read at."""

    def __init__(self, reader: Reader, standing: Standing) -> None:
        self._reader, self._standing = reader, standing
        self._version = -1
        self._known: Mapping[bytes, Holder] = {}
        self._one = asyncio.Lock()

    async def of(self, secret: str) -> Holder | None:
        """The feed behind a secret; None when there is none, or it was revoked."""
        version = (await self._standing.fresh())["press_feed"].version
        if version != self._version:
            async with self._one:
                if version > self._version:
                    rows = await self._reader.rows(_ALL, {})
                    self._known = {digest: Holder(*facts) for digest, *facts in rows}
                    self._version = version
        return self._known.get(digest_of(secret))


def new_secret() -> str:
    """A secret that cannot be guessed, as an address has it."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()
