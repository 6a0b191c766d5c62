"""Series of press events."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.flow.procedure import Procedure


class SeriesState(StrEnum):
    """A series stands; what becomes of its occurrences is told of each."""

    standing = "standing"


class Covers(StrEnum):
    """Which month each occurrence speaks about."""

    same_month = "same_month"
    previous_month = "previous_month"
    none = "none"


class PressSeries(Procedure, table=True):
    """The rule by which press events were made ahead, each of them an event of its own."""

    __tablename__ = "press_series"

    title: str
    rule: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    rrule: str
    """The rule as calendars write it (RFC 5545)."""
    covers: str
