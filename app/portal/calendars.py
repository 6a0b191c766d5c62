"""Press events as an iCalendar file (RFC 5545, RFC 7986)."""

from collections.abc import Iterable
from datetime import date, timedelta

from icalendar import Calendar, Event, vCalAddress

from app.portal.entries import Entry
from app.portal.texts import FeedLanguage
from app.press.event_models import EventState

MEDIA_TYPE = "text/calendar"
REFRESH = timedelta(minutes=15)
STATUS = {EventState.postponed.value: "TENTATIVE", EventState.cancelled.value: "CANCELLED"}
EXAMPLE = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ttdn//press events//VI\r\nEND:VCALENDAR\r\n"
OFFSET_SINCE = date(1976, 1, 1)
"""The province has had its present offset since the middle of 1975."""


def calendar_of(entries: Iterable[Entry], name: str, source: str, language: FeedLanguage) -> bytes:
    """The file: always the same bytes of the same events."""
    calendar = Calendar()
    calendar.add("prodid", f"-//ttdn//press events//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    calendar.add("source", source, parameters={"VALUE": "URI"})
    for entry in entries:
        calendar.add_component(_event(entry, language))
    calendar.add_missing_timezones(first_date=OFFSET_SINCE)
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, language: FeedLanguage) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("created", entry.announced_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", entry.starts_at)
    if entry.ends_at is not None:
        event.add("dtend", entry.ends_at)
    event.add("status", STATUS.get(entry.state, "CONFIRMED"))
    event.add("summary", entry.title, parameters={"LANGUAGE": language})
    if entry.text:
        event.add("description", entry.text, parameters={"LANGUAGE": language})
    if entry.place:
        event.add("location", entry.place)
    if entry.online_link:
        event.add("conference", entry.online_link, parameters={"VALUE": "URI"})
    event.add("categories", [entry.form])
    event.add("url", entry.link)
    organizer = vCalAddress(entry.agency_urn)
    organizer.params["CN"] = entry.agency
    event.add("organizer", organizer)
    return event
