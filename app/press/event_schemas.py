"""Press events on the wire."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.documents import DocumentRead, DocumentRef, NoStateSecret
from app.flow.machine import AllowedMove
from app.flow.secrecy import Submitted
from app.kit.clock import Day, Instant
from app.kit.text import Language, Line, Prose, Url
from app.plans.models import Audience, ContentCategory, Direction
from app.press.event_models import EventForm, EventState, PublicState, Visibility

Authorisation = Literal["head", "assigned", "ad_hoc_written"]


class Reach(StrEnum):
    """How far an edit of one occurrence of a series reaches."""

    this = "this"
    this_and_following = "this_and_following"
    all = "all"


class SpokespersonWrite(Submitted):
    """Who speaks for the agency, and by what right (QC.D4.K4)."""

    name: Line
    title: Line = Field(examples=["Phó Giám đốc"])
    authorisation: Authorisation = Field(
        description="The head; a spokesperson assigned; or somebody authorised in writing for this once."
    )
    document: DocumentRef | None = Field(None, description="The assignment or authorisation.")

    @model_validator(mode="after")
    def _in_writing(self) -> Self:
        if self.authorisation == "ad_hoc_written" and self.document is None:
            raise PydanticCustomError("authorisation_needed", "Name the document that authorises")
        return self


class PressEventContent(Submitted):
    """What an agency writes of a press event, but for its times."""

    title: Line = Field(examples=["Giao ban báo chí tháng 3 năm 2027"])
    title_en: Line | None = None
    summary: Prose | None = None
    form: EventForm = Field(description="One of the five forms of QC.D8.K3.")
    host_ids: list[UUID] = Field(
        default_factory=list, max_length=20, description="Agencies that host it besides its owner; they read it."
    )
    extraordinary: bool = Field(default=False, strict=True, description="Held besides the regular ones (đột xuất).")
    place: Line | None = None
    online_link: Url | None = None
    languages: list[Language] = Field(default_factory=lambda: ["vi"], min_length=1, max_length=10)
    spokesperson: SpokespersonWrite | None = Field(None, description="Needed before it is announced (QC.D4.K4).")
    content_categories: list[ContentCategory] = Field(default_factory=list, max_length=4)
    audiences: list[Audience] = Field(default_factory=list, max_length=5)
    directions: list[Direction] = Field(default_factory=list, max_length=2)
    agenda: list[Line] = Field(default_factory=list, max_length=50)
    visibility: Visibility = Field(
        Visibility.press, description="Who may know of it once it is announced: everybody, the press, or its hosts."
    )
    embargo_until: Instant | None = Field(
        None, description="Until this instant only its hosts, those who read all and who is invited know of it."
    )


class PressEventWrite(PressEventContent):
    """What an agency writes of a press event."""

    starts_at: Instant | None = Field(None, description="Needed before it is announced.")
    ends_at: Instant | None = None
    period_from: Day | None = Field(None, description="First day it speaks about; not the day on which it is held.")
    period_to: Day | None = Field(None, description="Last day it speaks about.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.period_from is None) != (self.period_to is None):
            raise PydanticCustomError("half_a_period", "Give both days of the period, or neither")
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise PydanticCustomError("period_reversed", "The end is before the start")
        if self.ends_at and (self.starts_at is None or self.ends_at < self.starts_at):
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return self


class Because(Submitted):
    """Why."""

    reason: Line


class AnnounceEvent(NoStateSecret):
    """Make it known to those who may know of it."""


class HoldEvent(Submitted):
    """It has taken place."""


class PostponeEvent(Because):
    """It does not take place at its time; a new one is not known yet."""


class CancelEvent(Because):
    """It does not take place."""


class RescheduleEvent(Because):
    """It takes place at another time."""

    starts_at: Instant
    ends_at: Instant | None = None
    scope: Reach = Field(Reach.this, description="Occurrences of its series that move by as much.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at and self.ends_at < self.starts_at:
            raise PydanticCustomError("period_reversed", "The end is before the start")
        return self


class AttendanceWrite(Submitted):
    """How many of one kind came."""

    kind: Audience = Field(description="Who.", examples=["domestic_press"])
    bodies: int = Field(ge=0, le=10_000, strict=True, description="Press bodies, organisations.")
    people: int = Field(ge=0, le=100_000, strict=True)


class QuestionWrite(Submitted):
    """A question that was asked, and the answer."""

    asked_by: Line | None = Field(None, description="The press body; no person.")
    question: Prose
    answer: Prose | None = None


class ProceedingsWrite(Submitted):
    """What came of it; read by everybody who reads the event."""

    attendance: list[AttendanceWrite] = Field(default_factory=list, max_length=5)
    questions: list[QuestionWrite] = Field(default_factory=list, max_length=200)
    minutes: Prose | None = None
    minutes_document: DocumentRef | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.attendance or self.minutes or self.minutes_document):
            raise PydanticCustomError("no_proceedings", "Give the attendance or the minutes")
        return self


class MaterialWrite(Submitted):
    """Something handed to the press."""

    title: Line
    link: Url = Field(examples=["https://daklak.example/thong-cao-bao-chi-03-2027.pdf"])
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file.")
    embargo_until: Instant | None = Field(None, description="Until this instant only the hosts have it.")
    internal: bool = Field(default=False, strict=True, description="For the hosts alone.")


class MaterialsWrite(Submitted):
    """All materials of one event, in their order."""

    items: list[MaterialWrite] = Field(max_length=100)


class SpokespersonRead(BaseModel):
    """Who speaks for the agency, and by what right."""

    name: str = Field(max_length=300)
    title: str = Field(max_length=300)
    authorisation: Authorisation
    document: DocumentRead | None


class AttendanceRead(BaseModel):
    """How many of one kind came."""

    kind: Audience
    bodies: int = Field(ge=0, le=10_000)
    people: int = Field(ge=0, le=100_000)


class QuestionRead(BaseModel):
    """A question that was asked, and the answer."""

    asked_by: str | None = Field(max_length=300)
    question: str = Field(max_length=20_000)
    answer: str | None = Field(max_length=20_000)


class ProceedingsRead(BaseModel):
    """What came of it."""

    attendance: list[AttendanceRead] = Field(max_length=5)
    questions: list[QuestionRead] = Field(max_length=200)
    minutes: str | None = Field(max_length=20_000)
    minutes_document: DocumentRead | None


class MaterialRead(BaseModel):
    """Something handed to the press."""

    id: UUID
    title: str = Field(max_length=300)
    link: str = Field(max_length=2000)
    sha256: str | None
    embargo_until: Instant | None
    internal: bool


class MaterialList(BaseModel):
    """The materials that this client may have by now, in their order."""

    items: list[MaterialRead] = Field(max_length=100)


class PressEventSummary(BaseModel):
    """A press event as lists show it."""

    id: UUID
    agency_id: UUID = Field(description="Its owner.")
    host_ids: list[UUID] = Field(max_length=20)
    form: EventForm
    title: str = Field(max_length=300)
    title_en: str | None = Field(max_length=300)
    starts_at: Instant | None = Field(description="Null while it is postponed.")
    ends_at: Instant | None
    period_from: date | None
    period_to: date | None
    extraordinary: bool
    visibility: Visibility
    embargo_until: Instant | None
    state: EventState
    public_state: PublicState = Field(description="What the public sees of it now.")
    series_id: UUID | None
    uid: str = Field(max_length=64, description="Its name in calendars; for life.")
    sequence: int = Field(ge=0, le=2**31 - 1, description="Rises with every change that a calendar must follow.")
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class PressEventRead(PressEventSummary):
    """A press event whole."""

    summary: str | None = Field(max_length=20_000)
    place: str | None = Field(max_length=300)
    online_link: str | None = Field(max_length=2000)
    languages: list[Annotated[str, Field(max_length=35)]] = Field(max_length=10)
    spokesperson: SpokespersonRead | None
    content_categories: list[ContentCategory] = Field(max_length=4)
    audiences: list[Audience] = Field(max_length=5)
    directions: list[Direction] = Field(max_length=2)
    agenda: list[Annotated[str, Field(max_length=300)]] = Field(max_length=50)
    recurrence_id: Instant | None = Field(description="When the series had planned it.")
    postponed_from: Instant | None = Field(description="When it would have begun, while it is postponed.")
    change_reason: str | None = Field(max_length=300, description="Why it was last postponed, moved or cancelled.")
    announced_at: Instant | None
    held_at: Instant | None
    concluded_at: Instant | None
    proceedings: ProceedingsRead | None
    allowed_moves: list[AllowedMove] = Field(max_length=20)
    provisions: list[str] = Field(max_length=20)
