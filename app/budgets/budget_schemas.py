"""The province's budget on the wire: what is asked."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.budgets.models import BudgetCategory, FundingSource
from app.budgets.schemas import LARGEST, MOST_LINES, SpentLine, Vnd, spent_once
from app.flow.documents import DocumentRef, NoStateSecret, Signatory
from app.flow.secrecy import Submitted
from app.kit.lists import once
from app.kit.text import Code, Line, Prose

MOST = 5000
"""Lines of one budget."""


class OwnLineWrite(Submitted):
    """A line of the coordinator's own: what no agency asked for (QC.D8.K9)."""

    code: Code
    content: Line = Field(examples=["Hội nghị tổng kết thông tin đối ngoại toàn tỉnh"])
    category: BudgetCategory
    funding_source: FundingSource
    requested_vnd: Vnd = Field(examples=[120_000_000])


class ExcludeEstimate(Submitted):
    """An accepted estimate that is left out."""

    estimate_id: UUID
    reason: Line


class BudgetWrite(Submitted):
    """The coordinator's own part; all the rest comes from the accepted estimates of the year."""

    title: Line = Field(examples=["Dự toán kinh phí thông tin đối ngoại của tỉnh năm 2027"])
    own_lines: Annotated[list[OwnLineWrite], AfterValidator(once("code"))] = Field(
        default_factory=list, max_length=MOST_LINES
    )
    excluded: Annotated[list[ExcludeEstimate], AfterValidator(once("estimate_id"))] = Field(
        default_factory=list, max_length=500, description="Accepted estimates that are left out, each with a reason."
    )


class BuildBudget(BudgetWrite):
    """Which year's estimates are brought together."""

    year: int = Field(ge=2013, le=2100, strict=True, examples=[2027])


class SubmitBudget(NoStateSecret):
    """Send it to finance."""

    signatory: Signatory | None = None
    document: DocumentRef | None = Field(None, description="The submission (tờ trình) that carries it.")


class ReturnBudget(Submitted):
    """Send it back."""

    reason: Prose


class AppraiseLine(Submitted):
    """What finance finds about one line."""

    line_id: UUID
    appraised_vnd: Vnd = Field(description="Below or above what is asked for, or the same.")
    opinion: Line | None = Field(None, description="Required where the amount differs.")


class AppraiseBudget(Submitted):
    """What finance finds, line by line (QC.D12.K1)."""

    lines: Annotated[list[AppraiseLine], AfterValidator(once("line_id"))] = Field(
        min_length=1, max_length=MOST, description="Every line of the budget, once."
    )
    document: DocumentRef


class ExceptLine(Submitted):
    """A line that is decided otherwise than it was appraised."""

    line_id: UUID
    decided_vnd: Vnd
    reason: Line


class DecideBudget(Submitted):
    """What the People's Committee decides."""

    document: DocumentRef = Field(description="The decision.")
    signatory: Signatory
    exceptions: Annotated[list[ExceptLine], AfterValidator(once("line_id"))] = Field(
        default_factory=list, max_length=MOST, description="All other lines are decided as they were appraised."
    )


class AllocateLine(Submitted):
    """What one category gets from one source."""

    category: BudgetCategory
    funding_source: FundingSource
    amount_vnd: Vnd


class AllocateBudget(Submitted):
    """Where the money is found (QC.D12.K1): all of it anew each time."""

    allocations: Annotated[list[AllocateLine], AfterValidator(once("category", "funding_source"))] = Field(
        min_length=1, max_length=20
    )


class AdjustLine(Submitted):
    """By how much one line changes."""

    line_id: UUID
    change_vnd: int = Field(ge=-LARGEST, le=LARGEST, strict=True, examples=[-2_000_000])
    reason: Line


class AdjustBudget(Submitted):
    """A later decision: a record beside the first, which stays as it is."""

    document: DocumentRef
    signatory: Signatory | None = None
    lines: Annotated[list[AdjustLine], AfterValidator(once("line_id"))] = Field(min_length=1, max_length=MOST)


class SettleOwn(NoStateSecret):
    """What the coordinator spent on its own lines."""

    lines: Annotated[list[SpentLine], AfterValidator(spent_once)] = Field(
        min_length=1, max_length=MOST_LINES, description="Every own line, once."
    )
    document: DocumentRef | None = Field(None, description="The settlement as it was signed.")


class CloseBudget(Submitted):
    """End the year's budget."""

    note: Prose | None = None
    unsettled: list[UUID] = Field(
        default_factory=list, max_length=500, description="The agencies that have not settled, each named."
    )
