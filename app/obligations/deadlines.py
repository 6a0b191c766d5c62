"""Deadlines as instants: a duty's rule, a dispatch's date, weekends and holidays. No clock, no database.

Every day is a day of the province; an instant is the midnight at which it begins, wherever the server stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from app.kit.clock import midnight
from app.law.models import AnnualBefore, Duty, Within
from app.obligations.models import DueSource

DAY = timedelta(days=1)
SATURDAY = 5


class WeekendPolicy(StrEnum):
    """What becomes of a last day on time that is a day off."""

    none = "none"
    next_working_day = "next_working_day"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that are not what their weekday says."""

    holidays: frozenset[date] = frozenset()
    made_working: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day in self.made_working or (day.weekday() < SATURDAY and day not in self.holidays)

    def working_from(self, day: date) -> date:
        """The first working day from this one on."""
        while not self.works(day):
            day += DAY
        return day


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a month, `end` excluded."""

    key: str
    year: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the dispatch of a year orders for one duty."""

    last_on_time_date: date | None = None
    data_cutoff: date | None = None
    locks_on: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How one year is run."""

    weekend_policy: WeekendPolicy
    due_soon_days: int
    calendar: Calendar = Calendar()
    ordered: Mapping[str, Ordered] = field(default_factory=dict)
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date with everything that follows from it; all empty while none is set."""

    rule: str
    source: DueSource | None = None
    last_on_time_date: date | None = None
    due_before: datetime | None = None
    soon_at: datetime | None = None
    data_cutoff: date | None = None
    locks_at: datetime | None = None
    document: Mapping[str, Any] | None = None
    soon_days: int = 0


def after(last_day: date) -> datetime:
    """The first instant that is late when this is the last day on time."""
    return midnight(last_day + DAY)


def periods(duty: Duty, year: int) -> Iterator[Period]:
    """The periods of a year for which a duty is owed: the year itself, or its months."""
    if duty.cadence == "annual":
        yield Period(str(year), year, date(year, 1, 1), date(year + 1, 1, 1))
    elif duty.cadence == "monthly":
        starts = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
        for start, end in pairwise(starts):
            yield Period(f"{start:%Y-%m}", year, start, end)


def deadline(duty: Duty, period: Period, terms: Terms) -> Deadline:
    """When a duty is due for a period: the dispatch's date before the clause's own, moved off days off if so chosen."""
    ordered = terms.ordered.get(duty.id, Ordered())
    last, source = ordered.last_on_time_date, DueSource.dispatch
    if last is None:
        last, source = by_clause(duty, period), DueSource.clause
    facts: dict[str, Any] = {
        "rule": rule(duty),
        "data_cutoff": ordered.data_cutoff,
        "locks_at": midnight(ordered.locks_on) if ordered.locks_on else None,
        "soon_days": terms.due_soon_days,
    }
    if last is None:
        return Deadline(**facts)
    if terms.weekend_policy is WeekendPolicy.next_working_day:
        last = terms.calendar.working_from(last)
    return Deadline(
        **facts,
        source=source,
        last_on_time_date=last,
        due_before=after(last),
        soon_at=midnight(last - terms.due_soon_days * DAY),
        document=terms.document if source is DueSource.dispatch else None,
    )


def extended(due: Deadline, last: date, document: Mapping[str, Any] | None) -> Deadline:
    """The deadline of one agency that was given until `last`; the common one where that is as late or later."""
    if due.last_on_time_date and due.last_on_time_date >= last:
        return due
    return replace(
        due,
        source=DueSource.extension,
        last_on_time_date=last,
        due_before=after(last),
        soon_at=midnight(last - due.soon_days * DAY),
        document=document,
    )


def by_clause(duty: Duty, period: Period) -> date | None:
    """The last day on time that the text itself names, if it does."""
    match duty.due:
        case AnnualBefore() as due:
            return due.last_day(period.year)
        case Within():
            return period.end - DAY
        case _:
            return None


def rule(duty: Duty) -> str:
    """The rule of the text in a word: `annual_before` with its day, `within month`, `set_by dispatch`, `standing`."""
    if duty.due is None:
        return duty.cadence
    ((kind, value),) = list(duty.due.model_dump(include={"annual_before", "within", "set_by", "immediate"}).items())
    return f"{kind} {value}"


def warnings(duty: Duty, period: Period, terms: Terms) -> list[str]:
    """Where sources of one deadline contradict each other or the usual rules; codes."""
    found = []
    ordered, due = terms.ordered.get(duty.id, Ordered()), deadline(duty, period, terms)
    by_text = by_clause(duty, period)
    if ordered.last_on_time_date and by_text and ordered.last_on_time_date != by_text:
        found.append("differs_from_clause")
    if ordered.data_cutoff and due.last_on_time_date:
        between = terms.calendar.working_from(ordered.data_cutoff + DAY)
        if between > due.last_on_time_date:
            found.append("cutoff_too_close")
    if due.last_on_time_date and not terms.calendar.works(due.last_on_time_date):
        found.append("on_a_day_off")
    if due.due_before and due.locks_at and due.locks_at < due.due_before:
        found.append("locks_before_due")
    return found
