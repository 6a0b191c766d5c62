"""After the decision: where the money is found, what the coordinator spent itself, the end (QC.D12.K1, QC.D12.K2)."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import and_, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.agencies.queries import on
from app.budgets import budget_rules as rules
from app.budgets import held
from app.budgets.budget_models import BudgetAllocation, BudgetLine, LineScope, ProvincialBudget
from app.budgets.budget_schemas import AllocateBudget, CloseBudget, SettleOwn
from app.kit.clock import now, today
from app.kit.failures import BadField
from app.kit.problems import Conflict
from app.kit.writes import insert
from app.obligations import receipts

OWN_SETTLED = (
    "Các dòng của cơ quan điều phối đã được quyết toán.",
    "The coordinator's own lines were settled already.",
)


async def allocate(session: AsyncSession, actor: Actor, row: ProvincialBudget, body: AllocateBudget) -> None:
    """Write what each category gets from which source; never more than is decided for it by now."""
    assert actor.agency_id is not None
    left: dict[str, int] = defaultdict(int)
    for line, current in await held.current(session, row):
        left[line.category] += current
    for place, item in enumerate(body.allocations):
        left[item.category] -= item.amount_vnd
        if left[item.category] < 0:
            raise BadField("over_the_total", "allocations", place, "amount_vnd")
    await session.execute(delete(BudgetAllocation).where(col(BudgetAllocation.budget_id) == row.id))
    for item in body.allocations:
        insert(session, BudgetAllocation, BudgetAllocation(budget_id=row.id, **item.model_dump()).model_dump())
    row.allocated_at = now()
    owed = receipts.Owed(rules.BALANCE, actor.agency_id, row.period)
    await receipts.receive(session, actor, owed, row, rules.KIND, row.allocated_at)


async def settle_own(session: AsyncSession, row: ProvincialBudget, body: SettleOwn) -> None:
    """Write what the coordinator spent on the lines that nobody else asked for."""
    lines = [line for line in await held.lines(session, row) if line.scope == LineScope.coordinator_own]
    spend(lines, {item.line_id: item.spent_vnd for item in body.lines}, [item.line_id for item in body.lines])
    row.settlement = body.document.model_dump(mode="json") if body.document else None


def spend(lines: list[BudgetLine], spent: dict[UUID, int], order: list[UUID]) -> None:
    """Write what was spent on each of these lines, once."""
    known = held.every(lines, spent, order)
    if any(line.spent_vnd is not None for line in lines):
        raise Conflict(*OWN_SETTLED)
    for id, line in known.items():
        line.spent_vnd = spent[id]


async def close(session: AsyncSession, row: ProvincialBudget, body: CloseBudget) -> None:
    """End it; who has not settled must be named, every one and no other."""
    row.closed_at, row.closing_note = now(), body.note
    lines = await held.lines(session, row)
    owing = {line.agency_id for line in lines if line.spent_vnd is None}
    if set(body.unsettled) != owing:
        raise BadField("unsettled_differ", "unsettled", count=len(owing))
    row.unsettled = await _named(session, owing)


async def _named(session: AsyncSession, ids: set[UUID]) -> list[dict[str, str]]:
    known = and_(col(AgencyName.agency_id).in_(ids), on(AgencyName, today()))
    names = await session.scalars(select(AgencyName).where(known).order_by(col(AgencyName.sort_key)))
    return [{"agency_id": str(name.agency_id), "agency": name.name_vi} for name in names]
