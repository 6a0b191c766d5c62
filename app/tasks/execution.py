"""How an issued plan is carried out: its tasks counted by agency, area or category (QC.D8.K2, QC.D7.K1)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.agencies.queries import on
from app.kit.clock import now, today
from app.kit.tables import Table
from app.kit.text import sort_key
from app.law.book import law
from app.obligations.models import Obligation, ObligationState
from app.obligations.queries import state_at
from app.tasks import queries
from app.tasks.execution_schemas import ExecutionRead, ExecutionRow
from app.tasks.models import AssignedTask, TaskState

COUNTS = ("planned", "not_started", "in_progress", "completed", "cancelled", "overdue", "late")
TITLES = {
    "title": "Nhóm",
    "planned": "Nhiệm vụ",
    "not_started": "Chưa triển khai",
    "in_progress": "Đang triển khai",
    "completed": "Hoàn thành",
    "cancelled": "Không còn trong kế hoạch",
    "overdue": "Quá hạn",
    "late": "Hoàn thành trễ",
    "percent": "Tiến độ bình quân (%)",
}
CATEGORIES = {
    "policy_and_achievement": "Chủ trương, chính sách, thành tựu (QC.D3.K3.a)",
    "image_promotion": "Quảng bá hình ảnh (QC.D3.K3.b)",
    "rebuttal": "Phản bác thông tin sai lệch (QC.D3.K3.c)",
    "other": "Khác (QC.D3.K3.d)",
}
NO_AREA = "Không nêu điều khoản"


class By(StrEnum):
    """What the tasks are counted by."""

    agency = "agency"
    area = "area"
    category = "category"


async def execution(session: AsyncSession, actor: Actor, year: int, plan_id: UUID | None, by: By) -> ExecutionRead:
    """Plan against actual; what an actor may not know about is not counted."""
    groups: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys((*COUNTS, "points"), 0))
    whole = dict.fromkeys((*COUNTS, "points"), 0)
    names: dict[str, str] = {}
    for row in await _counted(session, actor, year, plan_id, by):
        key, title = _group(by, row)
        names[key] = title
        for name in whole:
            groups[key][name] += getattr(row, name)
            whole[name] += getattr(row, name)
    rows = [_row(key, names[key], counts) for key, counts in groups.items()]
    rows.sort(key=lambda row: (sort_key(row.title), row.key))
    return ExecutionRead(year=year, by=by, as_of=now(), items=rows, total=_row("", "Tổng số", whole))


def tabled(found: ExecutionRead) -> Table:
    """The same as a table, its total last."""
    rows = [row.model_dump() for row in (*found.items, found.total)]
    return Table(f"thuc-hien-ke-hoach-{found.year}", TITLES, rows)


async def _counted(session: AsyncSession, actor: Actor, year: int, plan_id: UUID | None, by: By) -> Sequence[Any]:
    """The tasks counted by PostgreSQL, in one statement; by provision, where areas are asked for."""
    t = queries.visible(actor).where(AssignedTask.year == year).subquery("t")
    key: Any = {By.agency: t.c.agency_id, By.area: t.c.provision, By.category: t.c.content_category}[by]
    stands = t.c.state != TaskState.cancelled
    wanted = {
        "planned": stands,
        "not_started": t.c.state == TaskState.assigned,
        "in_progress": t.c.state == TaskState.in_progress,
        "completed": t.c.state == TaskState.completed,
        "cancelled": t.c.state == TaskState.cancelled,
        "overdue": and_(stands, state_at(now()) == ObligationState.overdue),
        "late": and_(stands, col(Obligation.late).is_(True)),
    }
    counts = [func.count().filter(wanted[name]).label(name) for name in COUNTS]
    points = func.coalesce(func.sum(t.c.percent).filter(stands), 0).label("points")
    named = and_(col(AgencyName.agency_id) == t.c.agency_id, on(AgencyName, today()))
    title = func.max(col(AgencyName.name_vi)).label("title")
    statement = (
        select(key.label("key"), title, *counts, points)
        .outerjoin(Obligation, col(Obligation.request_id) == t.c.id)
        .outerjoin(AgencyName, named)
        .group_by(key)
    )
    if plan_id:
        statement = statement.where(t.c.plan_id == plan_id)
    return (await session.execute(statement)).all()


def _group(by: By, row: Any) -> tuple[str, str]:
    """The key and the title of a group."""
    if by is By.agency:
        return str(row.key), row.title or str(row.key)
    if by is By.category:
        return row.key, CATEGORIES[row.key]
    area = law().area_of(row.key)
    return (area, law().provisions[area].text) if area else ("", NO_AREA)


def _row(key: str, title: str, counts: Mapping[str, int]) -> ExecutionRow:
    planned = counts["planned"]
    shown = {name: counts[name] for name in COUNTS}
    return ExecutionRow(key=key, title=title[:300], percent=counts["points"] // planned if planned else None, **shown)
