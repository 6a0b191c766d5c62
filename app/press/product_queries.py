"""Statements over press products; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.press.supply_models import PressProduct
from app.trail.models import Event


def visible(_: Actor) -> SelectOfScalar[PressProduct]:
    """What is published is for everybody."""
    return select(PressProduct)


def one(actor: Actor, id: UUID) -> SelectOfScalar[PressProduct]:
    """One."""
    return visible(actor).where(PressProduct.id == id)


def sight(_: Actor) -> ColumnElement[bool]:
    """Everybody may know of them."""
    return col(Event.id).is_not(None)
