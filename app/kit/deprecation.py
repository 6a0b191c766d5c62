"""Operations that are to go: one declaration says so in every answer (RFC 9745, RFC 8594) and in the document."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Request

from app.kit.clock import ZONE


def deprecated(since: date, *, link: str, sunset: date | None = None) -> Any:
    """Mark an operation, first of its `dependencies`: out of favour since a day, gone from another, `link` says why.

    The days are the province's and begin at midnight there.
    """
    assert sunset is None or sunset >= since, "RFC 9745 §4: nothing goes before it is deprecated"
    headers = {"Deprecation": f"@{int(_midnight(since).timestamp())}", "Link": f'<{link}>; rel="deprecation"'}
    if sunset is not None:
        headers["Sunset"] = format_datetime(_midnight(sunset), usegmt=True)

    async def tell(request: Request) -> None:
        request.scope["state"].setdefault("headers", {}).update(headers)

    # As a gate it comes before whoever refuses: refusals say it, too.
    tell.gate = tell  # type: ignore[attr-defined]
    tell.sunset = sunset  # type: ignore[attr-defined]
    return Depends(tell)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)
