"""What every resource with a procedure carries, and how a change to it is begun, marked and recorded."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.machine import Machine, Move
from app.kit.clock import now
from app.kit.db import Timestamptz, found_row
from app.kit.etag import Expected, etag
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


Row = TypeVar("Row", bound=Procedure)


async def to_move(
    session: AsyncSession,
    statement: SelectOfScalar[Row],
    machine: Machine,
    move: Move,
    actor: Actor,
    expected: Expected,
) -> Row:
    """The row that a move is made on, locked.

    Refused: what the actor may not know of (404), what is another's to move (403), a state without this move (409),
    another version than the one it has read (412).
    """
    row = await found_row(session, statement.with_for_update())
    machine.check(move, row.state, row.agency_id, actor)
    expected.check(row.version, etag(row.version))
    return row


async def to_edit(
    session: AsyncSession,
    statement: SelectOfScalar[Row],
    machine: Machine,
    states: Collection[StrEnum],
    actor: Actor,
    expected: Expected,
) -> Row:
    """The row of the actor's own agency that is edited in one of these states, locked; refused as by `to_move`."""
    row = await found_row(session, statement.with_for_update())
    machine.check_editable(states, row.state, row.agency_id, actor)
    expected.check(row.version, etag(row.version))
    return row


def differs(row: SQLModel, facts: Mapping[str, Any]) -> bool:
    """Whether the row says anything else: what is written again as it stands is no change."""
    return any(getattr(row, name) != value for name, value in facts.items())


def changed(session: AsyncSession, actor: Actor, row: Procedure, type: EventType, previous: str | None = None) -> UUID:
    """Mark a change made to the row and record it; `previous`: the state a move came from. The event's id."""
    row.version += 1
    row.updated_at = now()
    return recorded(session, actor, row, type, previous)


def recorded(session: AsyncSession, actor: Actor, row: Procedure, type: EventType, previous: str | None = None) -> UUID:
    """Record something about the row as it stands; the event's id."""
    subject = Subject(row.id, row.version, row.agency_id, row.period, row.state, previous)
    return record(session, actor, type, subject)
