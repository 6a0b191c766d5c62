"""Statements over press products; each starts at `visible`."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.obligations.queries import for_all
from app.press.supply_models import PressProduct


def visible(_: Actor) -> SelectOfScalar[PressProduct]:
    """What is published is for everybody, and for good: nobody loses sight of it."""
    return select(PressProduct)


def one(actor: Actor, id: UUID) -> SelectOfScalar[PressProduct]:
    """One."""
    return visible(actor).where(PressProduct.id == id)


sight = for_all
"""Everybody may know of them."""
