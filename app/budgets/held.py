"""What hangs on a budget that is locked, or was found: its lines, their estimates, what stands by now."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.budgets import budget_queries
from app.budgets.budget_models import BudgetLine, ProvincialBudget
from app.budgets.models import BudgetEstimate
from app.kit.failures import BadField


async def lines(session: AsyncSession, row: ProvincialBudget) -> Sequence[BudgetLine]:
    """The lines of a budget that is locked."""
    return (await session.scalars(budget_queries.held(row.id))).all()


def every(
    standing: Sequence[BudgetLine], said: Mapping[UUID, Any], order: Sequence[UUID], name: str = "lines"
) -> Mapping[UUID, BudgetLine]:
    """The lines by their ids, where a body says something of every one and of no other."""
    known = {line.id: line for line in standing}
    for place, id in enumerate(order):
        if id not in known:
            raise BadField("unknown_line", name, place, "line_id")
    for line in standing:
        if line.id not in said:
            raise BadField("line_left_out", name, line=line.code)
    return known


async def estimates(session: AsyncSession, standing: Sequence[BudgetLine]) -> Sequence[BudgetEstimate]:
    """The estimates that these lines come from, locked in the order of their ids."""
    ids = {line.estimate_id for line in standing if line.estimate_id}
    statement = select(BudgetEstimate).where(col(BudgetEstimate.id).in_(ids)).order_by(col(BudgetEstimate.id))
    return (await session.scalars(statement.with_for_update())).all()


async def current(session: AsyncSession, row: ProvincialBudget) -> Sequence[tuple[BudgetLine, int]]:
    """What stands for each line of a locked budget by now: decided, and adjusted since."""
    statement = budget_queries.held(row.id)
    standing = (await session.scalars(statement)).all()
    change = await changes(session, statement)
    return [(line, (line.decided_vnd or 0) + change.get(line.id, 0)) for line in standing]


async def changes(session: AsyncSession, statement: SelectOfScalar[BudgetLine]) -> Mapping[UUID, int]:
    """By how much each line of a statement was adjusted, where it was."""
    rows = await session.execute(budget_queries.changes(statement))
    return {row.line_id: int(row.change) for row in rows}
