"""Statements over series; each starts at `visible`."""

from sqlalchemy import ColumnElement, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.press.series_models import PressSeries
from app.trail.feed import own_or_all


def visible(actor: Actor) -> SelectOfScalar[PressSeries]:
    """One's own, and all for those who read all: others see the occurrences, once each is announced."""
    # Nobody loses sight of one: it is never deleted, and never another's.
    return select(PressSeries).where(true() if actor.reads_all else col(PressSeries.agency_id) == actor.agency_id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about series: one's own; all for those who read all."""
    return own_or_all(actor)
