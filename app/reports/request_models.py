"""Requests for ad hoc reports."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.flow.procedure import Procedure
from app.kit.db import Json, Timestamptz


class RequestDisposition(StrEnum):
    """What has happened to a request; that some have answered is derived when it is read."""

    open = "open"
    completed = "completed"
    closed_with_missing = "closed_with_missing"
    cancelled = "cancelled"


class RequestState(StrEnum):
    """Where a request stands at a moment."""

    open = "open"
    partially_answered = "partially_answered"
    completed = "completed"
    closed_with_missing = "closed_with_missing"
    cancelled = "cancelled"


class ReportRequest(Procedure, table=True):
    """What is asked of whom by when; each agency asked owes an obligation of its own."""

    __tablename__ = "report_request"

    year: int
    number: int
    title: str
    purpose: str | None = None
    period_start: date
    period_end: date
    due_before: datetime = Field(sa_type=Timestamptz)
    last_on_time_date: date
    template: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    end_reason: str | None = None

    __table_args__ = (Index("uq_report_request_number", "year", "number", unique=True),)

    @property
    def period(self) -> str:
        """Its number within the year of its issue."""
        return f"{self.number}/{self.year}"
