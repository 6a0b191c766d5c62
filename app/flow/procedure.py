"""What every resource with a procedure carries, and how a change to it is marked and recorded."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from app.access.actor import Actor
from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.ids import new_id
from app.trail.record import EventType, Subject, record


class Procedure(SQLModel):
    """The columns of every resource that belongs to an agency and moves through states."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    state: str
    version: int = 1
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    updated_at: datetime = Field(default_factory=now, sa_type=Timestamptz)

    @property
    def period(self) -> str | None:
        """The period it is about, as events show it."""
        return None


def changed(session: AsyncSession, actor: Actor, row: Procedure, type: EventType, previous: str | None = None) -> UUID:
    """Mark a change made to the row and record it; `previous`: the state a move came from. The event's id."""
    row.version += 1
    row.updated_at = now()
    return recorded(session, actor, row, type, previous)


def recorded(session: AsyncSession, actor: Actor, row: Procedure, type: EventType, previous: str | None = None) -> UUID:
    """Record something about the row as it stands; the event's id."""
    subject = Subject(row.id, row.version, row.agency_id, row.period, row.state, previous)
    return record(session, actor, type, subject)
