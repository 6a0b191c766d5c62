"""Later decisions about a decided budget: records beside it; what was decided stays as it was decided."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.budgets import budget_rules as rules
from app.budgets import budget_service as service
from app.budgets import held
from app.budgets.budget_models import AdjustmentLine, BudgetAdjustment, ProvincialBudget
from app.budgets.budget_read_schemas import BudgetRead
from app.budgets.budget_schemas import AdjustBudget
from app.budgets.building import check_total
from app.budgets.rules import ESTIMATE
from app.flow.procedure import changed
from app.kit.failures import BadField
from app.kit.ids import new_id
from app.kit.problems import WrongState
from app.kit.writes import insert


async def adjust(session: AsyncSession, actor: Actor, id: UUID, body: AdjustBudget) -> BudgetRead:
    """Write a record of what changes; the agencies whose lines change are told."""
    row = await service.found(session, actor, id)
    if row.state not in rules.STANDS:
        allowed = [move.model_dump() for move in rules.BUDGET.allowed(row.state, row.agency_id, actor)]
        raise WrongState(state=row.state, allowed_moves=allowed, provisions=[rules.APPRAISAL])
    now_standing = {line.id: (line, amount) for line, amount in await held.current(session, row)}
    for place, item in enumerate(body.lines):
        if item.line_id not in now_standing:
            raise BadField("unknown_line", "lines", place, "line_id")
        if now_standing[item.line_id][1] + item.change_vnd < 0:
            raise BadField("below_zero", "lines", place, "change_vnd")
    check_total([*(amount for _, amount in now_standing.values()), *(i.change_vnd for i in body.lines)], "lines")
    await _write(session, actor, row, body)
    touched = [now_standing[item.line_id][0] for item in body.lines]
    for estimate in await held.estimates(session, touched):
        changed(session, actor, estimate, ESTIMATE.adjusted)
    changed(session, actor, row, rules.ADJUSTED)
    return await service.shown(session, actor, id)


async def _write(session: AsyncSession, actor: Actor, row: ProvincialBudget, body: AdjustBudget) -> None:
    before = select(func.count()).select_from(BudgetAdjustment).where(col(BudgetAdjustment.budget_id) == row.id)
    made = BudgetAdjustment(
        budget_id=row.id,
        number=(await session.scalar(before) or 0) + 1,
        document=body.document.model_dump(mode="json"),
        signatory=body.signatory.model_dump(mode="json") if body.signatory else None,
        made_by=actor.client_id,
    )
    session.add(made)
    for item in body.lines:
        line = AdjustmentLine(id=new_id(), adjustment_id=made.id, **item.model_dump())
        insert(session, AdjustmentLine, line.model_dump())
