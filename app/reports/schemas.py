"""Reports on the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.flow.submission import ExternalRead, ReturnedRead, SubmissionState, WithdrawnRead
from app.kit.clock import Day, Instant
from app.kit.lists import once
from app.kit.text import Code, Line, Prose, clean
from app.law.book import law
from app.law.citing import ProvisionId
from app.reports.models import DifficultyKind, ReportKind

AREAS = tuple(
    area.id
    for instrument in law().instruments.values()
    if instrument.management_areas
    for area in law().children(instrument.management_areas)
)
"""The areas of state management (QC.D5): what a report is divided by."""


def _known_area(value: str) -> str:
    if value not in AREAS:
        raise PydanticCustomError("unknown_area", "No such area of state management")
    return value


Area = Annotated[Code, AfterValidator(_known_area), Field(json_schema_extra={"enum": list(AREAS)})]
Number = Annotated[
    str,
    Field(max_length=23, pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$", examples=["12.5"]),
    BeforeValidator(clean),
]
"""An exact decimal number, as a string: no binary fraction on the way, and sums that come out."""


class SectionWrite(Submitted):
    """What was done in one area of state management."""

    area: Area = Field(description="The area, a provision of QC.D5.")
    text: Prose


class IndicatorWrite(Submitted):
    """One figure of a report."""

    code: Code = Field(description="What it counts; the same code in every report that counts the same.")
    title: Line
    number: Number = Field(description="An exact decimal number, as a string: up to 15 digits, and 6 decimals.")
    unit: Line


class DifficultyWrite(Submitted):
    """One difficulty met, and what is proposed."""

    kind: DifficultyKind
    provision: ProvisionId | None = Field(None, description="The provision it concerns.", examples=["QC.D14"])
    description: Prose
    proposal: Prose | None = None


class ReportWrite(Submitted):
    """What an agency writes of its report."""

    kind: ReportKind
    year: int = Field(ge=2013, le=2100, strict=True, examples=[2027])
    period_start: Day | None = Field(
        None,
        validate_default=True,
        description="First day reported on. An annual report without it begins on 1 January; an interim one needs it.",
    )
    period_end: Day | None = Field(
        None,
        validate_default=True,
        description="Last day reported on. An annual report without it ends on 31 December; an interim one needs it.",
    )
    title: Line = Field(examples=["Báo cáo kết quả hoạt động thông tin đối ngoại năm 2027"])
    request_id: UUID | None = Field(
        None, validate_default=True, description="The request that an ad hoc report answers; other kinds have none."
    )
    sections: Annotated[list[SectionWrite], AfterValidator(once("area", code="duplicate_area"))] = Field(
        default_factory=list, max_length=20, description="By area of state management, each at most once."
    )
    effect_evaluation: Prose | None = Field(
        None, description="How effective the work was (QC.D7.K3); an annual report is not sent without it."
    )
    indicators: Annotated[list[IndicatorWrite], AfterValidator(once("code"))] = Field(
        default_factory=list, max_length=200
    )
    difficulties: list[DifficultyWrite] = Field(default_factory=list, max_length=100)

    @field_validator("period_start", "period_end")
    @classmethod
    def _period_of_its_kind(cls, value: date | None, info: ValidationInfo) -> date | None:
        kind, year, begun = (info.data.get(name) for name in ("kind", "year", "period_start"))
        if value is None and kind is ReportKind.interim:
            raise PydanticCustomError("missing", "An interim report needs its period")
        if value is None and kind is ReportKind.annual and year:
            value = date(year, 1, 1) if info.field_name == "period_start" else date(year, 12, 31)
        if value and begun and value < begun:
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return value

    @field_validator("request_id")
    @classmethod
    def _request_of_its_kind(cls, value: UUID | None, info: ValidationInfo) -> UUID | None:
        kind = info.data.get("kind")
        if value is None and kind is ReportKind.ad_hoc:
            raise PydanticCustomError("missing", "An ad hoc report answers a request")
        if value is not None and kind is not None and kind is not ReportKind.ad_hoc:
            raise PydanticCustomError("not_of_this_kind", "Only an ad hoc report answers a request")
        return value


class SectionRead(BaseModel):
    """What was done in one area of state management."""

    area: str = Field(max_length=64)
    text: str = Field(max_length=20_000)


class IndicatorRead(BaseModel):
    """One figure of a report."""

    code: str = Field(max_length=64)
    title: str = Field(max_length=300)
    number: str = Field(max_length=23, examples=["12.5"])
    unit: str = Field(max_length=300)


class DifficultyRead(BaseModel):
    """One difficulty met, and what is proposed."""

    kind: DifficultyKind
    provision: str | None = Field(max_length=64)
    description: str = Field(max_length=20_000)
    proposal: str | None = Field(max_length=20_000)


class ReportSummary(BaseModel):
    """A report as lists show it."""

    id: UUID
    agency_id: UUID
    kind: ReportKind
    year: int
    period_start: date | None
    period_end: date | None
    title: str = Field(max_length=300)
    request_id: UUID | None
    state: SubmissionState
    version: int
    external: ExternalRead | None = Field(description="The department's own key, where it sent one.")
    late: bool | None = Field(
        description="Whether its first submission came too late; null: not sent, taken back, or nothing was owed."
    )
    first_submitted_at: Instant | None = Field(
        description="When it was first sent; returns and corrections do not move it."
    )
    submitted_at: Instant | None
    accepted_at: Instant | None
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class ReportRead(ReportSummary):
    """A report whole."""

    sections: list[SectionRead] = Field(max_length=20)
    effect_evaluation: str | None = Field(max_length=20_000)
    indicators: list[IndicatorRead] = Field(max_length=200)
    difficulties: list[DifficultyRead] = Field(max_length=100)
    signatory: SignatoryRead | None
    document: DocumentRead | None
    returned: ReturnedRead | None
    withdrawn: WithdrawnRead | None
    allowed_moves: list[AllowedMove] = Field(max_length=20, description="What this client may do now.")
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.", examples=[["QC.D7.K3"]])
