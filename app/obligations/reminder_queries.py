"""Statements over reminders; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.obligations.models import Reminder


def visible(actor: Actor) -> SelectOfScalar[Reminder]:
    """The reminders this actor may know about: those to its own agency, or all."""
    return select(Reminder).where(true() if actor.reads_all else col(Reminder.agency_id) == actor.agency_id)


def one(actor: Actor, id: UUID) -> SelectOfScalar[Reminder]:
    """One reminder, if the actor may know about it."""
    return visible(actor).where(Reminder.id == id)
