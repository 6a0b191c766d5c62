"""Agencies, what is dated about them (from a date included, to a date excluded), and their focal points."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id


class Agency(SQLModel, table=True):
    """An agency for as long as it exists; what changes about it stands in the dated tables."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    kind: str
    head_title: str | None = None
    valid_from: date
    valid_to: date | None = None
    version: int = 1


class Dated(SQLModel):
    """A fact about an agency that holds for a period."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    valid_from: date
    valid_to: date | None = None


class AgencyName(Dated, table=True):
    """A name; `folded` serves search, `sort_key` the Vietnamese order."""

    __tablename__ = "agency_name"

    name_vi: str
    name_en: str
    short_name: str | None = None
    folded: str
    sort_key: str


class AgencyCode(Dated, table=True):
    """A code in one scheme, in its canonical form; one agency has a code at a time."""

    __tablename__ = "agency_code"

    scheme: str
    value: str


class AgencyParent(Dated, table=True):
    """The agency that this one belongs to."""

    __tablename__ = "agency_parent"

    parent_id: UUID = Field(foreign_key="agency.id", index=True)


class AgencyAlias(SQLModel, table=True):
    """Another spelling people use; found by search, never shown as the name."""

    __tablename__ = "agency_alias"

    agency_id: UUID = Field(foreign_key="agency.id", primary_key=True)
    alias: str = Field(primary_key=True)
    folded: str


class FocalPointKind(StrEnum):
    """An organisation of the agency, or one person."""

    organisation = "organisation"
    person = "person"


class FocalPoint(SQLModel, table=True):
    """Who is in charge in an agency, until `ended_at`."""

    __tablename__ = "focal_point"
    __table_args__ = (
        Index("uq_focal_point_current", "agency_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    kind: str
    name: str
    position: str | None = None
    phone: str | None = None
    email: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    assigned_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    assigned_by: UUID | None = None
    ended_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    version: int = 1


CONSTRAINTS["uq_focal_point_current"] = (
    "Đầu mối vừa được thay đổi. Đọc lại rồi gửi lại.",
    "The focal point was changed just now. Read it again and send again.",
)
