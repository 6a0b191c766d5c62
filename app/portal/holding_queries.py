"""Statements over private feeds; each starts at `visible`: one's own agency's, nobody else's."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.portal.models import PressFeed
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[PressFeed]:
    """The private feeds of the actor's own agency, whoever else reads all."""
    return select(PressFeed).where(PressFeed.agency_id == actor.agency_id)


def one(actor: Actor, id: UUID) -> SelectOfScalar[PressFeed]:
    """One private feed of one's own."""
    return visible(actor).where(PressFeed.id == id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about private feeds that the actor may know of: its own agency's."""
    return col(Event.agency_id) == actor.agency_id
