"""The feeds of press events: which events stand in one, and how it is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from sqlalchemy import Uuid, literal
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.kit.clock import local, midnight
from app.portal import atom, calendars, day, names, press_queries, texts
from app.portal.editions import Built
from app.portal.entries import Entry, entry, line
from app.portal.texts import FeedLanguage
from app.press.event_models import EventForm, PressEvent

TOPICS = ("press_event", "agency")
PRIVATE_TOPICS = (*TOPICS, "press_invitation")
LOOKS_BACK = timedelta(days=90)
"""How long what is past, or was called off, stays in a feed."""
MOST_ENTRIES = 500
TURNS = day.turns(*press_queries.turns())
Format = Literal["ics", "atom"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a feed is asked for."""

    form: EventForm | None
    agency: UUID | None
    language: FeedLanguage
    first: date | None

    def query(self, **other: object) -> str:
        """It as the query of an address, with other values in some places."""
        asked = {"form": self.form, "agency": self.agency, "language": self.language, "from": self.first, **other}
        return urlencode({name: str(value) for name, value in asked.items() if value is not None})


async def built(request: Request, wanted: Wanted, kind: Format, moment: datetime) -> Built:
    """The public's feed."""
    first = wanted.first or local(moment).date() - LOOKS_BACK
    found = press_queries.visible()
    if wanted.form is not None:
        found = found.where(PressEvent.form == wanted.form)
    if wanted.agency is not None:
        found = found.where(press_queries.hosted_by(literal(wanted.agency, Uuid)))
    entries = await _entries(request, found, wanted.language, first, moment)
    here = f"{request.app.state.settings.public_url}/v1/public/press-events.{kind}"
    source = f"{here}?{wanted.query()}"
    if kind == "ics":
        body = calendars.calendar_of(entries, texts.PUBLIC[wanted.language], source, wanted.language)
        return await _built(request, body, calendars.MEDIA_TYPE, moment)
    previous = f"{here}?{wanted.query(**{'from': first - LOOKS_BACK})}"
    body = atom.feed_of(entries, wanted.language, source=source, previous=previous, since=local(midnight(first)))
    return await _built(request, body, atom.MEDIA_TYPE, moment)


async def built_for(request: Request, actor: Actor, name: str, language: FeedLanguage, moment: datetime) -> Built:
    """A press body's own calendar: what is public, what is for the press, and what it is invited to."""
    first = local(moment).date() - LOOKS_BACK
    entries = await _entries(request, press_queries.for_the_press(actor), language, first, moment)
    source = f"{request.app.state.settings.public_url}/v1/press-events"
    body = calendars.calendar_of(entries, line(name), source, language)
    return await _built(request, body, calendars.MEDIA_TYPE, moment)


async def _entries(
    request: Request, found: SelectOfScalar[PressEvent], language: FeedLanguage, first: date, moment: datetime
) -> Sequence[Entry]:
    name = AgencyName.name_en if language == "en" else AgencyName.name_vi
    within = press_queries.in_window(found).limit(MOST_ENTRIES)
    shown = within.add_columns(press_queries.changed_at(), names.name(col(PressEvent.agency_id), name))
    given = {**day.values(moment), "wanted_from": midnight(first)}
    async with request.app.state.reads() as session:
        rows = (await session.execute(shown, given)).all()
    public_url = request.app.state.settings.public_url
    made = (entry(row, changed, agency, language, public_url) for row, changed, agency in rows)
    return [one for one in made if one is not None]


async def _built(request: Request, body: bytes, media_type: str, moment: datetime) -> Built:
    since, until = await day.span(request.app.state.reader, TURNS, moment)
    return Built(body, f"{media_type}; charset=utf-8", since, until, {})
