"""Press events as an Atom feed (RFC 4287), one window after another (RFC 5005)."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed

from app.kit.clock import local
from app.portal import texts
from app.portal.entries import Entry
from app.portal.texts import FeedLanguage

EXAMPLE = '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi"></feed>'
MEDIA_TYPE = "application/atom+xml"


class _Feed(Atom1Feed):  # type: ignore[misc]  # it has no types
    """Atom as the library writes it, with a date of its own for a feed without entries, and the window before."""

    def latest_post_date(self) -> datetime:
        """When the newest entry changed."""
        found: datetime = self.feed["changed_at"]
        return found

    def add_root_elements(self, handler: Any) -> None:
        """Point at the window before this one."""
        super().add_root_elements(handler)
        handler.addQuickElement("link", "", {"rel": "previous", "href": self.feed["previous"]})


def feed_of(entries: Sequence[Entry], language: FeedLanguage, *, source: str, previous: str, since: datetime) -> bytes:
    """The feed, what changed last first; `since`: its date while it has no entry."""
    latest_first = sorted(entries, key=lambda entry: (entry.changed_at, entry.uid), reverse=True)
    feed = _Feed(
        title=texts.PUBLIC[language],
        link=source,
        description=texts.ABOUT[language],
        language=language,
        author_name=texts.PUBLIC[language],
        feed_url=source,
        previous=previous,
        changed_at=local(latest_first[0].changed_at) if latest_first else since,
    )
    for entry in latest_first:
        feed.add_item(
            title=entry.title,
            link=entry.link,
            description=_html(entry, language),
            unique_id=entry.link,
            author_name=entry.agency,
            pubdate=local(entry.announced_at),
            updateddate=local(entry.changed_at),
            categories=[entry.form],
        )
    text: str = feed.writeString("utf-8")
    return text.encode()


def _html(entry: Entry, language: FeedLanguage) -> str:
    """The text as Atom's summary has it: escaped, a paragraph a line."""
    lines = [f"{texts.WHEN[language]}: {entry.starts_at:%H:%M %d/%m/%Y}", entry.text]
    if entry.place:
        lines.insert(1, f"{texts.WHERE[language]}: {entry.place}")
    return "".join(f"<p>{escape(part)}</p>" for whole in lines for part in whole.split("\n") if part)
