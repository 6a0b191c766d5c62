"""Plans on the wire."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.flow.submission import ExternalRead, ReturnedRead, SubmissionState, WithdrawnRead
from app.kit.clock import Day, Instant
from app.kit.text import Code, Line, Prose
from app.law.citing import ProvisionId
from app.plans.models import Audience, ContentCategory, Direction


class TaskWrite(Submitted):
    """One task of a plan."""

    code: Code = Field(description="Your own key for the task, unique in the plan; keeps the task's id through edits.")
    title: Line
    content_category: ContentCategory = Field(description="Kind of content (QC.D3.K3).")
    direction: Direction = Field(Direction.outward, description="To the world, or about the world (QC.D3.K1).")
    audiences: list[Audience] = Field(min_length=1, max_length=5, description="Whom it is for (QC.D3.K2).")
    channel: Line | None = Field(None, description="Through what: portal, press, exhibition, social media …")
    starts_on: Day | None = None
    ends_on: Day | None = None
    expected_output: Line | None = None
    provision: ProvisionId | None = Field(None, description="The provision it carries out.", examples=["QC.D14"])
    cooperating_agency_ids: list[UUID] = Field(
        default_factory=list,
        max_length=100,
        description="Agencies asked to cooperate; they may read the plan (QC.D6.K1).",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return self


class PlanWrite(Submitted):
    """What an agency writes of its plan."""

    kind: Literal["agency_annual"] = Field("agency_annual", description="The agency's plan of one year.")
    year: int = Field(ge=2013, le=2100, strict=True, examples=[2027])
    title: Line = Field(examples=["Kế hoạch hoạt động thông tin đối ngoại năm 2027"])
    objectives: Prose | None = None
    shareable: bool = Field(default=False, strict=True, description="Once accepted, every agency may read it.")
    no_budget_reason: Line | None = Field(
        None,
        description="Why the plan has no budget estimate (QC.D7.K1); a plan is sent with an estimate or with this.",
        examples=["Kinh phí bố trí trong dự toán chi thường xuyên"],
    )
    tasks: list[TaskWrite] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [task.code for task in self.tasks]
        if len(set(codes)) != len(codes):
            raise PydanticCustomError("duplicate_code", "Two tasks have the same code")
        return self


class PlanCopy(Submitted):
    """The year that a copy is for."""

    year: int = Field(ge=2013, le=2100, strict=True, examples=[2028])


class TaskRead(BaseModel):
    """One task of a plan."""

    id: UUID
    code: str = Field(max_length=64)
    title: str = Field(max_length=300)
    content_category: ContentCategory
    direction: Direction
    audiences: list[Audience] = Field(max_length=5)
    channel: str | None = Field(max_length=300)
    starts_on: date | None
    ends_on: date | None
    expected_output: str | None = Field(max_length=300)
    provision: str | None = Field(max_length=64)
    cooperating_agency_ids: list[UUID] = Field(max_length=100)


class PlanSummary(BaseModel):
    """A plan as lists show it."""

    id: UUID
    agency_id: UUID
    kind: str = Field(max_length=32)
    year: int
    title: str = Field(max_length=300)
    state: SubmissionState
    version: int
    external: ExternalRead | None = Field(description="The department's own key, where it sent one.")
    shareable: bool
    first_submitted_at: Instant | None = Field(
        description="When it was first sent; returns and corrections do not move it."
    )
    submitted_at: Instant | None
    accepted_at: Instant | None
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class PlanRead(PlanSummary):
    """A plan whole."""

    objectives: str | None = Field(max_length=20_000)
    no_budget_reason: str | None = Field(max_length=300)
    tasks: list[TaskRead] = Field(max_length=500)
    signatory: SignatoryRead | None
    document: DocumentRead | None
    returned: ReturnedRead | None
    withdrawn: WithdrawnRead | None
    allowed_moves: list[AllowedMove] = Field(max_length=20, description="What this client may do now.")
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.", examples=[["QC.D7.K1"]])
