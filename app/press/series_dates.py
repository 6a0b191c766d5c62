"""The days of a series, and how calendars write its rule; no clock, no database."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil import rrule

from app.kit.clock import ZONE
from app.press.series_models import Covers
from app.press.series_schemas import MOST, RuleWrite

WEEKDAYS = {str(day): day for day in (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)}
SHORTEST = 28
"""Every month has this many days."""
DAY = timedelta(days=1)


def days(rule: RuleWrite) -> Sequence[date]:
    """The days of the occurrences: never more than MOST, whatever `until` says."""
    # RFC 5545 leaves out the months without a 29th, 30th or 31st; a monthly briefing takes their last day.
    when: dict[str, Any] = {"bymonthday": rule.month_day}
    if rule.weekday is not None and rule.week is not None:
        when = {"byweekday": WEEKDAYS[rule.weekday](rule.week)}
    elif rule.month_day is not None and rule.month_day > SHORTEST:
        when = {"bymonthday": range(SHORTEST, rule.month_day + 1), "bysetpos": -1}
    until = datetime.combine(rule.until, time()) if rule.until else None
    found = rrule.rrule(rrule.MONTHLY, dtstart=datetime.combine(rule.from_day, time()), until=until, **when)
    return [moment.date() for moment in islice(found, rule.count or MOST)]


def written(rule: RuleWrite, number: int) -> str:
    """The rule as RFC 5545 writes it; its end as a count, which needs no zone."""
    if rule.weekday is not None:
        by = f"BYDAY={rule.week}{rule.weekday}"
    elif rule.month_day is not None and rule.month_day > SHORTEST:
        among = ",".join(map(str, range(SHORTEST, rule.month_day + 1)))
        by = f"BYMONTHDAY={among};BYSETPOS=-1"
    else:
        by = f"BYMONTHDAY={rule.month_day}"
    return f"FREQ=MONTHLY;{by};COUNT={number}"


def begins(rule: RuleWrite, day: date) -> datetime:
    """When the occurrence of a day begins."""
    return datetime.combine(day, time.fromisoformat(rule.at), ZONE)


def covered(covers: Covers, day: date) -> tuple[date, date] | tuple[None, None]:
    """The first and the last day that an occurrence speaks about."""
    if covers is Covers.none:
        return None, None
    first = day.replace(day=1)
    if covers is Covers.previous_month:
        return (first - DAY).replace(day=1), first - DAY
    return first, (first + 31 * DAY).replace(day=1) - DAY
