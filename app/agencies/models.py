"""Agencies and what is dated about them; a period is from a date (included) to a date (excluded)."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel

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
