"""Who lost sight of what: written as it happens, because afterwards no row tells who could read it before."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Index, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from app.access.actor import Actor
from app.flow.procedure import Procedure
from app.kit.ids import new_id
from app.kit.writes import insert
from app.trail.feed import Sight
from app.trail.models import Event


class Reason(StrEnum):
    """Why a resource can no longer be read."""

    deleted = "deleted"
    no_longer_visible = "no_longer_visible"


class SightLost(SQLModel, table=True):
    """An agency (null: every agency) can no longer read a resource, because of an event."""

    __tablename__ = "sight_lost"
    __table_args__ = (Index("ix_sight_lost_resource", "resource_id", "resource_type"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    event_id: UUID = Field(foreign_key="event.id", index=True)
    resource_type: str
    resource_id: UUID
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    reason: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a resource, beside its own agency and those who read all."""

    agencies: frozenset[UUID] = frozenset()
    everybody: bool = False


def hidden(session: AsyncSession, kind: str, row: Procedure, event_id: UUID, before: Audience, after: Audience) -> None:
    """Note who could read the row before a change, and after it no longer can."""
    if after.everybody:
        return
    lost: frozenset[UUID | None] = before.agencies - after.agencies
    # Who still may read it is not told: that is asked again when the loss is read.
    _note(session, kind, row, event_id, frozenset({None}) if before.everybody else lost, Reason.no_longer_visible)


def removed(
    session: AsyncSession, kind: str, row: Procedure, event_id: UUID, before: Audience, *, own: bool = True
) -> None:
    """Note who could read the row before it was deleted; `own`: so could its own agency."""
    known = before.agencies | {row.agency_id} if own else before.agencies
    lost = frozenset({None}) if before.everybody else known
    _note(session, kind, row, event_id, lost, Reason.deleted)


def _note(
    session: AsyncSession,
    kind: str,
    row: Procedure,
    event_id: UUID,
    agencies: frozenset[UUID | None] | frozenset[UUID],
    reason: Reason,
) -> None:
    for agency_id in agencies:
        facts = {"event_id": event_id, "resource_type": kind, "resource_id": row.id, "agency_id": agency_id}
        insert(session, SightLost, {"id": new_id(), **facts, "reason": reason})


def or_lost(sight: Sight) -> Sight:
    """A room's rule for events, and the event beside it by which an agency lost sight: of that one it is told."""
    return lambda actor: or_(sight(actor), told(actor))


def told(actor: Actor) -> ColumnElement[bool]:
    """The events that took something from the sight of this agency."""
    whose = or_(col(SightLost.agency_id).is_(None), col(SightLost.agency_id) == actor.agency_id)
    return select(SightLost.id).where(SightLost.event_id == Event.id, whose).exists()
