"""Statements over plans; each starts at `visible`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, cast, or_, true
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.submission import SubmissionState
from app.plans.models import Plan, PlanTask
from app.trail.feed import own_or_all
from app.trail.models import Event

SHARED = [SubmissionState.accepted.value, SubmissionState.consolidated.value]
"""In which a plan that is shareable is everybody's to read."""


def visible(actor: Actor) -> SelectOfScalar[Plan]:
    """The plans this actor may know about. Every other statement of this room starts here."""
    return select(Plan).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.reads_all:
        return true()
    asked = select(PlanTask.plan_id).where(
        col(PlanTask.cooperating_agency_ids).contains(array([cast(actor.agency_id, Uuid)]))
    )
    return or_(
        col(Plan.agency_id) == actor.agency_id,
        and_(col(Plan.state) != SubmissionState.draft, col(Plan.id).in_(asked)),
        and_(or_(*(col(Plan.state) == state for state in SHARED)), col(Plan.shareable)),
    )


def tasks(plan_ids: Sequence[UUID]) -> SelectOfScalar[PlanTask]:
    """The tasks of plans that were found through `visible`, in their order."""
    # One array: the text of the statement does not depend on how many there are.
    of_them = col(PlanTask.plan_id) == any_(cast(plan_ids, ARRAY(Uuid)))
    return select(PlanTask).where(of_them).order_by(col(PlanTask.position))


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about plans that the actor may know of; what happened to deleted drafts stays with their agency."""
    return or_(own_or_all(actor), col(Event.resource_id).in_(visible(actor).with_only_columns(col(Plan.id))))
