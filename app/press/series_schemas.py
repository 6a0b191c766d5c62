"""Series of press events on the wire."""

from datetime import time
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.secrecy import Submitted
from app.kit.clock import Day, Instant
from app.press.event_schemas import PressEventContent
from app.press.series_models import Covers

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
Clock = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5, examples=["08:30"]),
    AfterValidator(lambda written: time.fromisoformat(written).isoformat("minutes")),
]
MOST = 60


class RuleWrite(Submitted):
    """Once a month: on the n-th of a weekday, or on a day of the month."""

    from_day: Day = Field(description="No occurrence stands before this day.")
    weekday: Weekday | None = None
    week: int | None = Field(None, ge=-1, le=4, strict=True, description="Which of the month's; -1: the last.")
    month_day: int | None = Field(
        None,
        ge=-1,
        le=31,
        strict=True,
        description="The day of the month; in a shorter month, and for -1, its last day.",
    )
    count: int | None = Field(None, ge=1, le=MOST, strict=True, description="How many there are.")
    until: Day | None = Field(None, description="The last day on which there may be one.")
    at: Clock = Field(description="When it begins, in the province.")
    minutes: int | None = Field(None, ge=5, le=1440, strict=True, description="How long it takes.")

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        by_week = self.weekday is not None and self.week is not None
        if (self.weekday is None) != (self.week is None) or by_week == (self.month_day is not None):
            raise PydanticCustomError("one_rule", "Give weekday and week, or month_day")
        if self.week == 0 or self.month_day == 0:
            raise PydanticCustomError("one_rule", "There is no day 0")
        if (self.count is None) == (self.until is None):
            raise PydanticCustomError("one_end", "Give count or until, and not both")
        return self


class SeriesWrite(PressEventContent):
    """What all occurrences have in common, and when they stand."""

    rule: RuleWrite
    covers: Covers = Field(Covers.same_month, description="Which month each occurrence speaks about.")


class RuleRead(BaseModel):
    """Once a month."""

    from_day: Day
    weekday: Weekday | None
    week: int | None = Field(ge=-1, le=4)
    month_day: int | None = Field(ge=-1, le=31)
    count: int | None = Field(ge=1, le=MOST)
    until: Day | None
    at: str = Field(max_length=5)
    minutes: int | None = Field(ge=5, le=1440)


class SeriesSummary(BaseModel):
    """A series as lists show it."""

    id: UUID
    agency_id: UUID
    title: str = Field(max_length=300, description="As it was when the series was made.")
    rrule: str = Field(max_length=200, examples=["FREQ=MONTHLY;BYDAY=2TU;COUNT=12"])
    covers: Covers
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class SeriesRead(SeriesSummary):
    """A series whole."""

    rule: RuleRead
    event_ids: list[UUID] = Field(max_length=MOST, description="Its occurrences, in the order of their days.")
    provisions: list[str] = Field(max_length=20)
