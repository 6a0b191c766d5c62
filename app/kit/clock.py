"""The service's one clock: UTC inside, Asia/Ho_Chi_Minh on the wire and in every rule of the regulation."""

from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, PlainSerializer

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


# Naive instants are refused on the way in; on the way out every instant carries +07:00.
Instant = Annotated[AwareDatetime, PlainSerializer(lambda v: local(v).isoformat(), return_type=str, when_used="json")]
