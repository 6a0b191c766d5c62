"""Statements over records; each starts at `visible`."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, any_, literal, or_, true
from sqlalchemy import cast as typed
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.press.event_models import PressEvent
from app.press.event_queries import visible as visible_events
from app.records.kinds import KINDS
from app.records.models import Record, RecordContribution
from app.tasks.models import AssignedTask
from app.tasks.queries import visible as visible_tasks
from app.trail.feed import own_or_all
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[Record]:
    """The records this actor may know about. Every other statement of this room starts here."""
    return select(Record).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    shared = [f"{kind.name}:{state}" for kind in KINDS.values() for state in sorted(kind.shares(actor.functions))]
    standing = col(Record.kind).concat(":").concat(col(Record.state))
    return or_(_within(actor), standing == any_(literal(shared, ARRAY(Text))))


def _within(actor: Actor) -> ColumnElement[bool]:
    return within(typed(actor.agency_id, Uuid), literal(reading(actor.functions), ARRAY(Text)))


def within(agency: Any, kinds: ColumnElement[Any]) -> ColumnElement[bool]:
    """It is the agency's own, of a kind that it reads by function, or names it: not only shared with it."""
    own, naming = col(Record.agency_id) == agency, col(Record.reader_ids).contains(array([agency]))
    return or_(own, col(Record.kind) == any_(kinds), naming)


def reading(functions: frozenset[str]) -> list[str]:
    """The kinds of which the holders of these functions read every record."""
    return [kind.name for kind in KINDS.values() if not kind.reading.isdisjoint(functions)]


def is_public() -> ColumnElement[bool]:
    """Everybody may know of it, with or without a token."""
    return col(Record.public) == true()


def one(actor: Actor, id: UUID) -> SelectOfScalar[Record]:
    """One record, if the actor may know about it."""
    return visible(actor).where(Record.id == id)


def kept(actor: Actor, id: UUID) -> SelectOfScalar[Record]:
    """One with its history: its own agency's, and theirs who read all."""
    return one(actor, id).where(true() if actor.reads_all else col(Record.agency_id) == actor.agency_id)


def external(actor: Actor, agency_id: UUID, source: str, external_id: str) -> SelectOfScalar[Record]:
    """An agency's live one with its own key."""
    return visible(actor).where(
        Record.agency_id == agency_id,
        Record.source == source,
        Record.external_id == external_id,
        Record.state != "withdrawn",
    )


def merged(actor: Actor, id: UUID) -> SelectOfScalar[Record]:
    """The records that another one goes on for."""
    return visible(actor).where(Record.merged_into_id == id).order_by(col(Record.id))


def linkable(actor: Actor) -> Mapping[str, Select[UUID]]:
    """By type, the ids of what the actor may link to: whatever it may know of."""
    return {
        "record": visible(actor).with_only_columns(col(Record.id)),
        "plan_task": visible_tasks(actor).with_only_columns(col(AssignedTask.id)),
        "press_event": visible_events(actor).with_only_columns(col(PressEvent.id)),
    }


def linked(actor: Actor, type: str, id: UUID) -> Select[UUID]:
    """What a link is to lead to, if the actor may know of it."""
    known = linkable(actor)[type]
    return known.where(known.selected_columns[0] == id)


def contributions(actor: Actor, id: UUID) -> SelectOfScalar[RecordContribution]:
    """What was added to a record, but for those with whom it is only shared; a link for who knows of its other end."""
    c, ends = RecordContribution, linkable(actor)
    known = (and_(col(c.linked_type) == type, col(c.linked_id).in_(ids.correlate(None))) for type, ids in ends.items())
    told = or_(col(c.linked_id).is_(None), *known)
    known_to = one(actor, id).join(c, col(c.record_id) == col(Record.id)).where(_within(actor), told)
    return cast("SelectOfScalar[RecordContribution]", known_to.with_only_columns(c))


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about records that the actor may know of; those of a deleted draft stay with its agency."""
    return or_(own_or_all(actor), col(Event.resource_id).in_(visible(actor).with_only_columns(col(Record.id))))
