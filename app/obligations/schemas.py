"""Obligations on the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.kit.clock import Day, Instant
from app.kit.text import Code, Line
from app.obligations.deadlines import WeekendPolicy
from app.obligations.models import CalendarDayKind, DueSource, ObligationState, ReminderMode, ReminderState

Year = Annotated[int, Field(ge=2013, le=2100, strict=True, examples=[2027])]
Period = Annotated[str, Field(max_length=64, examples=["2027"])]
DutyCode = Annotated[str, Field(max_length=32, examples=["QC.D7.K3-a"])]


class NilReturn(NoStateSecret):
    """Nothing came up in the period («không phát sinh»); this is an answer, and not the same as none."""

    reason: Line = Field(examples=["Trong kỳ không phát sinh hoạt động thông tin đối ngoại"])


class RetractNilReturn(Submitted):
    """There is something to send after all."""

    reason: Line


class Extend(Submitted):
    """A later date for one agency."""

    last_on_time_date: Day = Field(description="The last day that is then on time.")
    reason: Line
    document: DocumentRef | None = None


class Waive(Submitted):
    """Nothing is owed, for a reason."""

    reason: Line


class Reinstate(Submitted):
    """What was waived is owed again."""

    reason: Line


class DeadlineRead(BaseModel):
    """When it is due, and where that comes from."""

    rule: str = Field(
        max_length=64,
        description="The rule of the text: `annual_before` and its day, `within month`, `set_by dispatch` …",
    )
    source: DueSource | None = Field(description="Where the date comes from; null while none is set.")
    last_on_time_date: date | None = Field(description="The last day on time, in the province.")
    due_before: Instant | None = Field(description="The first instant that is late: the midnight after that day.")
    data_cutoff: date | None = Field(description="Up to which day the data are asked for.")
    locks_at: Instant | None = Field(description="From then on what was received can no longer be taken back.")
    document: DocumentRead | None = Field(description="The dispatch or the decision that sets the date.")


class SubmissionRead(BaseModel):
    """What answers the obligation."""

    type: str = Field(max_length=64, examples=["report"])
    id: UUID
    state: str = Field(max_length=32, examples=["submitted"])
    first_received_at: Instant = Field(description="The first valid submission: it alone decides on lateness.")


class ClosedRead(BaseModel):
    """Why nothing more is expected: the reason of a nil return or of a waiver."""

    reason: str = Field(max_length=300)
    at: Instant


class ObligationSummary(BaseModel):
    """An obligation as lists show it."""

    id: UUID
    agency_id: UUID
    duty: DutyCode
    kind: str = Field(max_length=64, description="The kind of record that meets it.", examples=["report.annual"])
    period: Period
    year: int | None = Field(description="The year of the period; null for what stands all the time.")
    period_start: date | None
    period_end: date | None = Field(description="The first day after the period.")
    request_id: UUID | None = Field(
        description="What asks for it by name: a report request, or (QC.D7.K1-c) an assigned task of the plan."
    )
    state: ObligationState
    late: bool | None = Field(description="Fixed by the first valid submission; null while nothing was received.")
    deadline: DeadlineRead
    submission: SubmissionRead | None
    nil_return: ClosedRead | None
    waiver: ClosedRead | None
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class ExtensionRead(BaseModel):
    """A later date that was given."""

    id: UUID
    last_on_time_date: date
    due_before: Instant
    reason: str = Field(max_length=300)
    granted_at: Instant


class ObligationRead(ObligationSummary):
    """An obligation whole."""

    extensions: list[ExtensionRead] = Field(max_length=100)
    allowed_moves: list[AllowedMove] = Field(max_length=20, description="What this client may do now.")
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.", examples=[["QC.D7.K3"]])


class DeadlineWrite(Submitted):
    """What the year's dispatch sets for one duty."""

    duty: Code = Field(examples=["QC.D7.K1-a"])
    last_on_time_date: Day | None = None
    data_cutoff: Day | None = Field(None, description="Up to which day the data are asked for.")
    locks_on: Day | None = Field(None, description="From this day on what was received can no longer be taken back.")


class YearWrite(Submitted):
    """How a year is run; what is left out is as `GET` of a year not yet opened shows it."""

    document: DocumentRef | None = Field(None, description="The dispatch that sets dates; needed as soon as one is.")
    weekend_policy: WeekendPolicy | None = None
    due_soon_days: int | None = Field(None, ge=0, le=180, strict=True)
    reminder_days: list[Annotated[int, Field(ge=-180, le=365, strict=True)]] | None = Field(
        None, max_length=12, description="Days from the last day on time: before it (negative), on it (0), after it."
    )
    escalate_after_days: int | None = Field(None, ge=1, le=365, strict=True)
    deadlines: list[DeadlineWrite] = Field(default_factory=list, max_length=50)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({entry.duty for entry in self.deadlines}) != len(self.deadlines):
            raise PydanticCustomError("duplicate_code", "Two deadlines are for the same duty")
        if self.document is None and any(entry.last_on_time_date for entry in self.deadlines):
            raise PydanticCustomError("document_needed", "A date is set by a dispatch: give its number and date")
        return self


class WarningRead(BaseModel):
    """Two sources that contradict each other, or the usual rules."""

    code: str = Field(max_length=64, examples=["cutoff_too_close"])
    title_vi: str = Field(max_length=300)
    title_en: str = Field(max_length=300)


class YearDeadlineRead(BaseModel):
    """The deadline of one duty in the year, before any extension."""

    duty: DutyCode
    period: Period
    kind: str = Field(max_length=64)
    title_vi: str = Field(max_length=300)
    rule: str = Field(max_length=64)
    source: DueSource | None
    last_on_time_date: date | None
    due_before: Instant | None
    data_cutoff: date | None
    locks_at: Instant | None
    warnings: list[WarningRead] = Field(max_length=10)


class YearRead(BaseModel):
    """A year, opened or not: its settings, its deadlines, and where they contradict each other."""

    year: int
    opened_at: Instant | None = Field(description="Null while the coordinator has not opened it: the defaults apply.")
    document: DocumentRead | None
    weekend_policy: WeekendPolicy
    due_soon_days: int
    reminder_days: list[int] = Field(max_length=12)
    escalate_after_days: int | None
    deadlines: list[YearDeadlineRead] = Field(max_length=500)
    version: int = Field(ge=0)
    provisions: list[str] = Field(max_length=20)
    etag: str = Field(max_length=64)


class CalendarDayWrite(Submitted):
    """A day that is not what its weekday says."""

    kind: CalendarDayKind
    title: Line = Field(examples=["Quốc khánh"])
    document: Line | None = Field(None, description="The announcement that says so, where there is one.")


class CalendarDayRead(BaseModel):
    """A day that is not what its weekday says."""

    day: date
    kind: CalendarDayKind
    title: str = Field(max_length=300)
    document: str | None = Field(max_length=300)
    etag: str = Field(max_length=64)


class CalendarRead(BaseModel):
    """The calendar of a year."""

    items: list[CalendarDayRead] = Field(max_length=400)


class Acknowledge(Submitted):
    """The agency has seen the reminder."""

    answer: Line | None = Field(None, description="What the agency says to it.")


class Escalate(Submitted):
    """The matter goes up."""

    reason: Line


class RemindWrite(Submitted):
    """Whom to remind: the obligations named, or all that are due or overdue for a duty and period."""

    obligation_ids: list[UUID] = Field(default_factory=list, max_length=500)
    duty: Code | None = None
    period: Code | None = None
    note: Line | None = None
    document: DocumentRef | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.obligation_ids) == bool(self.duty and self.period):
            raise PydanticCustomError("one_of_two", "Name obligations, or a duty and a period")
        return self


class ReminderRead(BaseModel):
    """A reminder."""

    id: UUID
    number: str = Field(max_length=32, examples=["12/2027"])
    agency_id: UUID = Field(description="To whom.")
    obligation_id: UUID
    mode: ReminderMode
    day: int | None = Field(description="Automatic ones: days from the last day on time.")
    state: ReminderState
    due_before: Instant | None = Field(description="The deadline as it stood.")
    note: str | None = Field(max_length=300)
    document: DocumentRead | None
    sent_by_agency: UUID | None = Field(description="Null when the service sent it.")
    created_at: Instant = Field(description="When it was sent.")
    acknowledged_at: Instant | None
    answer: str | None = Field(max_length=300)
    escalated_at: Instant | None
    escalation_reason: str | None = Field(max_length=300)
    version: int
    etag: str = Field(max_length=64)
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)


class SkippedRead(BaseModel):
    """An obligation that nobody was reminded of, because nothing is owed."""

    obligation_id: UUID
    state: ObligationState


class ReminderBatch(BaseModel):
    """The reminders that were sent, and what needed none."""

    sent: list[ReminderRead] = Field(max_length=500)
    skipped: list[SkippedRead] = Field(max_length=500)
