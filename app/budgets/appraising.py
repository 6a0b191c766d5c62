"""Appraising and deciding, line by line; what one tier wrote the next leaves as it is (QC.D12.K1)."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.budgets import budget_rules as rules
from app.budgets import held
from app.budgets.budget_models import BudgetState, ProvincialBudget
from app.budgets.budget_schemas import AppraiseBudget, DecideBudget
from app.budgets.building import check_total
from app.budgets.models import BudgetEstimate, EstimateState
from app.budgets.rules import ESTIMATE
from app.flow.procedure import changed
from app.kit.clock import now
from app.kit.failures import BadField
from app.obligations import receipts
from app.trail.record import EventType


async def appraise(session: AsyncSession, actor: Actor, row: ProvincialBudget, body: AppraiseBudget) -> None:
    """Write what finance finds about every line."""
    assert actor.agency_id is not None
    row.appraised_at, row.appraisal_document = now(), body.document.model_dump(mode="json")
    lines = await held.lines(session, row)
    found = held.every(lines, {line.line_id: line for line in body.lines}, [line.line_id for line in body.lines])
    check_total((line.appraised_vnd for line in body.lines), "lines")
    for place, item in enumerate(body.lines):
        line = found[item.line_id]
        if item.appraised_vnd != line.requested_vnd and item.opinion is None:
            raise BadField("opinion_needed", "lines", place, "opinion")
        line.appraised_vnd, line.opinion = item.appraised_vnd, item.opinion
    await receipts.accepted(session, actor, rules.KIND, row, rules.OWED)
    owed = receipts.Owed(rules.APPRAISAL, actor.agency_id, row.period)
    await receipts.receive(session, actor, owed, row, rules.KIND, row.appraised_at)


async def decide(session: AsyncSession, actor: Actor, row: ProvincialBudget, body: DecideBudget) -> None:
    """Write what is decided: every line as it was appraised, but for the exceptions."""
    row.decided_at, row.decision_document = now(), body.document.model_dump(mode="json")
    row.decision_signatory = body.signatory.model_dump(mode="json")
    lines = await held.lines(session, row)
    known = {line.id for line in lines}
    for place, item in enumerate(body.exceptions):
        if item.line_id not in known:
            raise BadField("unknown_line", "exceptions", place, "line_id")
    excepted = {item.line_id: item for item in body.exceptions}
    for line in lines:
        exception = excepted.get(line.id)
        line.decided_vnd = exception.decided_vnd if exception else line.appraised_vnd
        line.decision_reason = exception.reason if exception else None
    check_total((line.decided_vnd or 0 for line in lines), "exceptions")
    await _move(session, actor, await held.estimates(session, lines), EstimateState.decided, ESTIMATE.decided)
    await receipts.accepted(session, actor, rules.KIND, row, rules.APPRAISAL)


async def send_back(session: AsyncSession, actor: Actor, row: ProvincialBudget, previous: str) -> None:
    """To the coordinator: the estimates are open to their agencies again. To finance: what it found is cleared."""
    lines = await held.lines(session, row)
    if previous == BudgetState.with_finance:
        await _move(session, actor, await held.estimates(session, lines), EstimateState.accepted, ESTIMATE.released)
        await receipts.returned(session, actor, rules.KIND, row, rules.OWED)
        return
    row.appraised_at = row.appraisal_document = None
    for line in lines:
        line.appraised_vnd = line.opinion = None
    await receipts.returned(session, actor, rules.KIND, row, rules.APPRAISAL)


async def take(session: AsyncSession, actor: Actor, found: Sequence[BudgetEstimate]) -> None:
    """The estimates in a budget that goes to finance: they can no longer be taken back."""
    await _move(session, actor, found, EstimateState.consolidated, ESTIMATE.consolidated)


async def _move(
    session: AsyncSession, actor: Actor, found: Sequence[BudgetEstimate], state: EstimateState, event: EventType
) -> None:
    for estimate in found:
        previous, estimate.state = estimate.state, state
        changed(session, actor, estimate, event, previous)
