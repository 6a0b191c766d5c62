"""Obligations, the settings of a year, the calendar of working days, and reminders."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.clock import now
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id

STANDING = "standing"
"""The period of what is watched all the time."""


class Disposition(StrEnum):
    """What has happened to an obligation; what the clock adds to it is derived when it is read."""

    open = "open"
    watched = "watched"
    """Nothing is sent: what stands now meets it, or does not."""
    received = "received"
    accepted = "accepted"
    nil_return = "nil_return"
    waived = "waived"
    lapsed = "lapsed"
    """Its agency no longer holds the function it came with."""


class ObligationState(StrEnum):
    """Where an obligation stands at a moment."""

    not_due = "not_due"
    due = "due"
    overdue = "overdue"
    received_on_time = "received_on_time"
    received_late = "received_late"
    accepted = "accepted"
    nil_return = "nil_return"
    waived = "waived"
    lapsed = "lapsed"


class DueSource(StrEnum):
    """Where a deadline comes from."""

    clause = "clause"
    dispatch = "dispatch"
    request = "request"
    plan = "plan"
    extension = "extension"


class Obligation(Procedure, table=True):
    """That one agency owes one thing for one period.

    Deadlines are half-open: what arrives at `due_before` is late. `late` is fixed by the first valid submission and
    goes with it when it is withdrawn.
    """

    duty: str
    period_key: str
    year: int | None = None
    period_start: date | None = None
    period_end: date | None = None
    kind: str
    request_id: UUID | None = None
    due_rule: str
    due_source: str | None = None
    due_before: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_on_time_date: date | None = None
    due_document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    soon_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    data_cutoff: date | None = None
    locks_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    first_received_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    late: bool | None = None
    resource_type: str | None = None
    resource_id: UUID | None = None
    resource_state: str | None = None
    closed_reason: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    soon_told_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    overdue_told_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    reminded_day: int | None = None

    __table_args__ = (
        Index(
            "uq_obligation_expected",
            "duty",
            "agency_id",
            "period_key",
            "request_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_obligation_year", "year", "duty"),
        Index("ix_obligation_request", "request_id"),
        Index("ix_obligation_resource", "resource_id"),
        Index("ix_obligation_open", "last_on_time_date", postgresql_where=text("state = 'open'")),
    )

    @property
    def period(self) -> str:
        """The year, the month, or `standing`."""
        return self.period_key


class Extension(SQLModel, table=True):
    """A later date that one agency was given, with its reason; the newest one counts."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    obligation_id: UUID = Field(foreign_key="obligation.id", index=True)
    last_on_time_date: date
    due_before: datetime = Field(sa_type=Timestamptz)
    reason: str
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    granted_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    granted_by: UUID | None = None


class ObligationYear(SQLModel, table=True):
    """A year that the coordinator opened: its policy and its chasing."""

    __tablename__ = "obligation_year"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    year: int = Field(unique=True)
    weekend_policy: str
    due_soon_days: int
    reminder_days: list[int] = Field(sa_column=Column(ARRAY(INTEGER), nullable=False))
    escalate_after_days: int | None = None
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    version: int = 1
    opened_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    updated_at: datetime = Field(default_factory=now, sa_type=Timestamptz)


class ObligationDeadline(SQLModel, table=True):
    """What a year's dispatch sets for one duty."""

    __tablename__ = "obligation_deadline"

    year: int = Field(primary_key=True, foreign_key="obligation_year.year")
    duty: str = Field(primary_key=True)
    last_on_time_date: date | None = None
    data_cutoff: date | None = None
    locks_on: date | None = None


class CalendarDayKind(StrEnum):
    """How a day differs from what its weekday says."""

    holiday = "holiday"
    working_day = "working_day"


class CalendarDay(SQLModel, table=True):
    """A holiday, or a weekend day that was made a working day."""

    __tablename__ = "calendar_day"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    day: date = Field(unique=True)
    kind: str
    title: str
    document: str | None = None
    version: int = 1


class ReminderState(StrEnum):
    """What became of a reminder."""

    sent = "sent"
    acknowledged = "acknowledged"
    escalated = "escalated"


class ReminderMode(StrEnum):
    """Sent by the coordinator, or by the service when the year's settings say so."""

    manual = "manual"
    automatic = "automatic"


class Reminder(Procedure, table=True):
    """One reminder (đôn đốc) to one agency of one obligation; numbered within its calendar year."""

    obligation_id: UUID = Field(foreign_key="obligation.id", index=True)
    year: int
    number: int
    mode: str
    day: int | None = None
    due_before: datetime | None = Field(default=None, sa_type=Timestamptz)
    note: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    sent_by_agency: UUID | None = None
    acknowledged_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    answer: str | None = None
    escalated_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    escalation_reason: str | None = None

    __table_args__ = (
        Index("uq_reminder_number", "year", "number", unique=True),
        Index(
            "uq_reminder_automatic",
            "obligation_id",
            "day",
            "due_before",
            unique=True,
            postgresql_where=text("mode = 'automatic'"),
        ),
    )

    @property
    def period(self) -> str:
        """The calendar year in which it was sent."""
        return str(self.year)


CONSTRAINTS["uq_reminder_number"] = (
    "Một đôn đốc khác vừa lấy số này. Gửi lại yêu cầu.",
    "Another reminder took this number just now. Send the request again.",
)
CONSTRAINTS["uq_obligation_expected"] = (
    "Nghĩa vụ này vừa được lập. Đọc lại rồi gửi lại.",
    "This obligation was made just now. Read again and send again.",
)
CONSTRAINTS["uq_obligation_year_year"] = (
    "Năm này vừa được mở. Đọc lại rồi gửi lại.",
    "This year was opened just now. Read it again and send again.",
)
CONSTRAINTS["uq_calendar_day_day"] = (
    "Ngày này vừa được ghi. Đọc lại rồi gửi lại.",
    "This day was written just now. Read it again and send again.",
)
