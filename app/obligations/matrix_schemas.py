"""The matrix and the chase tables on the wire."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.clock import Instant
from app.obligations.models import ObligationState, ReminderMode, ReminderState

MOST_ROWS = 20_000


class Counts(BaseModel):
    """How many obligations there are, and what became of them."""

    expected: int = Field(description="Owed, or met: without what was waived.")
    received: int = Field(description="Something came, nil returns included.")
    on_time: int
    late: int
    nil_return: int
    missing: int = Field(description="Overdue, and nothing came.")
    accepted: int
    waived: int
    received_rate: float | None = Field(ge=0, le=1, description="Received of expected; null where nothing is.")
    on_time_rate: float | None = Field(ge=0, le=1, description="On time of expected; null where nothing is.")


class WhoRead(BaseModel):
    """An agency of the matrix, by its present name."""

    id: UUID
    slug: str = Field(max_length=64)
    name_vi: str = Field(max_length=300)


class MatrixDuty(BaseModel):
    """A column of the matrix."""

    duty: str = Field(max_length=32, examples=["QC.D7.K3-a"])
    provision: str = Field(max_length=32)
    title_vi: str = Field(max_length=300)
    total: Counts


class CellRead(Counts):
    """One agency and one duty."""

    duty: str = Field(max_length=32, examples=["QC.D7.K3-a"])


class MatrixRow(BaseModel):
    """One agency."""

    agency: WhoRead
    cells: list[CellRead] = Field(max_length=100)
    total: Counts


class MatrixRead(BaseModel):
    """Who owes what for a year, and what came: agencies × duties, as of now."""

    year: int
    as_of: Instant
    duties: list[MatrixDuty] = Field(max_length=100)
    items: list[MatrixRow] = Field(max_length=2000)
    total: Counts


class ChaseRow(BaseModel):
    """One thing that is due or overdue, and what was done about it."""

    obligation_id: UUID
    agency: str = Field(max_length=300)
    duty: str = Field(max_length=32)
    title: str = Field(max_length=300)
    period: str = Field(max_length=64)
    state: ObligationState
    last_on_time_date: date | None
    days_overdue: int | None = Field(description="Days since the last day on time; null before it.")
    reminders: int
    last_reminded_at: Instant | None
    acknowledged_at: Instant | None = Field(description="When its agency last acknowledged a reminder.")


class ChaseList(BaseModel):
    """Everything that is due or overdue, by agency in Vietnamese order."""

    as_of: Instant
    items: list[ChaseRow] = Field(max_length=MOST_ROWS)


class LedgerRow(BaseModel):
    """One reminder, with what it was about and what followed."""

    number: str = Field(max_length=32)
    sent_at: Instant
    agency: str = Field(max_length=300)
    duty: str = Field(max_length=32)
    title: str = Field(max_length=300)
    period: str = Field(max_length=64)
    due_before: Instant | None = Field(description="The deadline as it stood when the reminder was sent.")
    mode: ReminderMode
    state: ReminderState
    acknowledged_at: Instant | None
    answer: str | None = Field(max_length=300)
    escalated_at: Instant | None
    received_at: Instant | None = Field(description="When what was owed first came.")
    late: bool | None


class ChaseLedger(BaseModel):
    """Every reminder of a calendar year, in the order of its numbers: evidence of who had to be chased."""

    year: int
    items: list[LedgerRow] = Field(max_length=MOST_ROWS)
