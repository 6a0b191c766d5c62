"""What a room declares of itself, so that nothing below has to look up to it; `app.rooms` lists the rooms."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.grants import Scope
from app.flow.machine import Machine
from app.kit.reads import Shape
from app.trail.feed import Sight
from app.trail.record import EventType

Attention = Callable[[AsyncSession], Awaitable[Mapping[str, int]]]
"""What of a room an operator should look at, by name, each with how many there are; shown by the probe."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a list shows a resource, to whom (a scope), and the parameters of its statements for an actor."""

    shape: Shape[Actor]
    scope: Scope
    values: Callable[[Actor], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of resource that events are about: where it is read, and which events about it an actor may know of.

    No path: it is not read through the API. No summary: a system that keeps a copy is not told of it.
    """

    path: str | None
    sight: Sight
    summary: Summary | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """One room: its operations, its procedures, what it tells of and to whom."""

    name: str
    routers: Sequence[APIRouter] = ()
    machines: Mapping[str, Machine] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    events: Sequence[EventType] = ()
    attention: Attention | None = None
