"""Plans and their tasks."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.flow.submission import Submission, external_key
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id


class ContentCategory(StrEnum):
    """The kinds of content of QC.D3.K3 a–d."""

    policy_and_achievement = "policy_and_achievement"
    image_promotion = "image_promotion"
    rebuttal = "rebuttal"
    other = "other"


class Direction(StrEnum):
    """To the world, or about the world to the province (QC.D3.K1)."""

    outward = "outward"
    inward = "inward"


class Audience(StrEnum):
    """Whom the information is for (QC.D3.K2, QC.D5.K5, QC.D8.K3)."""

    foreign_org_or_person = "foreign_org_or_person"
    overseas_vietnamese = "overseas_vietnamese"
    provincial_public = "provincial_public"
    domestic_press = "domestic_press"
    foreign_press = "foreign_press"


class Plan(Submission, table=True):
    """A plan of one agency for one year."""

    kind: str
    year: int
    title: str
    objectives: str | None = None
    shareable: bool = False
    no_budget_reason: str | None = None

    __table_args__ = (
        Index(
            "uq_plan_live",
            "agency_id",
            "year",
            unique=True,
            postgresql_where=text("kind = 'agency_annual' AND state <> 'withdrawn'"),
        ),
        external_key("plan", "kế hoạch", "plan"),
    )

    @property
    def period(self) -> str:
        """The year."""
        return str(self.year)


CONSTRAINTS["uq_plan_live"] = (
    "Cơ quan đã có một kế hoạch của năm này. Sửa kế hoạch đó, hoặc thu hồi rồi lập lại.",
    "The agency already has a plan of this year. Edit that one, or withdraw it and start again.",
)


class PlanTask(SQLModel, table=True):
    """One task of a plan; `code` is the agency's own key for it and keeps its id through edits."""

    __tablename__ = "plan_task"
    __table_args__ = (
        Index("uq_plan_task_code", "plan_id", "code", unique=True),
        Index("ix_plan_task_cooperating", "cooperating_agency_ids", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    plan_id: UUID = Field(foreign_key="plan.id", ondelete="CASCADE")
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
    cooperating_agency_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
