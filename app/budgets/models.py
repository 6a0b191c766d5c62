"""The agencies' budget estimates and their lines."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from app.flow.submission import Submission, external_key
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id


class EstimateState(StrEnum):
    """Where an estimate stands: as far as accepted its plan takes it, then the province's budget."""

    draft = "draft"
    submitted = "submitted"
    returned = "returned"
    accepted = "accepted"
    withdrawn = "withdrawn"
    consolidated = "consolidated"
    """In a budget that was sent to finance: it can no longer be taken back."""
    decided = "decided"
    settled = "settled"


class BudgetCategory(StrEnum):
    """What the money is for (QC.D5.K4, QC.D12.K1)."""

    programme = "programme"
    facilities = "facilities"


class FundingSource(StrEnum):
    """Where the money comes from."""

    provincial_budget = "provincial_budget"
    central_budget = "central_budget"
    own_revenue = "own_revenue"
    sponsorship = "sponsorship"
    other = "other"


class BudgetEstimate(Submission, table=True):
    """What one agency estimates that a plan of its own will cost."""

    __tablename__ = "budget_estimate"

    plan_id: UUID = Field(foreign_key="plan.id")
    year: int
    title: str
    settled_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    settlement: dict[str, Any] | None = Field(default=None, sa_type=Json)

    __table_args__ = (
        Index("uq_budget_estimate_live", "plan_id", unique=True, postgresql_where=text("state <> 'withdrawn'")),
        Index("ix_budget_estimate_year", "year"),
        external_key("budget_estimate", "dự toán", "budget estimate"),
    )

    @property
    def period(self) -> str:
        """The year."""
        return str(self.year)


CONSTRAINTS["uq_budget_estimate_live"] = (
    "Kế hoạch đã có một dự toán. Sửa dự toán đó.",
    "The plan already has a budget estimate. Edit that one.",
)


class EstimateLine(SQLModel, table=True):
    """One line of an estimate, in whole đồng; `code` is the agency's own key for it and keeps its id through edits."""

    __tablename__ = "estimate_line"
    __table_args__ = (Index("uq_estimate_line_code", "estimate_id", "code", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    estimate_id: UUID = Field(foreign_key="budget_estimate.id", ondelete="CASCADE")
    position: int
    code: str
    task_code: str | None = None
    content: str
    category: str
    funding_source: str
    unit: str | None = None
    quantity: str | None = None
    norm_vnd: int | None = Field(default=None, sa_type=BigInteger)
    amount_vnd: int = Field(sa_type=BigInteger)
