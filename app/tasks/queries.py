"""Statements over assigned tasks; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.tasks.models import AssignedTask, Cooperation, CooperationState
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[AssignedTask]:
    """The tasks an actor may know about: those its agency leads, and those it is asked to cooperate on."""
    t, c = AssignedTask, Cooperation
    partner = select(c.task_id).where(c.agency_id == actor.agency_id, c.state != CooperationState.released)
    mine = or_(col(t.agency_id) == actor.agency_id, col(t.id).in_(partner))
    return select(t).where(true() if actor.reads_all else mine)


def one(actor: Actor, id: UUID) -> SelectOfScalar[AssignedTask]:
    """One task, if the actor may know about it."""
    return visible(actor).where(AssignedTask.id == id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about the tasks that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(AssignedTask.id)))
