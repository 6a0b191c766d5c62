"""What is counted: each room above puts its own activities here when it is imported (QC.D8.K2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Text, case, cast, null
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.law.book import law

COLUMNS = ("id", "agency_id", "area", "content_categories", "channel", "form", "day", "done")


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of activity.

    `rows` selects one row for each activity that stands, of every agency, with the columns of `activity`. Who may see
    them counted is not its business: `queries.visible` adds that.
    """

    kind: str
    title_vi: str
    title_en: str
    rows: Callable[[], Select[Any]]


SOURCES: list[Source] = []
"""The rooms above fill it in."""


def activity(
    id: Any,
    agency_id: Any,
    day: Any,
    *,
    area: Any = None,
    content_categories: Any = None,
    channel: Any = None,
    form: Any = None,
    done: Any,
) -> list[ColumnElement[Any]]:
    """The columns of an activity: whose, on which day, in which area of management, of what content and form.

    `done`: it took place; an activity that stands and is not done yet is counted as planned.
    """
    found = {
        "area": _text(area),
        "content_categories": cast(array([]), ARRAY(Text)) if content_categories is None else content_categories,
        "channel": _text(channel),
        "form": _text(form),
    }
    given = {"id": id, "agency_id": agency_id, "day": cast(day, Date), "done": done, **found}
    return [given[name].label(name) for name in COLUMNS]


def _text(value: Any) -> ColumnElement[Any]:
    return cast(null() if value is None else value, Text)


def area_of(provision: Any) -> ColumnElement[Any]:
    """The area of management that the duties of a provision belong to; NULL where that is not one area."""
    known = {id: area for id in law().provisions if (area := law().area_of(id))}
    return case(known, value=provision, else_=None)
