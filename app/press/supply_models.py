"""Information supplied to the press, and the products of the press."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from app.flow.procedure import Procedure


class SupplyForm(StrEnum):
    """How information is supplied outside of events (QC.D8.K3)."""

    direct = "direct"
    portal = "portal"
    other = "other"


class SupplyState(StrEnum):
    """It is on record; corrections are new versions of it."""

    recorded = "recorded"


class InformationSupply(Procedure, table=True):
    """That an agency gave the press some information (QC.D7.K2)."""

    __tablename__ = "information_supply"

    topic: str
    form: str
    supplied_on: date
    spokesperson: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    press_body_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    other_press: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    audiences: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    links: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    note: str | None = None

    __table_args__ = (Index("ix_information_supply_body", "press_body_ids", postgresql_using="gin"),)

    @property
    def period(self) -> str:
        """The month in which it was supplied."""
        return f"{self.supplied_on:%Y-%m}"


class ProductKind(StrEnum):
    """What the press runs (QC.D15)."""

    page = "page"
    column = "column"
    reportage = "reportage"


class ProductState(StrEnum):
    """It is on record, for everybody."""

    published = "published"


class PressProduct(Procedure, table=True):
    """A special page, a column or a reportage of one press body."""

    __tablename__ = "press_product"

    kind: str
    title: str
    language: str
    audience: str
    first_date: date
    frequency: str | None = None
    url: str | None = None
