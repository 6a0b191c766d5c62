"""Press events and their materials."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.clock import local
from app.kit.db import Json, Timestamptz
from app.kit.ids import new_id


class EventForm(StrEnum):
    """The five forms of QC.D8.K3."""

    periodic_briefing = "periodic_briefing"
    press_conference = "press_conference"
    direct_supply = "direct_supply"
    provincial_portal = "provincial_portal"
    other = "other"


class EventState(StrEnum):
    """How far the work on a press event has come; what the public sees of it is its public state."""

    draft = "draft"
    announced = "announced"
    postponed = "postponed"
    held = "held"
    concluded = "concluded"
    cancelled = "cancelled"


class PublicState(StrEnum):
    """What the public sees of a press event at a moment."""

    hidden = "hidden"
    upcoming = "upcoming"
    postponed = "postponed"
    cancelled = "cancelled"
    past = "past"


class Visibility(StrEnum):
    """Who may know of a press event once it is announced."""

    public = "public"
    press = "press"
    internal = "internal"


class PressEvent(Procedure, table=True):
    """A press event of one agency, which may name others as hosts beside it.

    `uid` stands for life; `sequence` rises with every change that a subscribed calendar must follow.
    """

    __tablename__ = "press_event"

    uid: str = Field(unique=True)
    sequence: int = 0
    series_id: UUID | None = Field(default=None, foreign_key="press_series.id")
    recurrence_id: datetime | None = Field(default=None, sa_type=Timestamptz)
    form: str
    title: str
    title_en: str | None = None
    summary: str | None = None
    host_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    period_from: date | None = None
    period_to: date | None = None
    starts_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    ends_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    postponed_from: datetime | None = Field(default=None, sa_type=Timestamptz)
    extraordinary: bool = False
    place: str | None = None
    online_link: str | None = None
    languages: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    spokesperson: dict[str, Any] | None = Field(default=None, sa_type=Json)
    content_categories: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    audiences: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    directions: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    agenda: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    other_press: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    visibility: str
    embargo_until: datetime | None = Field(default=None, sa_type=Timestamptz)
    released_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    announced_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    held_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    concluded_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    change_reason: str | None = None
    proceedings: dict[str, Any] | None = Field(default=None, sa_type=Json)

    __table_args__ = (
        Index("ix_press_event_host", "host_ids", postgresql_using="gin"),
        Index("ix_press_event_series", "series_id", "recurrence_id"),
        Index("ix_press_event_starts", "starts_at"),
        Index("ix_press_event_ends", "ends_at"),
        Index("ix_press_event_embargo", "embargo_until", postgresql_where=text("released_at IS NULL")),
        Index("ix_press_event_embargoed", "embargo_until", postgresql_where=text("embargo_until IS NOT NULL")),
    )

    @property
    def period(self) -> str | None:
        """The month in which it is held."""
        return f"{local(self.starts_at):%Y-%m}" if self.starts_at else None


class PressMaterial(SQLModel, table=True):
    """Something handed to the press: a link and its hash, perhaps under an embargo of its own, perhaps internal."""

    __tablename__ = "press_material"
    __table_args__ = (
        Index("ix_press_material_embargo", "embargo_until", postgresql_where=text("embargo_until IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    press_event_id: UUID = Field(foreign_key="press_event.id", ondelete="CASCADE", index=True)
    position: int
    title: str
    link: str
    sha256: str | None = None
    embargo_until: datetime | None = Field(default=None, sa_type=Timestamptz)
    released_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    internal: bool = False
