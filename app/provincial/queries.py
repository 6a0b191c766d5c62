"""Statements over plans of the province; each starts at `visible`."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, cast, false, func, or_, true
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.provincial.models import ProvincialPlan, ProvincialTask
from app.provincial.models import ProvincialState as S
from app.trail.feed import own_or_all
from app.trail.models import Event

PUBLISHED = (S.issued, S.amended, S.superseded, S.closed)


def visible(actor: Actor) -> SelectOfScalar[ProvincialPlan]:
    """The plans of the province this actor may know about. Every other statement of this room starts here."""
    return select(ProvincialPlan).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Its maker's, of those who read all, and from issue on everybody's; of agencies with a task in it once sent up."""
    if actor.reads_all:
        return true()
    state = col(ProvincialPlan.state)
    return or_(
        col(ProvincialPlan.agency_id) == actor.agency_id,
        or_(*(state == known for known in PUBLISHED)),
        and_(state != S.draft, col(ProvincialPlan.id).in_(_named(actor))),
    )


def _named(actor: Actor) -> Any:
    """The plans with a task that the actor's agency leads or cooperates on."""
    cooperating = col(ProvincialTask.cooperating_agency_ids).contains(array([cast(actor.agency_id, Uuid)]))
    return select(ProvincialTask.plan_id).where(or_(col(ProvincialTask.lead_agency_id) == actor.agency_id, cooperating))


def one(actor: Actor, id: UUID) -> SelectOfScalar[ProvincialPlan]:
    """One plan, if the actor may know about it."""
    return visible(actor).where(ProvincialPlan.id == id)


def built(actor: Actor, id: UUID) -> SelectOfScalar[ProvincialPlan]:
    """One with what it was built from: that is its maker's and of those who read all."""
    return one(actor, id).where(true() if actor.reads_all else col(ProvincialPlan.agency_id) == actor.agency_id)


def tasks(plan_id: UUID) -> SelectOfScalar[ProvincialTask]:
    """The tasks of a plan that was found through `visible`, in their order."""
    return select(ProvincialTask).where(ProvincialTask.plan_id == plan_id).order_by(col(ProvincialTask.position))


def in_force(day: Any) -> ColumnElement[bool]:
    """Whether a plan holds on a day: from its first day to the end of its last year, or until something ended it."""
    plan = ProvincialPlan
    after = func.make_date(col(plan.until_year) + 1, 1, 1)
    # PostgreSQL's LEAST passes over NULL.
    held = and_(col(plan.effective_from) <= day, func.least(col(plan.ended_on), after) > day)
    return func.coalesce(held, false())


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events the actor may know of; what happened to deleted drafts stays with their maker."""
    return or_(own_or_all(actor), col(Event.resource_id).in_(visible(actor).with_only_columns(col(ProvincialPlan.id))))
