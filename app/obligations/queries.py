"""Statements over obligations; each starts at `visible`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, true
from sqlmodel import col, exists, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.models import FocalPoint
from app.obligations.models import Disposition, Obligation
from app.obligations.models import ObligationState as S
from app.trail.feed import own_or_all
from app.trail.models import Event

SETTLED = (Disposition.waived, Disposition.lapsed, Disposition.nil_return, Disposition.accepted)


def visible(actor: Actor) -> SelectOfScalar[Obligation]:
    """The obligations this actor may know about. Every other statement of this room starts here."""
    return select(Obligation).where(true() if actor.reads_all else col(Obligation.agency_id) == actor.agency_id)


def one(actor: Actor, id: UUID) -> SelectOfScalar[Obligation]:
    """One obligation, if the actor may know about it."""
    return visible(actor).where(Obligation.id == id)


def named(actor: Actor, ids: list[UUID]) -> SelectOfScalar[Obligation]:
    """Several obligations."""
    return visible(actor).where(col(Obligation.id).in_(ids))


def missing(actor: Actor, duty: str, period: str, moment: datetime) -> SelectOfScalar[Obligation]:
    """What is due or overdue for a duty and a period."""
    asked = visible(actor).where(Obligation.duty == duty, Obligation.period_key == period)
    return asked.where(state_at(moment).in_([S.due, S.overdue]))


def state_at(moment: Any) -> ColumnElement[str]:
    """Where an obligation stands at a moment: what happened to it, and what the clock adds."""
    o = Obligation
    # What is watched all the time is met by what stands now, not by a submission.
    met = exists().where(col(FocalPoint.agency_id) == col(o.agency_id), col(FocalPoint.ended_at).is_(None))
    watched = col(o.state) == Disposition.watched
    return case(
        *((col(o.state) == settled, settled.value) for settled in SETTLED),
        (and_(watched, met), S.received_on_time.value),
        (watched, S.due.value),
        (and_(col(o.state) == Disposition.received, col(o.late).is_(True)), S.received_late.value),
        (col(o.state) == Disposition.received, S.received_on_time.value),
        (col(o.due_before) <= moment, S.overdue.value),
        (col(o.soon_at) <= moment, S.due.value),
        else_=S.not_due.value,
    )


def for_all(_: Actor) -> ColumnElement[bool]:
    """Every client may know of it."""
    return col(Event.id).is_not(None)


sight = own_or_all
"""The events about obligations and reminders: one's own; all for those who read all."""
