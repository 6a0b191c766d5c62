"""Statements over invitations; each starts at `visible`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, cast, or_, true
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.press.event_models import EventState, PressEvent
from app.press.invitation_models import PressInvitation
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[PressInvitation]:
    """Those to the events that the actor's agency hosts; its own as a guest, once the event is announced."""
    return select(PressInvitation).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.reads_all:
        return true()
    agency = array([cast(actor.agency_id, Uuid)])
    mine = or_(col(PressEvent.agency_id) == actor.agency_id, col(PressEvent.host_ids).contains(agency))
    hosted = select(PressEvent.id).where(mine)
    announced = select(PressEvent.id).where(PressEvent.state != EventState.draft)
    return or_(
        col(PressInvitation.press_event_id).in_(hosted),
        and_(
            col(PressInvitation.agency_id) == actor.agency_id,
            col(PressInvitation.press_event_id).in_(announced),
        ),
    )


def one(actor: Actor, id: UUID) -> SelectOfScalar[PressInvitation]:
    """One, if the actor may know about it."""
    return visible(actor).where(PressInvitation.id == id)


def of_events(actor: Actor, ids: Sequence[UUID]) -> SelectOfScalar[PressInvitation]:
    """Those to these events."""
    found = visible(actor).where(col(PressInvitation.press_event_id).in_(ids))
    return found.order_by(col(PressInvitation.id))


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about invitations that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(PressInvitation.id)))
