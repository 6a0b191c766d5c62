"""Records, the moves made on them, what others added to them, and who read those that are restricted."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.flow.submission import external_key
from app.kit.clock import now
from app.kit.db import Json, Timestamptz
from app.kit.ids import new_id


class Record(Procedure, table=True):
    """One record of one kind.

    `named`: roles and agency ids; of these follow `reader_ids` (who reads it as it stands, because it names them) and
    `acting_ids` (who may act, because it names them), of the state `public` (everybody may know of it).
    `recorded_by_agency_id`: who entered it for its agency.
    """

    kind: str
    sensitivity: str
    title: str
    title_en: str | None = None
    summary: str | None = None
    languages: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    starts_on: date | None = None
    ends_on: date | None = None
    named: list[dict[str, str]] = Field(sa_column=Column(JSON, nullable=False))
    reader_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    acting_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    public: bool
    # JSON and not JSONB: its members keep the order in which the schema writes them.
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    search: str
    source: str | None = None
    external_id: str | None = None
    recorded_by_agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    merged_into_id: UUID | None = Field(default=None, foreign_key="record.id", index=True)

    __table_args__ = (
        Index("ix_record_kind", "kind", "id"),
        Index("ix_record_reader", "reader_ids", postgresql_using="gin"),
        Index("ix_record_public", "id", postgresql_where=text("public")),
        external_key("record", "hồ sơ", "record"),
    )

    @property
    def period(self) -> str | None:
        """The year in which it begins."""
        return f"{self.starts_on:%Y}" if self.starts_on else None


class RecordStep(SQLModel, table=True):
    """One move that was made; never changed."""

    __tablename__ = "record_step"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    record_id: UUID = Field(foreign_key="record.id", ondelete="CASCADE", index=True)
    move: str
    previous_state: str
    state: str
    reason: str | None = None
    note: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    recorded_by_agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    made_by: UUID | None = None
    made_at: datetime = Field(default_factory=now, sa_type=Timestamptz)


class RecordContribution(SQLModel, table=True):
    """A comment, a confirmation or a link that was added to a record; never changed."""

    __tablename__ = "record_contribution"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    record_id: UUID = Field(foreign_key="record.id", ondelete="CASCADE", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    kind: str
    text: str | None = None
    linked_type: str | None = None
    linked_id: UUID | None = None
    relation: str | None = None
    contributed_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    contributed_by: UUID | None = None


class RecordAccess(SQLModel, table=True):
    """That restricted records were read: by which client, which ones, when; never changed (QC.D13.K1)."""

    __tablename__ = "record_access"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    accessed_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    client_id: UUID | None = None
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    record_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))

    __table_args__ = (Index("ix_record_access_record", "record_ids", postgresql_using="gin"),)
