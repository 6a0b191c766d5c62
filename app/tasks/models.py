"""Assigned tasks, what was reported on them and what was found, and the cooperation they ask for."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.clock import now
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS
from app.kit.ids import new_id


class TaskState(StrEnum):
    """Where an assigned task stands."""

    assigned = "assigned"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"
    """The plan no longer has it."""


class Pace(StrEnum):
    """How it goes, by its agency's own account."""

    on_track = "on_track"
    delayed = "delayed"
    blocked = "blocked"


class Finding(StrEnum):
    """What a check found."""

    satisfactory = "satisfactory"
    needs_correction = "needs_correction"


class AssignedTask(Procedure, table=True):
    """A task of an issued plan, in the hands of the agency that leads it (QC.D7.K1).

    Its content is the plan's: an amendment of the plan that carries the task over brings it here, and what was reported
    stays.
    """

    __tablename__ = "assigned_task"

    plan_id: UUID = Field(foreign_key="provincial_plan.id", index=True)
    task_id: UUID = Field(foreign_key="provincial_task.id")
    year: int
    code: str
    title: str
    content_category: str
    direction: str
    audiences: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    channel: str | None = None
    starts_on: date | None = None
    ends_on: date
    provision: str | None = None
    expected_output: str | None = None
    percent: int = 0
    pace: str | None = None
    reported_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    first_completed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    completed_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    cancelled_at: datetime | None = Field(default=None, sa_type=Timestamptz)

    __table_args__ = (
        Index("uq_assigned_task_task", "task_id", unique=True),
        Index("ix_assigned_task_year", "year", "agency_id"),
    )

    @property
    def period(self) -> str:
        """The year of its plan."""
        return str(self.year)


class TaskReport(SQLModel, table=True):
    """What an agency reported on its task; nothing of it changes."""

    __tablename__ = "task_report"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="assigned_task.id", index=True)
    percent: int
    pace: str
    done: str
    outputs: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    evidence: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    reported_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    reported_by: UUID | None = None


class TaskCheck(SQLModel, table=True):
    """What a check of the task found (QC.D8.K2)."""

    __tablename__ = "task_check"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="assigned_task.id", index=True)
    checked_on: date
    finding: str
    note: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    recorded_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    recorded_by: UUID | None = None


class CooperationState(StrEnum):
    """What became of a request to cooperate."""

    asked = "asked"
    accepted = "accepted"
    declined = "declined"
    released = "released"
    """The task, or the agency's part in it, is no longer in the plan."""


class Cooperation(Procedure, table=True):
    """That one agency is asked to work with another on its task (QC.D6.K1)."""

    task_id: UUID = Field(foreign_key="assigned_task.id")
    year: int
    lead_agency_id: UUID = Field(foreign_key="agency.id", index=True)
    asked_by_agency_id: UUID = Field(foreign_key="agency.id")
    request: str | None = None
    answer: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Timestamptz)

    __table_args__ = (Index("uq_cooperation_agency", "task_id", "agency_id", unique=True),)

    @property
    def period(self) -> str:
        """The year of the task's plan."""
        return str(self.year)


class Contribution(SQLModel, table=True):
    """What a cooperating agency gave; nothing of it changes."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    cooperation_id: UUID = Field(foreign_key="cooperation.id", index=True)
    text: str
    evidence: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    contributed_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    contributed_by: UUID | None = None


CONSTRAINTS["uq_cooperation_agency"] = (
    "Cơ quan này vừa được đề nghị phối hợp. Đọc lại nhiệm vụ.",
    "This agency was asked to cooperate just now. Read the task again.",
)
