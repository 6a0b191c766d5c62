"""Plans of the province and their tasks."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id


class ProvincialState(StrEnum):
    """Where a plan of the province stands."""

    draft = "draft"
    submitted = "submitted"
    returned = "returned"
    approved = "approved"
    issued = "issued"
    amended = "amended"
    """Another edition of it was issued."""
    superseded = "superseded"
    closed = "closed"


class ProvincialKind(StrEnum):
    """What kind of plan it is (QC.D8.K2)."""

    provincial_annual = "provincial_annual"
    programme = "programme"
    scheme = "scheme"
    """Đề án."""
    master_plan = "master_plan"
    """Quy hoạch."""


class Term(StrEnum):
    """How far it looks ahead (QC.D4.K3)."""

    annual = "annual"
    medium_term = "medium_term"
    long_term = "long_term"


class ProvincialPlan(Procedure, table=True):
    """A plan that the coordinator builds and the People's Committee approves; from sending up on its content stays.

    `content`: what was gathered (`building.gathered`); `ended_on`: the first day on which it holds no longer.
    """

    __tablename__ = "provincial_plan"

    kind: str
    term: str
    year: int
    until_year: int
    edition: int = 1
    amends_id: UUID | None = Field(default=None, foreign_key="provincial_plan.id")
    amendment_reason: str | None = None
    title: str
    objectives: str | None = None
    priorities: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    dropped: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    content_sha256: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    returned_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    return_reason: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    approval_signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    approval_document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    issued_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    effective_from: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    ended_on: date | None = None
    end_reason: str | None = None
    superseded_by: UUID | None = Field(default=None, foreign_key="provincial_plan.id")

    __table_args__ = (
        Index(
            "uq_provincial_plan_live",
            "year",
            unique=True,
            postgresql_where=text(
                "kind = 'provincial_annual' AND state NOT IN ('amended', 'superseded', 'closed')"
                " AND (amends_id IS NULL OR state = 'issued')"
            ),
        ),
        Index("uq_provincial_plan_amends", "amends_id", unique=True),
    )

    @property
    def period(self) -> str:
        """The year, or the years from first to last."""
        return str(self.year) if self.year == self.until_year else f"{self.year}-{self.until_year}"


CONSTRAINTS["uq_provincial_plan_live"] = (
    "Đã có kế hoạch hằng năm của tỉnh cho năm này. Sửa hoặc điều chỉnh kế hoạch đó.",
    "The province already has an annual plan of this year. Edit or amend that one.",
)
CONSTRAINTS["uq_provincial_plan_amends"] = (
    "Kế hoạch này đang có bản điều chỉnh. Sửa bản đó.",
    "This plan already has an amendment. Edit that one.",
)


class ProvincialTask(SQLModel, table=True):
    """One task of a plan of the province; it keeps its id through edits as long as it keeps its `code`.

    `sources`: the tasks of agencies' plans that it stands for; `carried_from`: the same task in the edition amended.
    """

    __tablename__ = "provincial_task"
    __table_args__ = (
        Index("uq_provincial_task_code", "plan_id", "code", unique=True),
        Index("ix_provincial_task_lead", "lead_agency_id"),
        Index("ix_provincial_task_carried", "carried_from"),
        Index("ix_provincial_task_cooperating", "cooperating_agency_ids", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    plan_id: UUID = Field(foreign_key="provincial_plan.id", ondelete="CASCADE")
    position: int
    code: str
    title: str
    content_category: str
    direction: str
    audiences: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    channel: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    expected_output: str | None = None
    provision: str | None = None
    lead_agency_id: UUID = Field(foreign_key="agency.id")
    cooperating_agency_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    sources: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    carried_from: UUID | None = Field(default=None, foreign_key="provincial_task.id")
