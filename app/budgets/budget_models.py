"""The province's budget of a year: its lines through every tier, what is allocated, how it was adjusted."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.clock import now
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id


class BudgetState(StrEnum):
    """Where the province's budget stands."""

    draft = "draft"
    with_finance = "with_finance"
    returned = "returned"
    appraised = "appraised"
    decided = "decided"
    closed = "closed"


class LineScope(StrEnum):
    """Whose request a line is."""

    agency = "agency"
    coordinator_own = "coordinator_own"


class ProvincialBudget(Procedure, table=True):
    """What the coordinator makes of a year's accepted estimates; `content` says who is in it and who is not."""

    __tablename__ = "provincial_budget"

    year: int
    title: str
    excluded: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sent_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    returned_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    return_reason: str | None = None
    appraised_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    appraisal_document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    decided_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    decision_document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    decision_signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    allocated_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    settlement: dict[str, Any] | None = Field(default=None, sa_type=Json)
    closed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    closing_note: str | None = None
    unsettled: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)

    __table_args__ = (Index("uq_provincial_budget_year", "year", unique=True),)

    @property
    def period(self) -> str:
        """The year."""
        return str(self.year)


class BudgetLine(SQLModel, table=True):
    """One amount of the budget, in whole đồng, at every tier; what one tier wrote the next does not touch."""

    __tablename__ = "budget_line"
    __table_args__ = (
        Index("uq_budget_line_position", "budget_id", "position", unique=True),
        Index("uq_budget_line_estimate_line", "estimate_line_id", unique=True),
        Index("ix_budget_line_estimate", "estimate_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    budget_id: UUID = Field(foreign_key="provincial_budget.id")
    position: int
    scope: str
    agency_id: UUID = Field(foreign_key="agency.id")
    estimate_id: UUID | None = Field(default=None, foreign_key="budget_estimate.id")
    estimate_line_id: UUID | None = Field(default=None, foreign_key="estimate_line.id")
    code: str
    task_code: str | None = None
    content: str
    category: str
    funding_source: str
    self_appraised: bool = False
    requested_vnd: int = Field(sa_type=BigInteger)
    appraised_vnd: int | None = Field(default=None, sa_type=BigInteger)
    opinion: str | None = None
    decided_vnd: int | None = Field(default=None, sa_type=BigInteger)
    decision_reason: str | None = None
    spent_vnd: int | None = Field(default=None, sa_type=BigInteger)


class BudgetAllocation(SQLModel, table=True):
    """What finance allocates to one category from one source."""

    __tablename__ = "budget_allocation"
    __table_args__ = (Index("uq_budget_allocation_of", "budget_id", "category", "funding_source", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    budget_id: UUID = Field(foreign_key="provincial_budget.id")
    category: str
    funding_source: str
    amount_vnd: int = Field(sa_type=BigInteger)


class BudgetAdjustment(SQLModel, table=True):
    """A later decision about a decided budget: a record beside it, that changes nothing in it."""

    __tablename__ = "budget_adjustment"
    __table_args__ = (Index("uq_budget_adjustment_number", "budget_id", "number", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    budget_id: UUID = Field(foreign_key="provincial_budget.id")
    number: int
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    made_by: UUID | None = None
    made_at: datetime = Field(default_factory=now, sa_type=Timestamptz)


class AdjustmentLine(SQLModel, table=True):
    """By how much one line changes."""

    __tablename__ = "adjustment_line"
    __table_args__ = (Index("uq_adjustment_line_of", "adjustment_id", "line_id", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    adjustment_id: UUID = Field(foreign_key="budget_adjustment.id")
    line_id: UUID = Field(foreign_key="budget_line.id", index=True)
    change_vnd: int = Field(sa_type=BigInteger)
    reason: str


CONSTRAINTS["uq_provincial_budget_year"] = (
    "Đã có dự toán tổng hợp của năm này. Sửa dự toán đó.",
    "There is a budget of the province for this year. Edit that one.",
)
CONSTRAINTS["uq_budget_line_estimate_line"] = (
    "Một dòng dự toán đã nằm trong một dự toán tổng hợp.",
    "A line of an estimate stands in a budget already.",
)
