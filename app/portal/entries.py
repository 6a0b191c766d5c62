"""A press event as feeds tell of it, before it is a calendar's or a feed reader's."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from app.kit.clock import local
from app.portal import texts
from app.portal.texts import FeedLanguage
from app.press.event_models import PressEvent, Visibility

# Whatever some reader takes for the end of a line: CR, LF, and what Unicode adds to them.
_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Entry:
    """One press event in one language; every text is free of line breaks but `text`, whose only one is LF."""

    uid: str
    sequence: int
    state: str
    starts_at: datetime
    ends_at: datetime | None
    changed_at: datetime
    announced_at: datetime
    title: str
    text: str
    form: str
    place: str | None
    online_link: str | None
    link: str
    agency_urn: str
    agency: str


def plain(value: str) -> str:
    """Text whose lines end as LF alone, without characters that no reader shows."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", value))


def line(value: str) -> str:
    """Text of one line."""
    return " ".join(plain(value).split())


def address(value: str) -> str:
    """A web address without anything that could end it early."""
    return quote(value.strip(), safe=_ADDRESS)


def entry(row: PressEvent, changed_at: datetime, agency: str, language: FeedLanguage, public_url: str) -> Entry | None:
    """An event in one language; None where it never had a time. An English text falls back on the Vietnamese one."""
    starts_at = row.starts_at or row.postponed_from
    if starts_at is None or row.announced_at is None:
        return None
    title = (row.title_en if language == "en" else None) or row.title
    mark = texts.MARKS.get(row.state)
    folder = "public/press-events" if row.visibility == Visibility.public else "press-events"
    return Entry(
        uid=row.uid,
        sequence=row.sequence,
        state=row.state,
        starts_at=local(starts_at),
        ends_at=local(row.ends_at) if row.ends_at else None,
        changed_at=changed_at,
        announced_at=row.announced_at,
        title=line(f"{mark[language]} {title}" if mark else title),
        text=_text(row, language),
        form=texts.FORMS[row.form][language],
        place=line(row.place) if row.place else None,
        online_link=address(row.online_link) if row.online_link else None,
        link=f"{public_url}/v1/{folder}/{row.id}",
        agency_urn=f"urn:uuid:{row.agency_id}",
        agency=line(agency),
    )


def _text(row: PressEvent, language: FeedLanguage) -> str:
    found = [row.summary, *row.agenda]
    if row.change_reason:
        what = texts.REASONS.get(row.state, texts.CHANGED)[language]
        found.insert(0, f"{what}: {row.change_reason}")
    if row.spokesperson:
        who = f"{row.spokesperson['name']}, {row.spokesperson['title']}"
        found.append(f"{texts.SPEAKS[language]}: {who}")
    return "\n".join(plain(part) for part in found if part)
