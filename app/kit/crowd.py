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
    head = 1
    """The rest of a request's head."""
    idle = 2
    """Another request."""
    body = 3
    """The rest of a request's body."""
    served = 4
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

    def __init__(self, limit: int) -> None:
        self._limit = limit
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

    def remove(self, member: Member) -> None:
        """Forget a connection."""
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
