"""Statements over press events; each starts at `visible`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, case, cast, false, func, or_, true
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow import reads
from app.flow.machine import Machine
from app.kit.clock import now
from app.kit.db import Timestamptz
from app.press.event_models import EventState, PressEvent, PressMaterial, PublicState, Visibility
from app.press.event_rules import PRESS
from app.press.invitation_models import PressInvitation
from app.trail.feed import own_or_all
from app.trail.models import Event

MOMENT: Any = bindparam("moment", type_=Timestamptz(), callable_=now)
"""The instant of the look, by the service's clock; a statement that is compiled once is given it as `moment`."""


def visible(actor: Actor) -> SelectOfScalar[PressEvent]:
    """The press events this actor may know about. Every other statement of this room starts here."""
    return select(PressEvent).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.reads_all:
        return true()
    invited = select(PressInvitation.press_event_id).where(PressInvitation.agency_id == actor.agency_id)
    told = and_(_unembargoed(), _meant_for(actor))
    announced = and_(col(PressEvent.state) != EventState.draft, or_(told, col(PressEvent.id).in_(invited)))
    return or_(hosting(actor), announced)


def hosting(actor: Actor) -> ColumnElement[bool]:
    """It is the actor's own, or names its agency as a host."""
    agency = array([cast(actor.agency_id, Uuid)])
    return or_(col(PressEvent.agency_id) == actor.agency_id, col(PressEvent.host_ids).contains(agency))


def _meant_for(actor: Actor) -> ColumnElement[bool]:
    press = col(PressEvent.visibility) == Visibility.press if PRESS in actor.functions else false()
    return or_(col(PressEvent.visibility) == Visibility.public, press)


def _unembargoed() -> ColumnElement[bool]:
    return or_(col(PressEvent.embargo_until).is_(None), col(PressEvent.embargo_until) <= MOMENT)


def is_public() -> ColumnElement[bool]:
    """Everybody may know of it by now, with or without a token."""
    announced = col(PressEvent.state) != EventState.draft
    return and_(announced, col(PressEvent.visibility) == Visibility.public, _unembargoed())


def public_state() -> ColumnElement[str]:
    """What the public sees of it now: what happened to it, and what the clock adds."""
    e = PressEvent
    return case(
        (~is_public(), PublicState.hidden.value),
        (col(e.state) == EventState.cancelled, PublicState.cancelled.value),
        (col(e.state) == EventState.postponed, PublicState.postponed.value),
        (
            or_(col(e.state) == EventState.held, col(e.state) == EventState.concluded, over() <= MOMENT),
            PublicState.past.value,
        ),
        else_=PublicState.upcoming.value,
    )


def one(actor: Actor, id: UUID) -> SelectOfScalar[PressEvent]:
    """One press event, if the actor may know about it."""
    return visible(actor).where(PressEvent.id == id)


def kept(actor: Actor, id: UUID) -> SelectOfScalar[PressEvent]:
    """One with its history: its own agency's, and theirs who read all."""
    return one(actor, id).where(true() if actor.reads_all else col(PressEvent.agency_id) == actor.agency_id)


def occurrences(actor: Actor, row: PressEvent) -> SelectOfScalar[PressEvent]:
    """The events of the same series, in their order."""
    return visible(actor).where(PressEvent.series_id == row.series_id).order_by(col(PressEvent.recurrence_id))


def materials(actor: Actor, id: UUID) -> Select[PressMaterial]:
    """The materials of one event that the actor may have by now, in their order."""
    behind = true() if actor.reads_all else hosting(actor)
    known = one(actor, id).join(PressMaterial).where(or_(behind, handed_out()))
    return known.with_only_columns(PressMaterial).order_by(col(PressMaterial.position))


def handed_out() -> ColumnElement[bool]:
    """Whoever knows of the event may have the material by now."""
    free = or_(col(PressMaterial.embargo_until).is_(None), col(PressMaterial.embargo_until) <= MOMENT)
    return and_(~col(PressMaterial.internal), free)


def planned() -> ColumnElement[Any]:
    """When it begins, or would have begun while it is postponed."""
    return func.coalesce(col(PressEvent.starts_at), col(PressEvent.postponed_from))


def over() -> ColumnElement[Any]:
    """When it is over."""
    return func.coalesce(col(PressEvent.ends_at), col(PressEvent.starts_at))


# How lists are narrowed to what begins from a day (its midnight) to a day (the midnight after it).
BETWEEN: Mapping[str, ColumnElement[bool]] = {
    "from": planned() >= bindparam("wanted_from", type_=Timestamptz()),
    "to": planned() < bindparam("wanted_to", type_=Timestamptz()),
}


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about press events that the actor may know of; those of a deleted draft stay with its agency."""
    return or_(own_or_all(actor), col(Event.resource_id).in_(visible(actor).with_only_columns(col(PressEvent.id))))


def values(machine: Machine, actor: Actor) -> Mapping[str, Any]:
    """The parameters of a statement that is compiled once."""
    return {**reads.values(machine, actor), "moment": now()}
