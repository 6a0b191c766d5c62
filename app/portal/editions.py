"""What is public, built once and answered many times.

An edition is the bytes of one answer. It stands until a topic it is made of has another version, or until the first
instant at which the clock alone changes it: the end of an embargo, of an event, of the day.
"""

import asyncio
import gzip
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2s
from typing import Any
from weakref import WeakValueDictionary

from fastapi import Request, Response

from app.kit.clock import now
from app.kit.problems import Unavailable
from app.kit.reader import Reader
from app.portal.standing import Standing

MOST_SECONDS = 60
"""How long anybody may keep a public answer without asking again."""
MOST_KEPT, MOST_BYTES = 1_000, 16_777_216
AT_ONCE = 3
"""Builds under way in one process: who asks without a token never takes the whole pool of connections."""
PATIENCE_SECONDS = 5.0
SMALLEST_PACKED = 1_000
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Built:
    """The bytes of an answer, and what the clock does to them: when it last changed them, and when it next will."""

    body: bytes
    media_type: str
    since: datetime
    until: datetime
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """What was built, of which versions, and what is said of it to caches."""

    built: Built
    packed: bytes | None
    versions: tuple[int, ...]
    digest: str
    modified: datetime

    @property
    def size(self) -> int:
        """How much memory it takes, about."""
        return len(self.built.body) + len(self.packed or b"")


Build = Callable[[datetime], Awaitable[Built]]


class Editions:
    """The editions of one process, the least asked for given up first; `builds` counts them by topic."""

    def __init__(self, reader: Reader) -> None:
        self.standing = Standing(reader)
        self.builds: Counter[str] = Counter()
        self._kept: OrderedDict[str, Edition] = OrderedDict()
        self._size = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._building = asyncio.Semaphore(AT_ONCE)

    async def edition(self, topics: Sequence[str], key: str, build: Build) -> Edition:
        """The edition that stands now; of many who ask for the same one, one builds it."""
        found = await self._standing(topics, key)
        if found is not None:
            return found
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            return await self._standing(topics, key) or await self._build(topics, key, build)

    async def _standing(self, topics: Sequence[str], key: str) -> Edition | None:
        marks = await self.standing.fresh()
        found = self._kept.get(key)
        if found is None or found.versions != tuple(marks[topic].version for topic in topics):
            return None
        if not found.built.since <= now() < found.built.until:
            return None
        self._kept.move_to_end(key)
        return found

    async def _build(self, topics: Sequence[str], key: str, build: Build) -> Edition:
        # The versions are looked at before the rows: what is built is never older than they say.
        marks = await self.standing.fresh()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._building.acquire()
        except TimeoutError as error:
            raise Unavailable from error
        try:
            built = await build(now())
        finally:
            self._building.release()
        self.builds[topics[0]] += 1
        made = Edition(
            built,
            gzip.compress(built.body, mtime=0) if len(built.body) >= SMALLEST_PACKED else None,
            tuple(marks[topic].version for topic in topics),
            blake2s(built.body, digest_size=12).hexdigest(),
            max(built.since, *(marks[topic].changed_at for topic in topics)),
        )
        self._keep(key, made)
        return made

    def _keep(self, key: str, made: Edition) -> None:
        before = self._kept.pop(key, None)
        self._kept[key] = made
        self._size += made.size - (before.size if before else 0)
        while len(self._kept) > MOST_KEPT or (self._size > MOST_BYTES and len(self._kept) > 1):
            _, given_up = self._kept.popitem(last=False)
            self._size -= given_up.size


def answer(request: Request, edition: Edition, *, everybodys: bool = True) -> Response:
    """An edition as it goes out; `everybodys`: caches on the way may keep it, too."""
    moment = now()
    packed = edition.packed if edition.packed and _takes_gzip(request) else None
    tag = f'"{edition.digest}-gzip"' if packed else f'"{edition.digest}"'
    vary = ", ".join(filter(None, (edition.built.headers.get("Vary"), "Accept-Encoding")))
    headers = {**edition.built.headers, "ETag": tag, "Vary": vary}
    if packed:
        headers["Content-Encoding"] = "gzip"
    if everybodys:
        left = int((edition.built.until - moment).total_seconds())
        headers["Cache-Control"] = f"public, max-age={max(0, min(MOST_SECONDS, left))}"
        # Within the second in which something changed, it may change again, and the date would not tell.
        modified = edition.modified.astimezone(UTC).replace(microsecond=0)
        if modified + SECOND <= moment:
            headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    return Response(packed or edition.built.body, headers=headers, media_type=edition.built.media_type)


def _takes_gzip(request: Request) -> bool:
    offered = ",".join(request.headers.getlist("accept-encoding")).lower().split(",")[:20]
    for part in offered:
        coding, _, weight = part.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def key_of(request: Request, *parts: Any) -> str:
    """What an edition is kept under: the path and everything that was asked for."""
    return "\n".join([request.url.path, *map(str, parts)])
