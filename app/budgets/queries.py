"""Statements over budget estimates; each starts at `visible`."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.budgets.budget_models import AdjustmentLine, BudgetLine, ProvincialBudget
from app.budgets.models import BudgetEstimate, EstimateLine, EstimateState
from app.law.functions import F
from app.trail.feed import own_or_all
from app.trail.models import Event

PAST_REVIEW = [EstimateState.accepted, EstimateState.consolidated, EstimateState.decided, EstimateState.settled]


def visible(actor: Actor) -> SelectOfScalar[BudgetEstimate]:
    """The estimates this actor may know about. Every other statement over them starts here."""
    return select(BudgetEstimate).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """One's own; all for those who read all; for who appraises, what the coordinator has accepted."""
    if actor.reads_all:
        return true()
    own = col(BudgetEstimate.agency_id) == actor.agency_id
    if F.FINANCE in actor.functions:
        return or_(own, *(col(BudgetEstimate.state) == state for state in PAST_REVIEW))
    return own


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about estimates that the actor may know of; those of deleted drafts stay with their agency."""
    seen = visible(actor).with_only_columns(col(BudgetEstimate.id))
    return or_(own_or_all(actor), col(Event.resource_id).in_(seen))


def lines(estimate_id: UUID) -> SelectOfScalar[EstimateLine]:
    """The lines of an estimate that was found through `visible`, in their order."""
    return select(EstimateLine).where(EstimateLine.estimate_id == estimate_id).order_by(col(EstimateLine.position))


def of_plan(plan_id: UUID) -> SelectOfScalar[BudgetEstimate]:
    """The live estimate of a plan that was found through its own `visible`."""
    live = col(BudgetEstimate.state) != EstimateState.withdrawn
    return select(BudgetEstimate).where(BudgetEstimate.plan_id == plan_id, live)


def total() -> ColumnElement[int]:
    """The sum of an estimate's lines."""
    summed = select(func.coalesce(func.sum(EstimateLine.amount_vnd), 0))
    of_it = summed.where(col(EstimateLine.estimate_id) == col(BudgetEstimate.id))
    return of_it.correlate(BudgetEstimate).scalar_subquery()


def tiers() -> dict[str, ColumnElement[Any]]:
    """What became of a line of an estimate, told from the day the budget was decided."""
    mine = and_(col(BudgetLine.estimate_line_id) == col(EstimateLine.id), _decided())
    changes = select(func.sum(AdjustmentLine.change_vnd)).where(col(AdjustmentLine.line_id) == col(BudgetLine.id))
    change = func.coalesce(changes.correlate(BudgetLine).scalar_subquery(), 0)
    spent = col(BudgetLine.spent_vnd)
    told: dict[str, Any] = {
        "decided_vnd": col(BudgetLine.decided_vnd),
        "change_vnd": change,
        "spent_vnd": spent,
        "overspent": spent > col(BudgetLine.decided_vnd) + change,
    }
    return {name: select(value).where(mine).correlate(EstimateLine).scalar_subquery() for name, value in told.items()}


def budget_of(actor: Actor, estimate_id: UUID) -> SelectOfScalar[ProvincialBudget]:
    """The budget that an estimate is in, if the actor may know about the estimate."""
    seen = visible(actor).where(BudgetEstimate.id == estimate_id).with_only_columns(col(BudgetEstimate.id))
    inside = select(col(BudgetLine.budget_id)).where(col(BudgetLine.estimate_id).in_(seen))
    return select(ProvincialBudget).where(col(ProvincialBudget.id).in_(inside))


def _decided() -> ColumnElement[bool]:
    known = select(col(ProvincialBudget.id)).where(col(ProvincialBudget.decided_at).is_not(None))
    return col(BudgetLine.budget_id).in_(known)
