"""What everybody may read, on the wire: no person but who speaks for an agency, nothing internal."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.documents import DocumentRead
from app.kit.clock import Instant
from app.plans.models import Audience, ContentCategory, Direction
from app.plans.schemas import TaskRead
from app.press.event_models import EventForm, PublicState
from app.provincial.models import ProvincialKind, ProvincialState, Term
from app.provincial.schemas import MOST_TASKS

Name = Annotated[str, Field(max_length=300)]


class PublicPressEventSummary(BaseModel):
    """A press event as the public's lists show it."""

    id: UUID
    agency_id: UUID = Field(description="Its owner.")
    agency: str = Field(max_length=300, description="The owner's name today.")
    host_ids: list[UUID] = Field(max_length=20, description="Agencies that host it besides its owner.")
    hosts: list[Name] = Field(max_length=20, description="Their names today, in the dictionary's order.")
    form: EventForm
    title: str = Field(max_length=300)
    title_en: str | None = Field(max_length=300)
    state: PublicState = Field(description="What the public sees of it now; never `hidden`.")
    starts_at: Instant | None = Field(description="Null while it is postponed.")
    ends_at: Instant | None
    postponed_from: Instant | None = Field(description="When it would have begun, while it is postponed.")
    extraordinary: bool
    place: str | None = Field(max_length=300)
    languages: list[Annotated[str, Field(max_length=35)]] = Field(max_length=10)
    uid: str = Field(max_length=64, description="Its name in calendars; for life.")
    sequence: int = Field(ge=0, le=2**31 - 1, description="Rises with every change that a calendar must follow.")
    changed_at: Instant = Field(description="When what the public sees of it last changed by somebody's hand.")


class PublicSpokesperson(BaseModel):
    """Who speaks for the agency."""

    name: str = Field(max_length=300)
    title: str = Field(max_length=300)


class PublicMaterial(BaseModel):
    """Something handed to the press, once nothing holds it back."""

    title: str = Field(max_length=300)
    link: str = Field(max_length=2000)
    sha256: str | None = Field(max_length=64, description="SHA-256 of the file.")


class PublicPressEvent(PublicPressEventSummary):
    """A press event as everybody may read it."""

    summary: str | None = Field(max_length=20_000)
    online_link: str | None = Field(max_length=2000)
    period_from: date | None
    period_to: date | None
    spokesperson: PublicSpokesperson | None
    content_categories: list[ContentCategory] = Field(max_length=4)
    audiences: list[Audience] = Field(max_length=5)
    directions: list[Direction] = Field(max_length=2)
    agenda: list[Name] = Field(max_length=50)
    change_reason: str | None = Field(max_length=300, description="Why it was last postponed, moved or cancelled.")
    materials: list[PublicMaterial] = Field(max_length=100)
    provisions: list[str] = Field(max_length=20)


class PublicPlanSummary(BaseModel):
    """An issued plan of the province as the public's lists show it."""

    id: UUID
    agency_id: UUID = Field(description="The coordinator that built it.")
    kind: ProvincialKind
    term: Term
    year: int
    until_year: int
    edition: int = Field(description="1, and one more for each amendment.")
    amends_id: UUID | None = Field(description="The edition that this one amends.")
    title: str = Field(max_length=300)
    state: ProvincialState = Field(description="`issued`, or how it ended: `amended`, `superseded`, `closed`.")
    in_force: bool = Field(description="Whether it holds today.")
    effective_from: date | None
    issued_at: Instant | None
    ended_on: date | None = Field(description="The first day on which it holds no longer.")
    superseded_by: UUID | None


class PublicPlanTask(TaskRead):
    """One task of an issued plan."""

    lead_agency_id: UUID
    lead_agency: str = Field(max_length=300, description="Its name today.")


class PublicPlan(PublicPlanSummary):
    """An issued plan of the province as everybody may read it."""

    objectives: str | None = Field(max_length=20_000)
    priorities: list[Name] = Field(max_length=50)
    tasks: list[PublicPlanTask] = Field(max_length=MOST_TASKS)
    decision: DocumentRead | None = Field(description="The People's Committee's decision that approved it.")
    provisions: list[str] = Field(max_length=20)
