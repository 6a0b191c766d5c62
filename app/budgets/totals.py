"""The sums of a budget, by PostgreSQL: of each tier, and of each category."""

from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, literal_column, select
from sqlmodel import col

from app.budgets.budget_models import AdjustmentLine, BudgetAllocation, BudgetLine, ProvincialBudget
from app.budgets.budget_read_schemas import CategoryRead, TotalsRead


def whole() -> ColumnElement[Any]:
    """The member `totals`."""
    row = select(*_sums(_tiers(), TotalsRead)).subquery("sums")
    return select(func.row_to_json(row.table_valued())).correlate(ProvincialBudget).scalar_subquery()


def by_category() -> ColumnElement[Any]:
    """The member `categories`."""
    lines = _tiers()
    row = select(*_sums(lines, CategoryRead)).group_by(lines.c.category).order_by(lines.c.category).subquery("sums")
    made = select(func.row_to_json(row.table_valued())).correlate(ProvincialBudget)
    return func.array_to_json(func.array(made.scalar_subquery()))


def self_appraised() -> ColumnElement[bool]:
    """The member `self_appraised`."""
    lines = select(BudgetLine.id).where(col(BudgetLine.budget_id) == col(ProvincialBudget.id))  # type: ignore[call-overload]
    found: ColumnElement[bool] = lines.where(col(BudgetLine.self_appraised)).correlate(ProvincialBudget).exists()
    return found


def _tiers() -> Subquery:
    """The lines of the budget in the row outside, each with its adjustments, and what its category was allocated."""
    changed = select(func.sum(AdjustmentLine.change_vnd)).where(col(AdjustmentLine.line_id) == col(BudgetLine.id))
    given = select(func.sum(BudgetAllocation.amount_vnd)).where(
        col(BudgetAllocation.budget_id) == col(BudgetLine.budget_id),
        col(BudgetAllocation.category) == col(BudgetLine.category),
    )
    return (
        select(
            col(BudgetLine.category),
            col(BudgetLine.requested_vnd),
            col(BudgetLine.appraised_vnd),
            col(BudgetLine.decided_vnd),
            col(BudgetLine.spent_vnd),
            changed.correlate(BudgetLine).scalar_subquery().label("change_vnd"),
            given.correlate(BudgetLine).scalar_subquery().label("allocated_vnd"),
        )
        .where(col(BudgetLine.budget_id) == col(ProvincialBudget.id))
        .correlate(ProvincialBudget)
        .subquery("tiers")
    )


def _sums(lines: Subquery, schema: type[TotalsRead]) -> list[ColumnElement[Any]]:
    zero: ColumnElement[Any] = literal_column("0")
    change = func.coalesce(func.sum(lines.c.change_vnd), zero)
    current = func.sum(lines.c.decided_vnd) + change
    allocated = func.coalesce(func.max(lines.c.allocated_vnd), zero)
    known = {
        "category": lines.c.category,
        "requested_vnd": func.coalesce(func.sum(lines.c.requested_vnd), zero),
        "appraised_vnd": func.sum(lines.c.appraised_vnd),
        "decided_vnd": func.sum(lines.c.decided_vnd),
        "change_vnd": change,
        "current_vnd": current,
        "spent_vnd": func.sum(lines.c.spent_vnd),
        "allocated_vnd": allocated,
        "unallocated_vnd": current - allocated,
    }
    return [known[name].label(name) for name in schema.model_fields]
