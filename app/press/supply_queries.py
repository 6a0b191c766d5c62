"""Statements over supplied information; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, or_, true
from sqlalchemy.dialects.postgresql import array
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.press.supply_models import InformationSupply
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[InformationSupply]:
    """One's own, what one's press body was given, and all for those who read all."""
    given = col(InformationSupply.press_body_ids).contains(array([cast(actor.agency_id, Uuid)]))
    own = or_(col(InformationSupply.agency_id) == actor.agency_id, given)
    return select(InformationSupply).where(true() if actor.reads_all else own)


def one(actor: Actor, id: UUID) -> SelectOfScalar[InformationSupply]:
    """One, if the actor may know about it."""
    return visible(actor).where(InformationSupply.id == id)


def kept(actor: Actor, id: UUID) -> SelectOfScalar[InformationSupply]:
    """One with its history: its own agency's, and theirs who read all."""
    own = col(InformationSupply.agency_id) == actor.agency_id
    return one(actor, id).where(true() if actor.reads_all else own)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about supplied information that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(InformationSupply.id)))
