"""Assigned tasks on the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.kit.clock import Day, Instant, today
from app.kit.text import Line, Prose, clean
from app.plans.models import Audience, ContentCategory, Direction
from app.tasks.models import CooperationState, Finding, Pace, TaskState

MOST = 2000


def _not_ahead(day: date) -> date:
    if day > today():
        raise PydanticCustomError("in_the_future", "The day is still to come")
    return day


Past = Annotated[Day, AfterValidator(_not_ahead)]
"""A day that has come."""
Address = Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\s]+$"), BeforeValidator(clean)]


class OutputWrite(Submitted):
    """What came of the work, counted."""

    title: Line = Field(examples=["Phóng sự tiếng Anh về cà phê Buôn Ma Thuột"])
    quantity: int = Field(1, ge=0, le=1_000_000, strict=True)
    unit: Line = Field(examples=["phóng sự"])


class EvidenceWrite(Submitted):
    """Where it can be seen; files stay with their agency, and their hash holds them to what was shown."""

    title: Line
    url: Address | None = None
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file.")


class _Reported(NoStateSecret):
    done: Prose = Field(description="What was done since the last report.")
    outputs: list[OutputWrite] = Field(default_factory=list, max_length=100)
    evidence: list[EvidenceWrite] = Field(default_factory=list, max_length=100)


class Progress(_Reported):
    """How far the task is."""

    percent: int = Field(ge=0, le=99, strict=True, description="A task that is done is completed instead.")
    pace: Pace


class Complete(_Reported):
    """The task is done."""


class CheckWrite(Submitted):
    """What a check found."""

    checked_on: Past
    finding: Finding = Field(description="`needs_correction` opens a completed task again.")
    note: Prose | None = None
    document: DocumentRef | None = None


class AskWrite(Submitted):
    """Whom a task needs beside those that the plan names."""

    partner_agency_id: UUID
    request: Prose = Field(description="What it is asked to do.")


class AcceptCooperation(Submitted):
    """Yes: with what."""

    answer: Prose | None = None


class DeclineCooperation(Submitted):
    """No: why."""

    answer: Prose


class Contribute(NoStateSecret):
    """What the cooperating agency gives: words, links, files by their hash."""

    text: Prose
    evidence: list[EvidenceWrite] = Field(default_factory=list, max_length=100)


class OutputRead(BaseModel):
    """What came of the work."""

    title: str = Field(max_length=300)
    quantity: int
    unit: str = Field(max_length=300)


class EvidenceRead(BaseModel):
    """Where it can be seen."""

    title: str = Field(max_length=300)
    url: str | None = Field(max_length=2000)
    sha256: str | None = Field(max_length=64)


class ReportedRead(BaseModel):
    """What was reported at one time."""

    id: UUID
    percent: int
    pace: Pace
    done: str = Field(max_length=20_000)
    outputs: list[OutputRead] = Field(max_length=100)
    evidence: list[EvidenceRead] = Field(max_length=100)
    reported_at: Instant


class CheckRead(BaseModel):
    """What a check found."""

    id: UUID
    checked_on: date
    finding: Finding
    note: str | None = Field(max_length=20_000)
    document: DocumentRead | None
    recorded_at: Instant


class AssignedTaskSummary(BaseModel):
    """An assigned task as lists show it."""

    id: UUID
    agency_id: UUID = Field(description="Who leads it.")
    plan_id: UUID = Field(description="The issued plan it belongs to.")
    year: int
    code: str = Field(max_length=64)
    title: str = Field(max_length=300)
    content_category: ContentCategory
    starts_on: date | None
    ends_on: date = Field(description="The last day on time: the task's own, or the last of its plan.")
    state: TaskState
    percent: int
    pace: Pace | None = Field(description="By its agency's own account; null before its first report.")
    version: int
    created_at: Instant = Field(description="When it was assigned.")
    updated_at: Instant
    etag: str = Field(max_length=64)


class PartnerRead(BaseModel):
    """An agency asked to cooperate."""

    id: UUID = Field(description="Of the cooperation.")
    agency_id: UUID
    state: CooperationState


class AssignedTaskRead(AssignedTaskSummary):
    """An assigned task whole."""

    direction: Direction
    audiences: list[Audience] = Field(max_length=5)
    channel: str | None = Field(max_length=300)
    provision: str | None = Field(max_length=64)
    expected_output: str | None = Field(max_length=300)
    obligation_id: UUID | None = Field(description="What is owed by when: reminders and extensions are about it.")
    completed_at: Instant | None
    cancelled_at: Instant | None
    reports: list[ReportedRead] = Field(max_length=MOST, description="Oldest first.")
    checks: list[CheckRead] = Field(max_length=MOST)
    cooperations: list[PartnerRead] = Field(max_length=MOST)
    allowed_moves: list[AllowedMove] = Field(max_length=20, description="What this client may do now.")
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.", examples=[["QC.D7.K1"]])


class ContributionRead(BaseModel):
    """What was given at one time."""

    id: UUID
    text: str = Field(max_length=20_000)
    evidence: list[EvidenceRead] = Field(max_length=100)
    contributed_at: Instant


class CooperationSummary(BaseModel):
    """A request to cooperate as lists show it."""

    id: UUID
    task_id: UUID
    agency_id: UUID = Field(description="Who is asked.")
    lead_agency_id: UUID = Field(description="Who leads the task.")
    asked_by_agency_id: UUID = Field(description="Who asked: the committee with its plan, or the task's lead later.")
    year: int
    state: CooperationState
    answered_at: Instant | None
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class CooperationRead(CooperationSummary):
    """A request to cooperate whole."""

    request: str | None = Field(max_length=20_000)
    answer: str | None = Field(max_length=20_000)
    contributions: list[ContributionRead] = Field(max_length=MOST, description="Oldest first.")
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)
