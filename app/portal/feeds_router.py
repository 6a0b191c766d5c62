"""What everybody may read: the published resources, and the feeds of press events."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.kit.clock import Day
from app.kit.problems import InvalidParameter, problems
from app.kit.routing import Route
from app.portal import atom, calendars, feeds
from app.portal.editions import Built, answer, key_of
from app.portal.feeds import Format, Wanted
from app.portal.published import PLANS, PRESS_EVENTS, PRESS_PRODUCTS
from app.portal.published_records import RECORDS
from app.portal.publishing import editions_of, publish
from app.portal.texts import FeedLanguage
from app.press import event_rules
from app.press.event_models import EventForm

router = APIRouter(prefix="/v1/public", tags=["portal"], route_class=Route)
CITED = {"x-provisions": list(event_rules.PROVISIONS)}
LONGEST = 20_000_000
CALENDAR: dict[str, Any] = {
    "description": "An iCalendar file (RFC 5545)",
    "content": {
        calendars.MEDIA_TYPE: {"schema": {"type": "string", "maxLength": LONGEST, "examples": [calendars.EXAMPLE]}}
    },
}
FEED: dict[str, Any] = {
    "description": "An Atom feed (RFC 4287)",
    "content": {atom.MEDIA_TYPE: {"schema": {"type": "string", "maxLength": LONGEST, "examples": [atom.EXAMPLE]}}},
}


async def feed_filter(
    form: Annotated[EventForm | None, Query(description="Only this form.")] = None,
    agency: Annotated[UUID | None, Query(description="Owned or hosted by this agency.")] = None,
    language: Annotated[FeedLanguage, Query(description="The language of the texts.")] = "vi",
    first: Annotated[
        Day | None, Query(alias="from", description="Beginning on this day or later; 90 days ago by itself.")
    ] = None,
) -> Wanted:
    """Read what a feed is asked for."""
    return Wanted(form, agency, language, first)


Asked = Annotated[Wanted, Depends(feed_filter)]


@router.get(
    "/press-events.ics",
    response_class=Response,
    responses={200: CALENDAR, **problems(InvalidParameter)},
    openapi_extra=CITED,
)
async def get_public_press_calendar(request: Request, wanted: Asked) -> Response:
    """Subscribe to the press events that everybody may know of, as a calendar.

    An event keeps its UID for life, `SEQUENCE` rises with each change; what was postponed is `TENTATIVE`, what was
    cancelled stays as `CANCELLED` until 90 days after its date.
    """
    return await _answered(request, wanted, "ics")


@router.get(
    "/press-events.atom",
    response_class=Response,
    responses={200: FEED, **problems(InvalidParameter)},
    openapi_extra=CITED,
)
async def get_public_press_feed(request: Request, wanted: Asked) -> Response:
    """Follow the press events that everybody may know of, in a feed reader; what changed last comes first.

    `rel="previous"` leads to the feed that begins 90 days earlier.
    """
    return await _answered(request, wanted, "atom")


async def _answered(request: Request, wanted: Wanted, kind: Format) -> Response:
    async def build(moment: datetime) -> Built:
        return await feeds.built(request, wanted, kind, moment)

    return answer(request, await editions_of(request).edition(feeds.TOPICS, key_of(request, wanted), build))


for _publication in (PRESS_EVENTS, PLANS, PRESS_PRODUCTS, RECORDS):
    publish(router, _publication)
