"""Settling what was decided: what an agency spent on the lines of its estimate (QC.D12.K2)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.budgets import budget_rules, queries
from app.budgets.budget_models import BudgetLine, BudgetState, ProvincialBudget
from app.budgets.closing import spend
from app.budgets.models import BudgetEstimate
from app.budgets.schemas import Settle
from app.flow.procedure import changed
from app.kit.clock import now
from app.kit.problems import Conflict

CLOSED = (
    "Dự toán của tỉnh năm này đã khép lại.",
    "The province's budget of this year was closed.",
)


async def hold(session: AsyncSession, actor: Actor, id: UUID) -> ProvincialBudget | None:
    """Lock the budget that an estimate is in; always before the estimate, as the budget's own moves do."""
    return (await session.scalars(queries.budget_of(actor, id).with_for_update())).one_or_none()


async def settle(
    session: AsyncSession, actor: Actor, budget: ProvincialBudget, row: BudgetEstimate, body: Settle
) -> None:
    """Write what was spent on every line; more than was decided is taken, and shown."""
    if budget.state != BudgetState.decided:
        raise Conflict(*CLOSED)
    lines = await _lines(session, row)
    # The agency knows its lines by its own estimate's ids.
    own = {line.estimate_line_id: line.id for line in lines}
    ids = [own.get(item.line_id, item.line_id) for item in body.lines]
    spend(list(lines), dict(zip(ids, (item.spent_vnd for item in body.lines), strict=True)), ids)
    row.settled_at = now()
    row.settlement = body.document.model_dump(mode="json") if body.document else None
    changed(session, actor, budget, budget_rules.SETTLED, budget.state)


async def _lines(session: AsyncSession, row: BudgetEstimate) -> Sequence[BudgetLine]:
    statement = select(BudgetLine).where(BudgetLine.estimate_id == row.id).order_by(col(BudgetLine.position))
    return (await session.scalars(statement)).all()
