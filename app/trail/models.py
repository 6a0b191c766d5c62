"""The log: events as they are written, the outbox that a trigger fills, the ledger that the sealer writes."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.ids import new_id


class Event(SQLModel, table=True):
    """One fact, written in the transaction of the change itself; never updated, never deleted (a trigger refuses)."""

    __table_args__ = (
        Index("ix_event_resource", "resource_id", "resource_type"),
        Index("ix_event_occurred_at", "occurred_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    type: str
    occurred_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    request_id: str | None = None
    client_id: UUID | None = None
    actor_agency_id: UUID | None = None
    resource_type: str
    resource_id: UUID
    resource_version: int
    agency_id: UUID | None = None
    period: str | None = None
    state: str | None = None
    previous_state: str | None = None
    provisions: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


class Outbox(SQLModel, table=True):
    """Events not yet sealed, in the order of their insertion; written by a trigger only."""

    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID


class Ledger(SQLModel, table=True):
    """The sealed log: numbers without gaps, the frozen body, and a chain of hashes."""

    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event_id: UUID = Field(foreign_key="event.id", unique=True)
    sealed_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    body: str
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Checkpoint(SQLModel, table=True):
    """What the log's last row was at an instant, signed with a key that the database does not hold; never changed."""

    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = Field(sa_type=Timestamptz)
    kid: str
    signature: str


class AgencyNameAt(SQLModel):
    """An agency's name on a day, as the body of an event shows it."""

    agency_id: UUID
    name: str
    valid_from: date
    valid_to: date | None
