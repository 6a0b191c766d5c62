"""Statements over guidance of the press; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, or_, true
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.press.guidance_models import PressGuidance
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[PressGuidance]:
    """Its writer's, its addressees' and of those who read all: never public, nor for hosts and guests of the event."""
    # Nobody loses sight of it: it is never deleted, its addressees never change, and the withdrawn stays readable.
    agency = array([cast(actor.agency_id, Uuid)])
    addressed = col(PressGuidance.addressee_ids).contains(agency)
    own = or_(col(PressGuidance.agency_id) == actor.agency_id, addressed)
    return select(PressGuidance).where(true() if actor.reads_all else own)


def one(actor: Actor, id: UUID) -> SelectOfScalar[PressGuidance]:
    """One, if the actor may know about it."""
    return visible(actor).where(PressGuidance.id == id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about guidance that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(PressGuidance.id)))
