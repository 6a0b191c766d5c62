"""An estimate goes with its plan: sent, returned, accepted, taken back and deleted in the same transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.budgets import queries
from app.budgets.models import BudgetEstimate, EstimateState
from app.budgets.rules import ESTIMATE, OWED
from app.budgets.service import ESTIMATES
from app.flow.machine import Move
from app.kit.failures import BadField
from app.kit.problems import Conflict
from app.obligations import receipts
from app.plans.models import Plan, PlanTask
from app.plans.rules import PLAN

FOLLOWED = {
    "submit": ESTIMATE.submit,
    "return": ESTIMATE.return_,
    "accept": ESTIMATE.accept,
    "withdraw": ESTIMATE.withdraw,
}
IN_A_BUDGET = (
    "Dự toán của kế hoạch đã nằm trong dự toán của tỉnh gửi thẩm định: không thể thu hồi.",
    "The plan's estimate is in a budget that was sent to finance: it can no longer be taken back.",
)


class EstimateOfPlan:
    """The estimate among what goes with a plan."""

    async def check_submit(self, session: AsyncSession, plan: Plan, tasks: Sequence[PlanTask]) -> None:
        """An estimate, or the reason why there is none; its lines pay for tasks that the plan has."""
        estimate = await _estimate(session, plan)
        if estimate is None:
            if plan.no_budget_reason is None:
                raise BadField("no_budget", "no_budget_reason")
            return
        if plan.no_budget_reason is not None:
            raise BadField("budget_and_reason", "no_budget_reason")
        lines = await ESTIMATES.parts(session, estimate)
        if not lines:
            raise BadField("no_lines", "no_budget_reason")
        known = {task.code for task in tasks}
        for line in lines:
            if line.task_code is not None and line.task_code not in known:
                raise BadField("task_not_in_plan", "tasks", line=line.code, task=line.task_code)

    async def follow(self, session: AsyncSession, actor: Actor, plan: Plan, move: Move, body: Any) -> None:
        """Make the plan's move; a plan without an estimate declares that nothing comes up."""
        estimate = await _estimate(session, plan)
        if estimate is not None:
            if move is PLAN.submit:
                # It may have been sent without one before it was returned.
                await receipts.retracted_nil(session, actor, PLAN.kind, plan)
            followed = FOLLOWED[move.name]
            if estimate.state not in followed.sources:
                raise Conflict(*IN_A_BUDGET)
            lines = await ESTIMATES.parts(session, estimate)
            await ESTIMATES.carry_out(session, actor, estimate, followed, body, lines)
        elif move is PLAN.submit and plan.no_budget_reason is not None:
            owed = receipts.Owed(OWED, plan.agency_id, plan.period)
            await receipts.declared_nil(session, actor, owed, plan, PLAN.kind, plan.no_budget_reason)
        elif move is PLAN.withdraw:
            await receipts.retracted_nil(session, actor, PLAN.kind, plan)

    async def discard(self, session: AsyncSession, actor: Actor, plan: Plan) -> None:
        """A draft that goes with nothing is nothing."""
        estimate = await _estimate(session, plan)
        if estimate is not None and estimate.state == EstimateState.draft:
            await ESTIMATES.discard(session, actor, estimate)
            await session.flush()  # it points at the plan, which goes next


async def _estimate(session: AsyncSession, plan: Plan) -> BudgetEstimate | None:
    return (await session.scalars(queries.of_plan(plan.id).with_for_update())).one_or_none()
