"""What is read of a plan of the province."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.machine import AllowedMove
from app.kit.clock import Instant
from app.obligations.absent import AbsentRead
from app.plans.schemas import TaskRead
from app.provincial.models import ProvincialKind, ProvincialState, Term
from app.provincial.schemas import MOST_SOURCES, MOST_TASKS

MOST_AGENCIES = 2000


class ProvincialTaskRead(TaskRead):
    """One task of a plan of the province."""

    lead_agency_id: UUID
    sources: list[UUID] = Field(max_length=MOST_SOURCES, description="The tasks of agencies' plans it stands for.")
    carried_from: UUID | None = Field(description="The same task in the edition that this one amends.")


class PlanOriginRead(BaseModel):
    """An agency's accepted plan."""

    plan_id: UUID
    agency_id: UUID
    agency: str = Field(max_length=300, description="Its name when its plan was accepted.")


class AbsorbedRead(PlanOriginRead):
    """A plan that was taken in."""

    sha256: str = Field(max_length=64, description="Of what the agency wrote.")


class ExcludedPlanRead(PlanOriginRead):
    """An accepted plan that was left out."""

    reason: str = Field(max_length=300)


class DroppedRead(BaseModel):
    """A task of an absorbed plan that was left out."""

    task_id: UUID
    reason: str = Field(max_length=300)


class ProvincialSentRead(BaseModel):
    """How it was sent up."""

    document: DocumentRead | None
    signatory: SignatoryRead | None
    at: Instant


class ProvincialReturnedRead(BaseModel):
    """Why it was last sent back."""

    reason: str = Field(max_length=20_000)
    at: Instant


class ProvincialApprovedRead(BaseModel):
    """The People's Committee's decision."""

    document: DocumentRead | None
    signatory: SignatoryRead | None
    at: Instant


class ProvincialEndedRead(BaseModel):
    """How it ended: amended, superseded or closed."""

    on: date = Field(description="The first day on which it holds no longer.")
    reason: str | None = Field(max_length=20_000, description="The reason, or the summary of what came of it.")
    superseded_by: UUID | None
    at: Instant


class ProvincialSummary(BaseModel):
    """A plan of the province as lists show it."""

    id: UUID
    agency_id: UUID
    kind: ProvincialKind
    term: Term
    year: int
    until_year: int
    edition: int = Field(description="1, and one more for each amendment.")
    amends_id: UUID | None = Field(description="The edition that this one amends.")
    title: str = Field(max_length=300)
    state: ProvincialState
    in_force: bool = Field(description="Whether it holds today: from `effective_from` to the end of `until_year`.")
    effective_from: date | None
    content_sha256: str | None = Field(
        max_length=64,
        description="SHA-256 of what was last sent up, as canonical JSON (sorted members, no blanks, UTF-8): "
        "`kind`, `term`, `year`, `until_year`, `edition`, `title`, `objectives`, `priorities`, `absorbed`, `excluded`, "
        "`absent`, `dropped`, `tasks`.",
    )
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class ProvincialRead(ProvincialSummary):
    """A plan of the province whole."""

    objectives: str | None = Field(max_length=20_000)
    priorities: list[Annotated[str, Field(max_length=300)]] = Field(max_length=50)
    tasks: list[ProvincialTaskRead] = Field(max_length=MOST_TASKS)
    dropped: list[DroppedRead] = Field(max_length=MOST_TASKS)
    absorbed: list[AbsorbedRead] = Field(max_length=MOST_AGENCIES)
    excluded: list[ExcludedPlanRead] = Field(max_length=MOST_AGENCIES)
    absent: list[AbsentRead] = Field(max_length=MOST_AGENCIES)
    amendment_reason: str | None = Field(max_length=20_000)
    submitted: ProvincialSentRead | None
    returned: ProvincialReturnedRead | None
    approved: ProvincialApprovedRead | None
    issued_at: Instant | None
    ended: ProvincialEndedRead | None
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)


class PlacedRead(BaseModel):
    """Where a task of an absorbed plan stands."""

    task_id: UUID
    code: str = Field(max_length=64)


class SourceRead(TaskRead):
    """A task of an absorbed plan, and what became of it."""

    plan_id: UUID
    agency_id: UUID
    agency: str = Field(max_length=300)
    placed: PlacedRead | None = Field(description="The task that stands for it; null: none does.")
    dropped: str | None = Field(max_length=300, description="Why it was left out; null: it was not.")


class SourceList(BaseModel):
    """The tasks of every absorbed plan, by agency and in their plan's order."""

    unplaced: int = Field(description="How many are neither placed nor dropped: none may be when it is sent up.")
    items: list[SourceRead] = Field(max_length=100_000)
