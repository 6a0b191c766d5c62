"""Consolidated reports on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret, Signatory, SignatoryRead
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.kit.clock import Instant
from app.kit.lists import once
from app.kit.text import Line, Prose
from app.obligations.absent import AbsentRead
from app.reports.consolidated_models import ConsolidatedState
from app.reports.models import DifficultyKind
from app.statistics.schemas import Number

MOST = 2000


class ExcludeWrite(Submitted):
    """An accepted report that is left out."""

    report_id: UUID
    reason: Line


class ConsolidatedWrite(Submitted):
    """The coordinator's own words; all the rest is gathered from the accepted reports."""

    title: Line = Field(examples=["Báo cáo tổng hợp kết quả thông tin đối ngoại năm 2027"])
    summary: Prose | None = None
    proposals: Prose | None = Field(None, description="What is proposed to the People's Committee.")
    excluded: Annotated[list[ExcludeWrite], AfterValidator(once("report_id"))] = Field(
        default_factory=list, max_length=500, description="Accepted reports that are left out, each with a reason."
    )


class ConsolidateWrite(ConsolidatedWrite):
    """Which year is consolidated."""

    year: int = Field(ge=2013, le=2100, strict=True, examples=[2027])


class SubmitConsolidated(NoStateSecret):
    """Send it to the People's Committee."""

    signatory: Signatory | None = None
    document: DocumentRef | None = Field(None, description="The submission (tờ trình) that carries it.")


class ReturnConsolidated(Submitted):
    """Send it back."""

    reason: Prose


class AcknowledgeConsolidated(Submitted):
    """Take note of it."""

    note: Prose | None = None


class DirectConsolidated(Submitted):
    """Say what is to be done."""

    direction: Prose
    document: DocumentRef | None = Field(None, description="The document that directs.")


class OriginRead(BaseModel):
    """Where something comes from."""

    report_id: UUID
    agency_id: UUID
    agency: str = Field(max_length=300, description="Its name when its report was accepted.")


class IncludedRead(OriginRead):
    """A report that was taken in."""

    late: bool | None
    sha256: str = Field(max_length=64, description="Of what the agency wrote.")


class ExcludedRead(OriginRead):
    """An accepted report that was left out."""

    reason: str = Field(max_length=300)


class EntryRead(OriginRead):
    """What one agency wrote."""

    text: str = Field(max_length=20_000)


class AreaRead(BaseModel):
    """What all wrote on one area of state management (QC.D5)."""

    area: str = Field(max_length=64)
    entries: list[EntryRead] = Field(max_length=MOST)


class PartRead(OriginRead):
    """One agency's part of a sum."""

    number: str = Field(max_length=32, examples=["12.5"])


class SumRead(BaseModel):
    """An indicator summed; figures of different units are never added up."""

    code: str = Field(max_length=64)
    title: str = Field(max_length=300)
    unit: str = Field(max_length=300)
    total: str = Field(max_length=64, examples=["512.5"])
    origins: list[PartRead] = Field(max_length=MOST)


class GatheredRead(BaseModel):
    """A difficulty that one agency met: from its report, or from a record of its own."""

    report_id: UUID | None = Field(description="Null where it was told of outside a report.")
    record_id: UUID | None = Field(None, description="The record by which it was told of.")
    agency_id: UUID
    agency: str = Field(max_length=300)
    kind: DifficultyKind
    provision: str | None = Field(max_length=64)
    description: str = Field(max_length=20_000)
    proposal: str | None = Field(max_length=20_000)


class ActivityRead(BaseModel):
    """The activities of one kind, in one area of management and one form."""

    kind: str = Field(max_length=64, examples=["press_event"])
    area: str | None = Field(max_length=32, examples=["QC.D5.K5"])
    form: str | None = Field(max_length=64, examples=["press_conference"])
    count: Number
    done: Number = Field(description="Those that took place.")


class ContentRead(BaseModel):
    """What was gathered."""

    year: int
    included: list[IncludedRead] = Field(max_length=MOST)
    excluded: list[ExcludedRead] = Field(max_length=MOST)
    absent: list[AbsentRead] = Field(max_length=MOST)
    sections: list[AreaRead] = Field(max_length=50)
    evaluations: list[EntryRead] = Field(max_length=MOST)
    indicators: list[SumRead] = Field(max_length=MOST)
    difficulties: list[GatheredRead] = Field(max_length=100_000)
    statistics: list[ActivityRead] = Field(
        [], max_length=1000, description="The activities of the year over all agencies, as counted when it was built."
    )


class DecidedRead(BaseModel):
    """What the People's Committee said."""

    text: str | None = Field(max_length=20_000)
    document: DocumentRead | None
    at: Instant


class ConsolidatedSummary(BaseModel):
    """A consolidated report as lists show it."""

    id: UUID
    agency_id: UUID
    year: int
    title: str = Field(max_length=300)
    state: ConsolidatedState
    content_sha256: str = Field(
        max_length=64, description="SHA-256 of `content` as canonical JSON: the same inputs give the same."
    )
    submitted_at: Instant | None
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class ConsolidatedRead(ConsolidatedSummary):
    """A consolidated report whole."""

    summary: str | None = Field(max_length=20_000)
    proposals: str | None = Field(max_length=20_000)
    content: ContentRead
    signatory: SignatoryRead | None
    document: DocumentRead | None
    decided: DecidedRead | None
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)
