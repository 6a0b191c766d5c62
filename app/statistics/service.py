"""The activities of a year, counted (QC.D8.K2): one statement for each kind of activity."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.kit.clock import now
from app.kit.tables import Table
from app.kit.text import sort_key
from app.statistics import queries
from app.statistics.queries import CountedBy
from app.statistics.schemas import Counted, KindCounted, StatisticsRead
from app.statistics.sources import SOURCES, Source

TITLES = {
    "kind": "Loại hoạt động",
    "agency_name": "Cơ quan",
    "area": "Lĩnh vực quản lý",
    "content_category": "Loại nội dung",
    "channel": "Kênh",
    "form": "Hình thức, sản phẩm",
    "quarter": "Quý",
    "month": "Tháng",
    "count": "Số hoạt động",
    "done": "Đã thực hiện",
}
IN_REPORT = (CountedBy.area, CountedBy.form)


async def statistics(session: AsyncSession, actor: Actor, year: int, by: Sequence[CountedBy]) -> StatisticsRead:
    """What an actor may see counted."""
    by = tuple(dict.fromkeys(by))
    kinds, items = await _counted(session, lambda source: queries.visible(actor, source), year, by)
    return StatisticsRead(year=year, by=[*by], as_of=now(), kinds=kinds, items=items)


async def of_report(session: AsyncSession, year: int) -> list[dict[str, Any]]:
    """What the year's report has of them, over all agencies; the same activities give the same, in the same order."""
    _, items = await _counted(session, queries.everything, year, IN_REPORT)
    kept = {"kind", "count", "done", *IN_REPORT}
    return [item.model_dump(mode="json", include=kept) for item in items]


def tabled(found: StatisticsRead) -> Table:
    """The same as a table: the keys that were asked for, and the kinds of activity by their titles."""
    titles = {kind.kind: kind.title_vi for kind in found.kinds}
    shown = {"agency_name" if one == CountedBy.agency else one for one in found.by} | {"kind", "count", "done"}
    columns = {name: title for name, title in TITLES.items() if name in shown}
    rows = [item.model_dump() | {"kind": titles[item.kind]} for item in found.items]
    return Table(f"thong-ke-{found.year}", columns, rows)


async def _counted(
    session: AsyncSession, rows: Callable[[Source], Select[Any]], year: int, by: Sequence[CountedBy]
) -> tuple[list[KindCounted], list[Counted]]:
    kinds, items = [], []
    for source in sorted(SOURCES, key=lambda source: source.kind):
        for row in (await session.execute(queries.counted(rows(source), year, by))).all():
            figures = {"kind": source.kind, "count": row.count_, "done": row.done}
            if row.whole:
                kinds.append(KindCounted(title_vi=source.title_vi, title_en=source.title_en, **figures))
            else:
                keys = {one.value: getattr(row, one) for one in by}
                items.append(Counted(**keys, agency_name=getattr(row, "name", None), **figures))
    return kinds, sorted(items, key=_order)


def _order(item: Counted) -> tuple[Any, ...]:
    rest = (item.agency, item.area, item.content_category, item.channel, item.form, item.quarter, item.month)
    return (item.kind, sort_key(item.agency_name or ""), *(str(key or "") for key in rest))
