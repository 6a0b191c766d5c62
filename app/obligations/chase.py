"""Who is chased: what is due or overdue now, and the ledger of reminders of a year (QD.D2, QC.D8.K2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, and_, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.agencies.queries import called, on
from app.kit.clock import local, now
from app.kit.tables import Table
from app.law.book import law
from app.obligations import queries, reminder_queries
from app.obligations.matrix_schemas import MOST_ROWS, ChaseLedger, ChaseList, ChaseRow, LedgerRow
from app.obligations.models import Obligation, Reminder
from app.obligations.models import ObligationState as S

CHASE_TITLES = {
    "agency": "Cơ quan",
    "duty": "Điều khoản",
    "title": "Nhiệm vụ",
    "period": "Kỳ",
    "state": "Trạng thái",
    "last_on_time_date": "Ngày cuối đúng hạn",
    "days_overdue": "Số ngày quá hạn",
    "reminders": "Số lần đôn đốc",
    "last_reminded_at": "Đôn đốc gần nhất",
    "acknowledged_at": "Xác nhận gần nhất",
}
LEDGER_TITLES = {
    "number": "Số",
    "sent_at": "Ngày gửi",
    "agency": "Cơ quan",
    "duty": "Điều khoản",
    "title": "Nhiệm vụ",
    "period": "Kỳ",
    "due_before": "Hạn (trước)",
    "mode": "Hình thức",
    "state": "Trạng thái",
    "acknowledged_at": "Xác nhận",
    "answer": "Trả lời",
    "escalated_at": "Báo cáo cấp trên",
    "received_at": "Đã nhận",
    "late": "Trễ hạn",
}


async def chase_list(session: AsyncSession, actor: Actor) -> ChaseList:
    """Everything that is due or overdue, with what was done about it: the coordinator's one list."""
    moment = now()
    rows = (await session.execute(_owed(actor, moment))).mappings()
    day = local(moment).date()
    items = []
    for row in rows:
        last = row["last_on_time_date"]
        overdue = (day - last).days if last and last < day else None
        items.append(ChaseRow(**row, title=law().duties[row["duty"]].title_vi, days_overdue=overdue))
    return ChaseList(as_of=moment, items=items)


async def ledger(session: AsyncSession, actor: Actor, year: int) -> ChaseLedger:
    """Every reminder of a calendar year."""
    rows = (await session.execute(_reminded(actor, year))).mappings()
    return ChaseLedger(year=year, items=[LedgerRow(**row, title=law().duties[row["duty"]].title_vi) for row in rows])


def tabled(name: str, titles: dict[str, str], items: Sequence[ChaseRow | LedgerRow]) -> Table:
    """The rows as a table."""
    return Table(name, titles, [item.model_dump() for item in items])


def _owed(actor: Actor, moment: datetime) -> Select[Any]:
    state = queries.state_at(literal(moment)).label("state")
    o = queries.visible(actor).add_columns(state.label("now")).subquery("o")
    return (
        select(
            o.c.id.label("obligation_id"),
            col(AgencyName.name_vi).label("agency"),
            o.c.duty,
            o.c.period_key.label("period"),
            o.c.now.label("state"),
            o.c.last_on_time_date,
            func.count(col(Reminder.id)).label("reminders"),
            func.max(col(Reminder.created_at)).label("last_reminded_at"),
            func.max(col(Reminder.acknowledged_at)).label("acknowledged_at"),
        )
        .join(AgencyName, and_(col(AgencyName.agency_id) == o.c.agency_id, on(AgencyName, local(moment).date())))
        .outerjoin(Reminder, col(Reminder.obligation_id) == o.c.id)
        .where(o.c.now.in_([S.due, S.overdue]))
        .group_by(*o.c, col(AgencyName.name_vi), col(AgencyName.sort_key))
        .order_by(col(AgencyName.sort_key), o.c.last_on_time_date.nulls_last(), o.c.duty, o.c.id)
        .limit(MOST_ROWS)
    )


def _reminded(actor: Actor, year: int) -> Select[Any]:
    r = reminder_queries.visible(actor).where(Reminder.year == year).subquery("r")
    return (
        select(
            cast(r.c.number, Text).concat("/").concat(cast(r.c.year, Text)).label("number"),
            r.c.created_at.label("sent_at"),
            col(AgencyName.name_vi).label("agency"),
            col(Obligation.duty),
            col(Obligation.period_key).label("period"),
            r.c.due_before,
            r.c.mode,
            r.c.state,
            r.c.acknowledged_at,
            r.c.answer,
            r.c.escalated_at,
            col(Obligation.first_received_at).label("received_at"),
            col(Obligation.late),
        )
        .join(Obligation, col(Obligation.id) == r.c.obligation_id)
        .join(AgencyName, called(r.c.agency_id, r.c.created_at))
        .order_by(r.c.number)
        .limit(MOST_ROWS)
    )
