"""Consolidated reports."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.flow.procedure import Procedure
from app.kit.db import Json, Timestamptz
from app.kit.failures import CONSTRAINTS


class ConsolidatedState(StrEnum):
    """Where a consolidated report stands."""

    draft = "draft"
    submitted = "submitted"
    returned = "returned"
    acknowledged = "acknowledged"
    directed = "directed"


class ConsolidatedReport(Procedure, table=True):
    """What the coordinator makes of a year's accepted reports; `content` is frozen once it is sent up."""

    __tablename__ = "consolidated_report"

    year: int
    title: str
    summary: str | None = None
    proposals: str | None = None
    excluded: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    content_sha256: str
    submitted_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    signatory: dict[str, Any] | None = Field(default=None, sa_type=Json)
    document: dict[str, Any] | None = Field(default=None, sa_type=Json)
    decided_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    decision: str | None = None
    decision_document: dict[str, Any] | None = Field(default=None, sa_type=Json)

    __table_args__ = (Index("uq_consolidated_report_year", "year", unique=True),)

    @property
    def period(self) -> str:
        """The year."""
        return str(self.year)


CONSTRAINTS["uq_consolidated_report_year"] = (
    "Đã có báo cáo tổng hợp của năm này. Sửa báo cáo đó.",
    "There is a consolidated report of this year. Edit that one.",
)
