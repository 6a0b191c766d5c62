"""Statements over the province's budgets; each starts at `visible`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.agencies.queries import on
from app.budgets.budget_models import AdjustmentLine, BudgetLine, ProvincialBudget
from app.kit.clock import today
from app.law.functions import F
from app.trail.models import Event


def visible(actor: Actor) -> SelectOfScalar[ProvincialBudget]:
    """The budgets this actor may know about: agencies read of theirs in their own estimates."""
    return select(ProvincialBudget).where(_visible(actor))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Its maker's and of those who read all; of who appraises once it was sent there."""
    if actor.reads_all:
        return true()
    # Nobody loses sight of one: it is never deleted, and what was returned stays sent (`sent_at`).
    own = col(ProvincialBudget.agency_id) == actor.agency_id
    return or_(own, col(ProvincialBudget.sent_at).is_not(None)) if F.FINANCE in actor.functions else own


def one(actor: Actor, id: UUID) -> SelectOfScalar[ProvincialBudget]:
    """One budget, if the actor may know about it."""
    return visible(actor).where(ProvincialBudget.id == id)


def sight(actor: Actor) -> ColumnElement[bool]:
    """The events about the budgets that the actor may know of."""
    return col(Event.resource_id).in_(visible(actor).with_only_columns(col(ProvincialBudget.id)))


def lines(actor: Actor, id: UUID, wanted: Mapping[str, Any]) -> SelectOfScalar[BudgetLine]:
    """The lines of a budget; `wanted` narrows them to these values (None: any)."""
    of_it = one(actor, id).with_only_columns(col(ProvincialBudget.id))
    found = select(BudgetLine).where(col(BudgetLine.budget_id).in_(of_it))
    known = ((getattr(BudgetLine, name), value) for name, value in wanted.items() if value is not None)
    return found.where(*(column == value for column, value in known))


def named(statement: SelectOfScalar[BudgetLine]) -> Select[Any]:
    """These lines with their agencies' names, in the Vietnamese order of the names."""
    known = and_(col(AgencyName.agency_id) == col(BudgetLine.agency_id), on(AgencyName, today()))
    found = statement.join(AgencyName, known).add_columns(col(AgencyName.name_vi))
    return found.order_by(col(AgencyName.sort_key), col(BudgetLine.agency_id), col(BudgetLine.position))


def changes(statement: SelectOfScalar[BudgetLine]) -> Select[Any]:
    """By how much each of these lines was adjusted, where it was."""
    ids = statement.with_only_columns(col(BudgetLine.id))
    summed: Any = select(col(AdjustmentLine.line_id), func.sum(AdjustmentLine.change_vnd).label("change"))
    grouped: Select[Any] = summed.where(col(AdjustmentLine.line_id).in_(ids)).group_by(col(AdjustmentLine.line_id))
    return grouped


def held(budget_id: UUID) -> SelectOfScalar[BudgetLine]:
    """All lines of a budget that was found through `visible` and is locked, in their order."""
    return select(BudgetLine).where(BudgetLine.budget_id == budget_id).order_by(col(BudgetLine.position))
