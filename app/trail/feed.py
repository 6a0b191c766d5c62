"""Reading the log: the events an actor may know of, in sealed order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic_core import from_json
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.kit.clock import Instant
from app.kit.problems import CursorExpired
from app.trail.models import Event, Ledger

SCANNED = 5000
"""Numbers that one look goes through at most: who may see little of a long log does not read all of it at once."""

Sight = Callable[[Actor], ColumnElement[bool]]
"""Which events about one kind of resource an actor may know of, as a condition on `Event`."""
Sights = Mapping[str, Sight]


def seen(actor: Actor, sights: Sights) -> ColumnElement[bool]:
    """The condition for every event this actor may know of."""
    return or_(*(and_(col(Event.resource_type) == kind, sight(actor)) for kind, sight in sights.items()))


def own_or_all(actor: Actor) -> ColumnElement[bool]:
    """The plain rule: what concerns one's own agency; everything for those who read all."""
    return col(Event.agency_id).is_not(None) if actor.reads_all else col(Event.agency_id) == actor.agency_id


class EventAgency(BaseModel):
    """An agency, with its name at the time."""

    id: str = Field(max_length=36)
    name: str = Field(max_length=300)


class EventResource(BaseModel):
    """The resource an event is about; fetch `url`, where there is one, with one's own token."""

    type: str = Field(max_length=64)
    id: str = Field(max_length=36)
    version: int = Field(ge=0)
    url: str | None = Field(max_length=2000)


class EventData(BaseModel):
    """What happened, without any content of the resource."""

    event_id: str = Field(
        max_length=36, description="Also the `webhook-id`: the same in every retry, poll and webhook."
    )
    sequence: int = Field(ge=1, description="Place in the log: without gaps over all events, in order of commit.")
    test: bool = Field(description="True for a test delivery.")
    resource: EventResource
    agency: EventAgency | None = Field(description="The agency the resource belongs to.")
    actor: EventAgency | None = Field(description="The agency that acted; null for the operator.")
    period: str | None = Field(max_length=32)
    state: str | None = Field(max_length=32)
    previous_state: str | None = Field(max_length=32)
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.")
    feed: str = Field(max_length=2000, description="Where to read on from just before this event.")


class EventBody(BaseModel):
    """One event, exactly as webhooks carry it."""

    type: str = Field(max_length=64, examples=["plan.submitted"])
    timestamp: Instant
    data: EventData


class EventPage(BaseModel):
    """Events after a sequence; ask again with `after=last_sequence`."""

    items: list[dict[str, Any]] = Field(
        max_length=200, json_schema_extra={"items": {"$ref": "#/components/schemas/EventBody"}}
    )
    last_sequence: int = Field(ge=0, description="Everything up to here has been looked at for this caller.")
    more: bool = Field(description="The log goes on: ask again at once, even where `items` is short or empty.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for: those after a sequence, and of them these (None: any)."""

    after: int = 0
    limit: int = 50
    types: list[str] | None = None
    resource: str | None = None
    resource_id: UUID | None = None
    agency: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What narrows the feed."""
        said = {"resource_type": self.resource, "resource_id": self.resource_id, "agency_id": self.agency}
        found = [getattr(Event, name) == value for name, value in said.items() if value is not None]
        return [*found, col(Event.type).in_(self.types)] if self.types else found


async def read_feed(session: AsyncSession, actor: Actor, sights: Sights, wanted: Wanted) -> EventPage:
    """The next events for an actor, and how far the log was looked at.

    CursorExpired: what came next was pruned, or the log ends before it, as after a restore from an older backup.
    """
    # Read first: what is sealed later than this is not claimed to have been looked at.
    ends = await session.execute(select(func.min(Ledger.sequence), func.max(Ledger.sequence)))
    first, head = (end or 0 for end in ends.one())
    if wanted.after > head or 0 < wanted.after < first - 1:
        raise CursorExpired
    until = min(head, max(wanted.after, first - 1) + SCANNED)
    statement = (
        select(Ledger.sequence, Ledger.body)
        .join(Event, col(Event.id) == col(Ledger.event_id))
        .where(col(Ledger.sequence) > wanted.after, col(Ledger.sequence) <= until, seen(actor, sights))
        .where(*wanted.conditions())
        .order_by(col(Ledger.sequence))
        .limit(wanted.limit)
    )
    rows = (await session.execute(statement)).all()
    last = rows[-1][0] if len(rows) == wanted.limit else until
    return EventPage(items=[from_json(body) for _, body in rows], last_sequence=last, more=last < head)
