"""Reading the log: the events an actor may know of, in sealed order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ColumnElement, Integer, Text, Uuid, and_, any_, bindparam, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from app.access.actor import Actor
from app.kit import meters
from app.kit.clock import Instant, now
from app.kit.driver import Statement
from app.kit.problems import CursorExpired
from app.kit.reader import Reader
from app.kit.reads import MOST_COMPILED
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
    on_behalf_of: EventAgency | None = Field(
        None, description="The agency in whose name it acted: one without a system of its own, as a rule null."
    )
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

    def asked(self) -> dict[str, Any]:
        """What narrows the feed, by its name in `ASKED`."""
        return {name: value for name in ASKED if (value := getattr(self, name))}


ASKED: Mapping[str, ColumnElement[bool]] = {
    "types": col(Event.type) == any_(bindparam("types", type_=ARRAY(Text))),
    "resource": col(Event.resource_type) == bindparam("resource", type_=Text),
    "resource_id": col(Event.resource_id) == bindparam("resource_id", type_=Uuid),
    "agency": col(Event.agency_id) == bindparam("agency", type_=Uuid),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the log found."""

    bodies: Sequence[str]
    last_sequence: int
    more: bool

    def page(self) -> str:
        """An `EventPage`, of the bodies as they were frozen."""
        items, more = ",".join(self.bodies), "true" if self.more else "false"
        return f'{{"items":[{items}],"last_sequence":{self.last_sequence},"more":{more}}}'


class Feed:
    """Reads the log, by statements that are compiled once for all callers and questions of a shape."""

    def __init__(self, sights: Sights) -> None:
        self._sights = sights
        self._statement = lru_cache(MOST_COMPILED)(self._compile)

    async def look(self, reader: Reader, actor: Actor, wanted: Wanted) -> Look:
        """The next events for an actor, and how far the log was looked at.

        CursorExpired: what came next was pruned, or the log ends before it, as after a restore from an older backup.
        """
        asked = wanted.asked()
        place = {"after": wanted.after, "limit": wanted.limit, "scanned": SCANNED}
        values = {**place, "actor_agency": actor.agency_id, "moment": now()}
        rows = await reader.rows(self._statement(actor.shape, frozenset(asked)), values | asked)
        first, head = rows[0][:2]
        if wanted.after > head or 0 < wanted.after < first - 1:
            raise CursorExpired
        found = [(sequence, body) for _, _, sequence, body in rows if sequence is not None]
        until = min(head, max(wanted.after, first - 1) + SCANNED)
        last = found[-1][0] if len(found) == wanted.limit else until
        return Look([body for _, body in found], last, last < head)

    def _compile(self, shape: Actor, asked: frozenset[str]) -> Statement:
        meters.built("statement")
        sequence = col(Ledger.sequence)
        after, scanned = (bindparam(name, type_=BigInteger) for name in ("after", "scanned"))
        # In one statement with the rows: what is sealed after this is not claimed to have been looked at.
        first, head = (func.coalesce(end, 0) for end in (func.min(sequence), func.max(sequence)))
        ends = select(first.label("first"), head.label("head")).cte("ends")
        found = (
            select(sequence, col(Ledger.body))
            .join(Event, col(Event.id) == col(Ledger.event_id))
            .where(sequence > after, sequence <= func.greatest(after, ends.c.first - 1) + scanned)
            .where(seen(shape, self._sights), *(ASKED[name] for name in asked))
            .order_by(sequence)
            .limit(bindparam("limit", type_=Integer))
            .lateral("found")
        )
        rows = select(ends.c.first, ends.c.head, found.c.sequence, found.c.body)
        return Statement(rows.select_from(ends.outerjoin(found, true())).order_by(found.c.sequence))
