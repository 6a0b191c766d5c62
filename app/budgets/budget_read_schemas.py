"""The province's budget on the wire: what is read."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.budgets.budget_models import BudgetState, LineScope
from app.budgets.budget_schemas import MOST
from app.budgets.models import BudgetCategory, FundingSource
from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.machine import AllowedMove
from app.kit.clock import Instant
from app.obligations.absent import AbsentRead


class TotalsRead(BaseModel):
    """The sums of each tier, in whole đồng; null: not there yet."""

    requested_vnd: int
    appraised_vnd: int | None
    decided_vnd: int | None
    change_vnd: int = Field(description="The sum of later adjustments.")
    current_vnd: int | None = Field(description="What was decided, with its adjustments.")
    spent_vnd: int | None


class CategoryRead(TotalsRead):
    """The sums of one category."""

    category: BudgetCategory
    allocated_vnd: int
    unallocated_vnd: int | None = Field(description="What of the current amount is not allocated.")


class EstimateInRead(BaseModel):
    """An agency whose estimate was taken in."""

    estimate_id: UUID
    agency_id: UUID
    agency: str = Field(max_length=300, description="Its name when its estimate was accepted.")
    total_vnd: int


class EstimateOutRead(EstimateInRead):
    """An accepted estimate that was left out."""

    reason: str = Field(max_length=300)


class BudgetContent(BaseModel):
    """Whose estimates are in, and whose are not."""

    included: list[EstimateInRead] = Field(max_length=2000)
    excluded: list[EstimateOutRead] = Field(max_length=2000)
    absent: list[AbsentRead] = Field(max_length=2000)


class AllocationRead(BaseModel):
    """What one category gets from one source."""

    category: BudgetCategory
    funding_source: FundingSource
    amount_vnd: int


class AdjustmentLineRead(BaseModel):
    """By how much one line changes."""

    line_id: UUID
    change_vnd: int
    reason: str = Field(max_length=300)


class AdjustmentRead(BaseModel):
    """A later decision."""

    id: UUID
    number: int
    document: DocumentRead
    signatory: SignatoryRead | None
    made_at: Instant
    lines: list[AdjustmentLineRead] = Field(max_length=MOST)


class BudgetReturnedRead(BaseModel):
    """Why it was last sent back."""

    reason: str = Field(max_length=20_000)
    at: Instant


class AppraisalRead(BaseModel):
    """What finance found."""

    document: DocumentRead
    at: Instant


class DecisionRead(BaseModel):
    """What the People's Committee decided."""

    document: DocumentRead
    signatory: SignatoryRead
    at: Instant


class UnsettledRead(BaseModel):
    """An agency that had not settled when the budget was closed."""

    agency_id: UUID
    agency: str = Field(max_length=300)


class ClosingRead(BaseModel):
    """How it ended."""

    note: str | None = Field(max_length=20_000)
    unsettled: list[UnsettledRead] = Field(max_length=500)
    at: Instant


class BudgetSummary(BaseModel):
    """A budget as lists show it."""

    id: UUID
    agency_id: UUID
    year: int
    title: str = Field(max_length=300)
    state: BudgetState
    version: int
    self_appraised: bool = Field(description="Whether who appraises it also asks for money in it.")
    totals: TotalsRead
    sent_at: Instant | None
    appraised_at: Instant | None
    decided_at: Instant | None
    allocated_at: Instant | None
    closed_at: Instant | None
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class BudgetRead(BudgetSummary):
    """A budget whole; its lines are a list of their own."""

    content: BudgetContent
    categories: list[CategoryRead] = Field(max_length=10)
    allocations: list[AllocationRead] = Field(max_length=20)
    adjustments: list[AdjustmentRead] = Field(max_length=1000)
    signatory: SignatoryRead | None
    document: DocumentRead | None
    returned: BudgetReturnedRead | None
    appraisal: AppraisalRead | None
    decision: DecisionRead | None
    settlement: DocumentRead | None = Field(description="The settlement of the coordinator's own lines.")
    closing: ClosingRead | None
    allowed_moves: list[AllowedMove] = Field(max_length=20, description="What this client may do now.")
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.", examples=[["QC.D8.K9-b"]])


class BudgetLineRead(BaseModel):
    """One line of the budget at every tier."""

    id: UUID
    position: int
    scope: LineScope
    agency_id: UUID
    estimate_id: UUID | None
    code: str = Field(max_length=64)
    task_code: str | None = Field(max_length=64)
    content: str = Field(max_length=300)
    category: BudgetCategory
    funding_source: FundingSource
    self_appraised: bool = Field(description="Asked for by the agency that appraises.")
    requested_vnd: int
    appraised_vnd: int | None
    opinion: str | None = Field(max_length=300)
    decided_vnd: int | None
    decision_reason: str | None = Field(max_length=300)
    change_vnd: int
    current_vnd: int | None
    spent_vnd: int | None
    overspent: bool | None
