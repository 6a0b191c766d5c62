"""Statements over reports; each starts at `visible`."""

from sqlalchemy import true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.reports.models import Report


def visible(actor: Actor) -> SelectOfScalar[Report]:
    """The reports this actor may know about: its own agency's, or everybody's for those who read all."""
    return select(Report).where(true() if actor.reads_all else col(Report.agency_id) == actor.agency_id)
