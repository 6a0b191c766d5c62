"""Which version of each public topic stands: half a second old at most, whatever is asked."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from app.kit.driver import Statement
from app.kit.reader import Reader
from app.portal.models import PublicVersion

STALE_SECONDS = 0.5
_LOOK = Statement(select(col(PublicVersion.topic), col(PublicVersion.version), col(PublicVersion.changed_at)))


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one topic stands: its version, and when what everybody may know of last changed."""

    version: int
    changed_at: datetime


class Standing:
    """A handful of rows, looked at when somebody asks and the last look is old; polls in between cost nothing."""

    def __init__(self, reader: Reader, stale: float = STALE_SECONDS) -> None:
        self._reader = reader
        self.stale = stale
        self._marks: Mapping[str, Mark] = {}
        self._looked = float("-inf")
        self._one = asyncio.Lock()

    async def fresh(self) -> Mapping[str, Mark]:
        """The mark of every topic."""
        asked = time.monotonic()
        if asked - self._looked > self.stale:
            async with self._one:
                if self._looked <= asked:  # nobody else looked while this one waited
                    began = time.monotonic()
                    rows = await self._reader.rows(_LOOK, {})
                    self._marks = {topic: Mark(version, changed_at) for topic, version, changed_at in rows}
                    self._looked = began
        return self._marks
