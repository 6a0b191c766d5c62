"""Statements over report requests; each starts at `visible`."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, cast, or_, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.obligations.models import Obligation
from app.reports.request_models import ReportRequest
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[ReportRequest]:
    """The requests this actor may know about: those that ask its agency and those it issued, or all."""
    r = ReportRequest
    asked = select(Obligation.request_id).where(Obligation.agency_id == actor.agency_id)
    own = or_(col(r.agency_id) == actor.agency_id, col(r.id).in_(asked))
    return select(r).where(true() if actor.reads_all else own)


def one(actor: Actor, id: UUID) -> SelectOfScalar[ReportRequest]:
    """One request, if the actor may know about it."""
    return visible(actor).where(ReportRequest.id == id)


def asking(agency_id: UUID, ids: Sequence[UUID | None]) -> SelectOfScalar[ReportRequest]:
    """The requests that an agency's own reports answer, if they ask that agency."""
    asked = select(Obligation.request_id).where(Obligation.agency_id == agency_id)
    return select(ReportRequest).where(
        col(ReportRequest.id) == any_(cast(ids, ARRAY(Uuid))), col(ReportRequest.id).in_(asked)
    )


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about the requests that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(ReportRequest.id)))
