"""Statements over activities; each starts at `visible`, but for the year's report, whose maker reads all."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, distinct, false, func, select, true, tuple_
from sqlmodel import col

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.agencies.queries import on
from app.kit.clock import today
from app.statistics.sources import Source


class CountedBy(StrEnum):
    """What activities are counted by."""

    agency = "agency"
    area = "area"
    content_category = "content_category"
    channel = "channel"
    form = "form"
    quarter = "quarter"
    month = "month"


def visible(actor: Actor, source: Source) -> Select[Any]:
    """The activities an actor may see counted: its own agency's; everybody's for those who read all."""
    rows = everything(source)
    t = rows.subquery("t")
    return select(t).where(true() if actor.reads_all else t.c.agency_id == actor.agency_id)


def everything(source: Source) -> Select[Any]:
    """Every agency's activities, for the report of the year."""
    return source.rows()


def counted(rows: Select[Any], year: int, by: Sequence[CountedBy]) -> Select[Any]:
    """How many of these activities fall on a year, and how many are done: by these keys, and over all (`whole`).

    An activity with several categories of content counts in each of them, and once over all.
    """
    t = rows.subquery("activity")
    category = func.unnest(t.c.content_categories).table_valued("value").render_derived(name="category")
    keys = {one: _key(one, t, category.c.value) for one in by}
    number = func.count(distinct(t.c.id))
    within = and_(t.c.day >= date(year, 1, 1), t.c.day < date(year + 1, 1, 1))
    found: Any = t.outerjoin(category, true() if CountedBy.content_category in keys else false())
    names: list[ColumnElement[Any]] = []
    if CountedBy.agency in keys:
        found = found.outerjoin(AgencyName, and_(col(AgencyName.agency_id) == t.c.agency_id, on(AgencyName, today())))
        names = [func.max(col(AgencyName.name_vi)).label("name")]
    columns = [key.label(one) for one, key in keys.items()]
    whole = func.grouping(*keys.values()).label("whole")
    figures = (number.label("count_"), number.filter(t.c.done).label("done"))
    statement = select(*columns, *names, *figures, whole).select_from(found).where(within)
    return statement.group_by(func.grouping_sets(tuple_(*keys.values()), tuple_()))


def _key(by: CountedBy, t: Subquery, category: ColumnElement[Any]) -> ColumnElement[Any]:
    match by:
        case CountedBy.agency:
            return t.c.agency_id
        case CountedBy.content_category:
            return category
        case CountedBy.quarter:
            return func.to_char(t.c.day, 'YYYY"-Q"Q')
        case CountedBy.month:
            return func.to_char(t.c.day, "YYYY-MM")
        case CountedBy.area | CountedBy.channel | CountedBy.form:
            found: ColumnElement[Any] = t.c[by.value]
            return found
