"""Supplied information and press products on the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.documents import NoStateSecret
from app.kit.clock import Day, Instant
from app.kit.text import Language, Line, Prose, Url
from app.plans.models import Audience
from app.press.event_schemas import SpokespersonRead, SpokespersonWrite
from app.press.supply_models import ProductKind, SupplyForm


class SupplyWrite(NoStateSecret):
    """What was told to the press, by whom."""

    topic: Line = Field(examples=["Kết quả xúc tiến du lịch quý I"])
    form: SupplyForm
    supplied_on: Day
    spokesperson: SpokespersonWrite
    press_body_ids: list[UUID] = Field(
        default_factory=list, max_length=100, description="Press bodies of the register; they read it."
    )
    other_press: list[Line] = Field(default_factory=list, max_length=100, description="Others, by name.")
    audiences: list[Audience] = Field(default_factory=list, max_length=5)
    links: list[Url] = Field(default_factory=list, max_length=50)
    note: Prose | None = None


class SupplySummary(BaseModel):
    """Supplied information as lists show it."""

    id: UUID
    agency_id: UUID
    topic: str = Field(max_length=300)
    form: SupplyForm
    supplied_on: date
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class SupplyRead(SupplySummary):
    """Supplied information whole."""

    spokesperson: SpokespersonRead
    press_body_ids: list[UUID] = Field(max_length=100)
    other_press: list[Annotated[str, Field(max_length=300)]] = Field(max_length=100)
    audiences: list[Audience] = Field(max_length=5)
    links: list[Annotated[str, Field(max_length=2000)]] = Field(max_length=50)
    note: str | None = Field(max_length=20_000)
    provisions: list[str] = Field(max_length=20)


class ProductWrite(NoStateSecret):
    """What a press body runs."""

    kind: ProductKind
    title: Line = Field(examples=["Đắk Lắk – đất và người"])
    language: Language
    audience: Audience
    first_date: Day = Field(description="When it first appears.")
    frequency: Line | None = Field(None, description="How often.", examples=["hằng tuần"])
    url: Url | None = None


class ProductSummary(BaseModel):
    """A press product as lists show it."""

    id: UUID
    agency_id: UUID = Field(description="The press body.")
    kind: ProductKind
    title: str = Field(max_length=300)
    language: str = Field(max_length=35)
    audience: Audience
    first_date: date
    frequency: str | None = Field(max_length=300)
    url: str | None = Field(max_length=2000)
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class ProductRead(ProductSummary):
    """A press product, with the clauses it rests on."""

    provisions: list[str] = Field(max_length=20)
