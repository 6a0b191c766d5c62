"""Statements over consolidated reports; each starts at `visible`."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.reports.consolidated_models import ConsolidatedReport, ConsolidatedState
from app.trail.models import Event

ISSUED = [ConsolidatedState.acknowledged.value, ConsolidatedState.directed.value]


def visible(actor: Actor) -> SelectOfScalar[ConsolidatedReport]:
    """Its maker's and of those who read all; everybody's once the People's Committee has taken note."""
    r = ConsolidatedReport
    issued = or_(*(col(r.state) == state for state in ISSUED))
    return select(r).where(true() if actor.reads_all else or_(col(r.agency_id) == actor.agency_id, issued))


def one(actor: Actor, id: UUID) -> SelectOfScalar[ConsolidatedReport]:
    """One consolidated report, if the actor may know about it."""
    return visible(actor).where(ConsolidatedReport.id == id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about the consolidated reports that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(ConsolidatedReport.id)))
