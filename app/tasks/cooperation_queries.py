"""Statements over requests to cooperate; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.tasks.models import Cooperation
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[Cooperation]:
    """The requests to cooperate an actor may know about: those to its agency, and those on the tasks it leads."""
    c = Cooperation
    mine = or_(col(c.agency_id) == actor.agency_id, col(c.lead_agency_id) == actor.agency_id)
    return select(c).where(true() if actor.reads_all else mine)


def one(actor: Actor, id: UUID) -> SelectOfScalar[Cooperation]:
    """One request to cooperate, if the actor may know about it."""
    return visible(actor).where(Cooperation.id == id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about the requests to cooperate that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(Cooperation.id)))
