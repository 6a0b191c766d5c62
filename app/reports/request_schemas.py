"""Report requests on the wire."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, DocumentRef
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.kit.clock import Day, Instant
from app.kit.lists import once
from app.kit.text import Code, Line, Prose
from app.law.functions import FunctionKey
from app.reports.request_models import RequestState
from app.reports.schemas import Area


class TargetsWrite(Submitted):
    """Who is asked: everybody who owes reports, whoever holds a function, agencies of a kind, agencies by name."""

    all: bool = Field(default=False, strict=True, description="Everybody who owes reports (QC.D7).")
    functions: list[FunctionKey] = Field(default_factory=list, max_length=20, examples=[["DISTRICT"]])
    kinds: list[Code] = Field(
        default_factory=list, max_length=20, description="Kinds of agencies, as the register has them."
    )
    agency_ids: list[UUID] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.all or self.functions or self.kinds or self.agency_ids):
            raise PydanticCustomError("missing", "Nobody is asked")
        return self


class IndicatorAsked(Submitted):
    """A figure that every answer must hold."""

    code: Code = Field(description="What it counts.", examples=["bai_tieng_anh"])
    title: Line
    unit: Line


class TemplateWrite(Submitted):
    """What every answer must hold."""

    sections: list[Area] = Field(default_factory=list, max_length=20, description="Areas of state management (QC.D5).")
    indicators: Annotated[list[IndicatorAsked], AfterValidator(once("code"))] = Field(
        default_factory=list, max_length=100
    )


class DueWrite(Submitted):
    """By when: a last day on time, or, where hours count, the first instant that is late."""

    last_on_time_date: Day | None = None
    due_before: Instant | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.last_on_time_date is None) == (self.due_before is None):
            raise PydanticCustomError("one_date", "Give last_on_time_date or due_before, and not both")
        return self


class RequestWrite(DueWrite):
    """What is asked."""

    title: Line = Field(examples=["Báo cáo đột xuất về đoàn phóng viên nước ngoài quý I năm 2027"])
    purpose: Prose | None = None
    period_start: Day
    period_end: Day
    targets: TargetsWrite
    template: TemplateWrite = Field(default_factory=TemplateWrite)
    document: DocumentRef | None = Field(None, description="The letter that asks, or the order behind it.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.period_end < self.period_start:
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return self


class ExtendRequest(DueWrite):
    """A later date for everybody who has not answered yet."""

    reason: Line


class CloseRequest(Submitted):
    """No more answers are waited for; who is missing is named."""

    reason: Line | None = None


class CancelRequest(Submitted):
    """It is no longer asked; what was not sent is no longer owed."""

    reason: Line


class AskedRead(BaseModel):
    """A figure that every answer must hold."""

    code: str = Field(max_length=64)
    title: str = Field(max_length=300)
    unit: str = Field(max_length=300)


class TemplateRead(BaseModel):
    """What every answer must hold."""

    sections: list[Annotated[str, Field(max_length=64)]] = Field(max_length=20)
    indicators: list[AskedRead] = Field(max_length=100)


class ProgressRead(BaseModel):
    """How many have answered."""

    expected: int
    received: int
    late: int
    accepted: int
    nil_return: int
    waived: int
    missing_agency_ids: list[UUID] = Field(max_length=2000, description="Who has not answered.")


class EndedRead(BaseModel):
    """How it ended."""

    reason: str | None = Field(max_length=300)
    at: Instant


class RequestSummary(BaseModel):
    """A report request as lists show it."""

    id: UUID
    number: str = Field(max_length=32, examples=["3/2027"])
    agency_id: UUID = Field(description="Who asks.")
    title: str = Field(max_length=300)
    period_start: date
    period_end: date
    last_on_time_date: date
    due_before: Instant = Field(description="The first instant that is late.")
    state: RequestState
    version: int
    created_at: Instant = Field(description="When it was issued.")
    updated_at: Instant
    etag: str = Field(max_length=64)


class RequestRead(RequestSummary):
    """A report request whole."""

    purpose: str | None = Field(max_length=20_000)
    template: TemplateRead
    document: DocumentRead | None
    ended: EndedRead | None
    progress: ProgressRead | None = Field(
        description="For those who read all; an agency asked sees its own obligation."
    )
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)
