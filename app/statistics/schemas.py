"""Statistics on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.kit.clock import Instant
from app.statistics.queries import CountedBy

MOST_COUNTS = 20_000
Number = Annotated[int, Field(ge=0, le=2_147_483_647)]


class KindCounted(BaseModel):
    """All activities of one kind."""

    kind: str = Field(max_length=64, examples=["press_event"])
    title_vi: str = Field(max_length=300)
    title_en: str = Field(max_length=300)
    count: Number = Field(description="Activities that stand: planned, announced, done.")
    done: Number = Field(description="Those of them that took place.")


class Counted(BaseModel):
    """The activities of one kind that have these keys in common; null where it is not asked for or not known."""

    kind: str = Field(max_length=64, examples=["press_event"])
    agency: UUID | None = None
    agency_name: str | None = Field(None, max_length=300)
    area: str | None = Field(None, max_length=32, description="The area of state management.", examples=["QC.D5.K5"])
    content_category: str | None = Field(None, max_length=64)
    channel: str | None = Field(None, max_length=300)
    form: str | None = Field(None, max_length=64, description="The form of an event, the kind of a product.")
    quarter: str | None = Field(None, max_length=8, examples=["2027-Q1"])
    month: str | None = Field(None, max_length=8, examples=["2027-03"])
    count: Number
    done: Number


class StatisticsRead(BaseModel):
    """The activities of a year, counted."""

    year: int
    by: list[CountedBy] = Field(max_length=2)
    as_of: Instant
    kinds: list[KindCounted] = Field(max_length=100, description="Each activity once.")
    items: list[Counted] = Field(
        max_length=MOST_COUNTS, description="An activity with several categories of content counts in each of them."
    )
