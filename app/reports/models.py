"""Reports."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from app.flow.submission import Submission, external_key
from app.kit.failures import CONSTRAINTS


class ReportKind(StrEnum):
    """The kinds of reports of QC.D7.K3."""

    annual = "annual"
    """Tổng kết: before the date that the regulation sets, every year."""
    interim = "interim"
    """Sơ kết: the text gives it no date."""
    ad_hoc = "ad_hoc"
    """Đột xuất: the answer to a request."""


class DifficultyKind(StrEnum):
    """What a difficulty lies in."""

    legal = "legal"
    organisation = "organisation"
    personnel = "personnel"
    budget = "budget"
    facilities = "facilities"
    coordination = "coordination"
    information = "information"
    other = "other"


class Report(Submission, table=True):
    """A report of one agency; `late` is fixed by its first submission and goes with a withdrawal."""

    kind: str
    year: int
    period_start: date | None = None
    period_end: date | None = None
    title: str
    request_id: UUID | None = None
    sections: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    effect_evaluation: str | None = None
    indicators: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    difficulties: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    late: bool | None = None

    __table_args__ = (
        Index(
            "uq_report_annual",
            "agency_id",
            "year",
            unique=True,
            postgresql_where=text("kind = 'annual' AND state <> 'withdrawn'"),
        ),
        Index(
            "uq_report_request",
            "agency_id",
            "request_id",
            unique=True,
            postgresql_where=text("kind = 'ad_hoc' AND state <> 'withdrawn'"),
        ),
        Index("ix_report_request_id", "request_id"),
        external_key("report", "báo cáo", "report"),
    )

    @property
    def period(self) -> str:
        """The year."""
        return str(self.year)


CONSTRAINTS["uq_report_annual"] = (
    "Cơ quan đã có một báo cáo của năm này. Sửa báo cáo đó, hoặc thu hồi rồi lập lại.",
    "The agency already has an annual report of this year. Edit that one, or withdraw it and start again.",
)
CONSTRAINTS["uq_report_request"] = (
    "Cơ quan đã có một báo cáo trả lời yêu cầu này. Sửa báo cáo đó, hoặc thu hồi rồi lập lại.",
    "The agency already has a report that answers this request. Edit that one, or withdraw it and start again.",
)
