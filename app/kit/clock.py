"""The service's one clock: UTC inside, Asia/Ho_Chi_Minh on the wire and in every rule of the regulation."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, func

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present date in the province, whatever the server's own zone says."""
    return now().astimezone(ZONE).date()


def local(instant: datetime) -> datetime:
    """The same instant written with the province's offset (+07:00)."""
    return instant.astimezone(ZONE)


def day_of(instant: Any) -> ColumnElement[date]:
    """The date in the province of an instant that PostgreSQL knows."""
    return func.date(func.timezone(ZONE.key, instant))


def midnight(day: date) -> datetime:
    """The instant at which a day of the province begins."""
    return datetime.combine(day, time(), ZONE)


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _written_out(value: Any) -> Any:
    # Pydantic by itself also reads numbers, as seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise PydanticCustomError("timezone_aware", "Must be an RFC 3339 instant with its offset")


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _calendar_day(value: Any) -> Any:
    # Pydantic by itself also reads numbers, and instants at midnight.
    if (isinstance(value, date) and not isinstance(value, datetime)) or (
        isinstance(value, str) and _DAY.fullmatch(value)
    ):
        return value
    raise PydanticCustomError("date_type", "Must be a date, YYYY-MM-DD")


Day = Annotated[date, Field(ge=date(1901, 1, 1), le=date(2199, 12, 31)), BeforeValidator(_calendar_day)]
"""A day of the calendar in a body: written out, in a century that makes sense; both its midnights are `Instant`s."""

# Naive instants are refused on the way in; on the way out every instant carries +07:00. The bounds keep every instant
# writable in every zone.
Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC)),
    BeforeValidator(_written_out),
    PlainSerializer(lambda v: local(v).isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
