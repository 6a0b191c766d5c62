"""Who is connected and what is awaited of each, so that whoever keeps us waiting makes room for those who do not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol


class Stage(IntEnum):
    """What a connection is waiting for, in the order in which connections make room for others."""

    leaving = 0
    """Nothing more: its last answer is on its way out."""
    unread = 1
    """That the client reads what it was answered."""
    head = 2
    """The rest of a request's head."""
    idle = 3
    """Another request."""
    body = 4
    """The rest of a request's body."""
    served = 5
    """Our answer: such a connection is never closed for another one's sake."""


class Member(Protocol):
    """One connection."""

    def make_room(self) -> None:
        """Close it, for another one."""
        ...

    def leave(self) -> None:
        """Close it in good order."""
        ...


class Crowd:
    """The connections of one process, at most `limit`; of each stage the longest waiting first."""

    def __init__(self, limit: int, unread: int = 67_108_864) -> None:
        self._limit = limit
        self._most_unread = unread
        self._unread: dict[Member, int] = {}
        self._burden = 0
        self._stages: dict[Stage, dict[Member, None]] = {stage: {} for stage in Stage}
        self._stage_of: dict[Member, Stage] = {}

    def __len__(self) -> int:
        return len(self._stage_of)

    def admit(self, member: Member) -> bool:
        """Let a new connection in, if need be in the place of one that keeps us waiting."""
        if len(self) >= self._limit:
            waiting = next((found for stage in list(Stage)[:-1] for found in self._stages[stage]), None)
            if waiting is None:
                return False
            self.remove(waiting)
            waiting.make_room()
        self.move(member, Stage.head)
        return True

    def move(self, member: Member, stage: Stage) -> None:
        """Note what a connection waits for now; moved to where it is already, it keeps its place."""
        before = self._stage_of.get(member)
        if before is not stage:
            if before is not None:
                del self._stages[before][member]
            self._stages[stage][member] = None
            self._stage_of[member] = stage

    def burden(self, member: Member, size: int) -> None:
        """Note how many bytes a member has yet to read; of too many in all, the longest unread are given up."""
        self.relieve(member)
        self._unread[member] = size
        self._burden += size
        while self._burden > self._most_unread and len(self._unread) > 1:
            longest = next(iter(self._unread))
            self.remove(longest)
            longest.make_room()

    def relieve(self, member: Member) -> None:
        """Note that a member has read what it was sent."""
        self._burden -= self._unread.pop(member, 0)

    def remove(self, member: Member) -> None:
        """Forget a connection."""
        self.relieve(member)
        stage = self._stage_of.pop(member, None)
        if stage is not None:
            del self._stages[stage][member]


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a sender may take, in seconds, and what all connections of the process share."""

    crowd: Crowd
    base_url: str
    headers: Mapping[str, str]
    """What every answer carries."""
    head: float = 10.0
    body: float = 60.0
    grace: float = 10.0
    """How long a body may take at least, however slow."""
    rate: float = 1_024.0
    """Beyond the grace: bytes a second, on average."""
    reading: float = 60.0
    """How long a client may leave an answer unread, or read it more slowly than the rate."""
    leaving: float = 2.0
    """After a last answer: how long we listen to what is still being sent, so that a reset does not overtake it."""
    leaving_bytes: int = 1_048_576
    queued: int = 16
    """Requests sent before the first is answered; nobody pipelines but to exhaust us."""
    framing: int = 1_048_576
    """Bytes that a chunked body may spend on sizes, extensions and trailers."""


class Door:
    """The transport as the protocol sees it: to close it is to leave in good order."""

    def __init__(self, transport: asyncio.Transport, member: Member) -> None:
        self._transport, self._member = transport, member

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        """Close it once everything is sent and nobody is cut short."""
        self._member.leave()


class Patience:
    """With a client that does not read: whoever reads at the least rate may go on reading."""

    def __init__(self, transport: asyncio.Transport, rules: Rules) -> None:
        self._transport, self._rules = transport, rules
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Give the client its time."""
        self.end()
        before = self._transport.get_write_buffer_size()
        self._timer = asyncio.get_running_loop().call_later(self._rules.reading, self._look, before)

    def end(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, before: int) -> None:
        if before - self._transport.get_write_buffer_size() < self._rules.reading * self._rules.rate:
            self._transport.abort()
        else:
            self.begin()
