"""Reading the log: the events an actor may know of, in sealed order."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from pydantic_core import from_json
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.kit.clock import Instant
from app.kit.db import SessionDep
from app.kit.problems import InsufficientScope, InvalidParameter, InvalidToken, problems
from app.kit.routing import Route
from app.trail.models import Event, Ledger

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


TypeName = Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+\.[a-z_]+$")]

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Route)


@router.get("", responses=problems(InvalidParameter, InvalidToken, InsufficientScope))
async def list_events(
    request: Request,
    actor: Annotated[Actor, needs(Scope.events_read)],
    session: SessionDep,
    after: Annotated[
        int, Query(ge=0, le=2**53, description="Sequence of the last event already read; 0: from the start.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    type: Annotated[list[TypeName] | None, Query(max_length=50, description="Only these event types.")] = None,
) -> EventPage:
    """Read the log of events that the caller may know of, in the order of their commit.

    The same events, with the same ids, are sent by webhooks: a receiver that was down reads here what it missed.
    """
    return await read_feed(session, actor, request.app.state.sights, after, limit, type)


async def read_feed(
    session: AsyncSession, actor: Actor, sights: Sights, after: int, limit: int, types: list[str] | None
) -> EventPage:
    """The next events for an actor, and how far the log was looked at."""
    # Read first: what is sealed later than this is not claimed to have been looked at.
    head = await session.scalar(select(func.max(Ledger.sequence))) or 0
    statement = (
        select(Ledger.sequence, Ledger.body)
        .join(Event, col(Event.id) == col(Ledger.event_id))
        .where(col(Ledger.sequence) > after, col(Ledger.sequence) <= head, seen(actor, sights))
        .order_by(col(Ledger.sequence))
        .limit(limit)
    )
    if types:
        statement = statement.where(col(Event.type).in_(types))
    rows = (await session.execute(statement)).all()
    # Never beyond the head: after a restore from a backup a reader may stand further on than the log does.
    last = rows[-1][0] if len(rows) == limit else head
    return EventPage(items=[from_json(body) for _, body in rows], last_sequence=last)
