"""Budget estimates on the wire."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.budgets.models import BudgetCategory, EstimateState, FundingSource
from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret, SignatoryRead
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.flow.submission import ExternalRead, ReturnedRead, WithdrawnRead
from app.kit.clock import Instant
from app.kit.text import Code, Line, clean

INT64, LARGEST = 2**63 - 1, 10**18 - 1
"""What a total may be; what one amount may be, which is the longest integer that the JSON reader takes."""
MOST_LINES = 500
Vnd = Annotated[int, Field(ge=0, le=LARGEST, strict=True)]
"""An amount of money in whole đồng."""
Quantity = Annotated[
    str,
    Field(max_length=16, pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$", examples=["12.5"]),
    BeforeValidator(clean),
]
"""An exact decimal number, as a string: up to 12 digits and 3 decimals."""


class EstimateLineWrite(Submitted):
    """One line of an estimate."""

    code: Code = Field(description="Your own key for the line, unique in the estimate; keeps its id through edits.")
    task_code: Code | None = Field(None, description="The plan's task that it pays for; it must be there when sent.")
    content: Line = Field(description="What is paid for.", examples=["Biên dịch chuyên trang tiếng Anh"])
    category: BudgetCategory = Field(description="Programmes or facilities (QC.D12.K1).")
    funding_source: FundingSource
    unit: Line | None = Field(None, examples=["trang"])
    quantity: Quantity | None = Field(None, description="How many, as a decimal string.")
    norm_vnd: Vnd | None = Field(None, description="For one unit, in whole đồng.", examples=[150_000])
    amount_vnd: Vnd = Field(
        description="In whole đồng; exactly `quantity` × `norm_vnd` where both are given.", examples=[18_000_000]
    )

    @model_validator(mode="after")
    def _comes_out(self) -> Self:
        if self.quantity is not None and self.norm_vnd is not None:
            product = Decimal(self.quantity) * self.norm_vnd
            if product != self.amount_vnd:
                raise PydanticCustomError("product_differs", "The amount is not the quantity times the norm")
        return self


def lines_once(lines: Sequence[EstimateLineWrite]) -> Sequence[EstimateLineWrite]:
    """No code twice, and a total that is an amount itself."""
    if len({line.code for line in lines}) != len(lines):
        raise PydanticCustomError("duplicate_code", "Two lines have the same code")
    if sum(line.amount_vnd for line in lines) > INT64:
        raise PydanticCustomError("total_too_large", "The total is too large")
    return lines


class EstimateWrite(Submitted):
    """What an agency writes of its estimate."""

    plan_id: UUID = Field(description="The plan of one's own agency that it goes with; its year is the plan's.")
    title: Line = Field(examples=["Dự toán kinh phí thông tin đối ngoại năm 2027"])
    lines: Annotated[list[EstimateLineWrite], AfterValidator(lines_once)] = Field(
        default_factory=list, max_length=MOST_LINES
    )


class SpentLine(Submitted):
    """What was spent on one line."""

    line_id: UUID
    spent_vnd: Vnd = Field(description="In whole đồng; more than was decided is taken, and shown.")


def spent_once(lines: Sequence[SpentLine]) -> Sequence[SpentLine]:
    """No line twice, and a total that is an amount itself."""
    if len({line.line_id for line in lines}) != len(lines):
        raise PydanticCustomError("duplicate_code", "Two items are about the same line")
    if sum(line.spent_vnd for line in lines) > INT64:
        raise PydanticCustomError("total_too_large", "The total is too large")
    return lines


class Settle(NoStateSecret):
    """What was spent, line by line."""

    lines: Annotated[list[SpentLine], AfterValidator(spent_once)] = Field(
        min_length=1, max_length=MOST_LINES, description="Every line, once."
    )
    document: DocumentRef | None = Field(None, description="The settlement as it was signed.")


class EstimateLineRead(BaseModel):
    """One line of an estimate, with what was decided about it once that is so."""

    id: UUID
    code: str = Field(max_length=64)
    task_code: str | None = Field(max_length=64)
    content: str = Field(max_length=300)
    category: BudgetCategory
    funding_source: FundingSource
    unit: str | None = Field(max_length=300)
    quantity: str | None = Field(max_length=16)
    norm_vnd: int | None
    amount_vnd: int = Field(description="What is asked for, in whole đồng.")
    decided_vnd: int | None = Field(description="What the People's Committee decided.")
    change_vnd: int | None = Field(description="The sum of later adjustments.")
    spent_vnd: int | None = Field(description="What was spent.")
    overspent: bool | None = Field(description="Whether more was spent than decided and adjusted.")


class EstimateSummary(BaseModel):
    """An estimate as lists show it."""

    id: UUID
    agency_id: UUID
    plan_id: UUID
    year: int
    title: str = Field(max_length=300)
    total_vnd: int = Field(description="The sum of its lines, in whole đồng.")
    state: EstimateState
    version: int
    external: ExternalRead | None = Field(description="The department's own key, where it sent one.")
    first_submitted_at: Instant | None = Field(
        description="When it was first sent; returns and corrections do not move it."
    )
    submitted_at: Instant | None
    accepted_at: Instant | None
    settled_at: Instant | None
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class EstimateRead(EstimateSummary):
    """An estimate whole."""

    lines: list[EstimateLineRead] = Field(max_length=MOST_LINES)
    signatory: SignatoryRead | None
    document: DocumentRead | None
    returned: ReturnedRead | None
    withdrawn: WithdrawnRead | None
    settlement: DocumentRead | None = Field(description="The settlement as it was signed.")
    allowed_moves: list[AllowedMove] = Field(max_length=20, description="What this client may do now.")
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.", examples=[["QC.D7.K1-b"]])
