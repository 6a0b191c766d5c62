"""The verbs of the province's budget: consolidate, consolidate again, and every move (QC.D8.K9, QC.D12)."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.budgets import appraising, budget_queries, building, closing
from app.budgets import budget_rules as rules
from app.budgets.budget_models import BudgetLine, LineScope, ProvincialBudget
from app.budgets.budget_read_schemas import BudgetRead
from app.budgets.budget_reads import SUMMARY, WHOLE
from app.budgets.budget_schemas import (
    AllocateBudget,
    AppraiseBudget,
    BudgetWrite,
    BuildBudget,
    CloseBudget,
    DecideBudget,
    ReturnBudget,
    SettleOwn,
    SubmitBudget,
)
from app.flow import reads
from app.flow.machine import Move
from app.flow.procedure import changed, differs, recorded, to_edit, to_move
from app.flow.versions import keep
from app.kit.clock import now
from app.kit.db import found_row
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.ids import new_id
from app.kit.pages import Paging
from app.kit.problems import Conflict
from app.kit.reader import Reader
from app.kit.writes import insert
from app.obligations import receipts

CHANGED = (
    "Dự toán của các cơ quan đã thay đổi từ khi tổng hợp. Tổng hợp lại (PUT) rồi gửi.",
    "The agencies' estimates have changed since it was consolidated. Consolidate again (PUT), then send it.",
)


async def list_budgets(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.BUDGET, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.BUDGET, actor), id)


async def build(session: AsyncSession, actor: Actor, body: BuildBudget) -> BudgetRead:
    """Bring a year's accepted estimates together."""
    assert actor.agency_id is not None
    words, content, lines = await _gathered(session, actor.agency_id, body.year, body)
    row = ProvincialBudget(
        agency_id=actor.agency_id,
        state=rules.BUDGET.initial,
        created_by=actor.client_id,
        year=body.year,
        content=content,
        **words,
    )
    session.add(row)
    _write(session, row, lines)
    recorded(session, actor, row, rules.CONSOLIDATED)
    return await shown(session, actor, row.id)


async def rebuild(session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: BudgetWrite) -> BudgetRead:
    """Bring together what is accepted now; what comes out the same is no change."""
    row = await to_edit(session, budget_queries.one(actor, id), rules.BUDGET, rules.DRAFTS, actor, expected)
    words, content, lines = await _gathered(session, row.agency_id, row.year, body)
    words["content"] = content
    standing = building.facts(await session.scalars(budget_queries.held(id)))
    if differs(row, words) or standing != building.plain(lines):
        row.sqlmodel_update(words)
        await session.execute(delete(BudgetLine).where(col(BudgetLine.budget_id) == id))
        _write(session, row, lines)
        changed(session, actor, row, rules.REBUILT)
    return await shown(session, actor, id)


async def move(session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any) -> BudgetRead:
    """Make one move of the procedure."""
    row = await to_move(session, budget_queries.one(actor, id), rules.BUDGET, move, actor, expected)
    # The verbs below say at once what belongs to the state: it is written before they look at the lines.
    previous, row.state = row.state, move.target
    match body:
        case SubmitBudget():
            await _submit(session, actor, row, body)
        case ReturnBudget():
            row.returned_at, row.return_reason = now(), body.reason
            await appraising.send_back(session, actor, row, previous)
        case AppraiseBudget():
            await appraising.appraise(session, actor, row, body)
        case DecideBudget():
            await appraising.decide(session, actor, row, body)
        case AllocateBudget():
            await closing.allocate(session, actor, row, body)
        case SettleOwn():
            await closing.settle_own(session, row, body)
        case CloseBudget():
            await closing.close(session, row, body)
    changed(session, actor, row, move.event, previous)
    if isinstance(body, AppraiseBudget):
        # A later return clears the lines; what finance said stays on record.
        keep(session, actor, rules.KIND, row, body)
    return await shown(session, actor, id)


async def found(session: AsyncSession, actor: Actor, id: UUID) -> ProvincialBudget:
    """The budget, locked; every change to what hangs on it waits here."""
    return await found_row(session, budget_queries.one(actor, id).with_for_update())


async def shown(session: AsyncSession, actor: Actor, id: UUID) -> BudgetRead:
    """It whole, as this actor may read it."""
    (whole,) = await WHOLE.within(session, actor.shape, reads.values(rules.BUDGET, actor), id)
    return cast("BudgetRead", whole)


async def _submit(session: AsyncSession, actor: Actor, row: ProvincialBudget, body: SubmitBudget) -> None:
    """Freeze what is asked for: nothing else may have come meanwhile, and nothing in it can be taken back."""
    row.sent_at = now()
    row.signatory = body.signatory.model_dump(mode="json") if body.signatory else None
    row.document = body.document.model_dump(mode="json") if body.document else None
    excluded = {UUID(item["estimate_id"]): item["reason"] for item in row.excluded}
    fresh = await building.built(session, row.year, excluded, lock=True)
    standing = (await session.scalars(budget_queries.held(row.id))).all()
    if not standing:
        raise BadField("no_lines", "own_lines")
    asked = building.facts(line for line in standing if line.scope != LineScope.coordinator_own)
    if asked != building.plain(fresh.lines) or fresh.content["included"] != row.content["included"]:
        raise Conflict(*CHANGED)
    await appraising.take(session, actor, fresh.estimates)
    owed = receipts.Owed(rules.OWED, row.agency_id, row.period)
    await receipts.receive(session, actor, owed, row, rules.KIND, row.sent_at)


async def _gathered(
    session: AsyncSession, agency_id: UUID, year: int, body: BudgetWrite
) -> tuple[dict[str, Any], dict[str, Any], Sequence[building.Facts]]:
    """The coordinator's words, who is in, and every line."""
    excluded = {item.estimate_id: item.reason for item in body.excluded}
    fresh = await building.built(session, year, excluded)
    known = {item["estimate_id"] for item in fresh.content["excluded"]}
    for place, item in enumerate(body.excluded):
        if str(item.estimate_id) not in known:
            raise BadField("unknown_estimate", "excluded", place, "estimate_id")
    lines = [*fresh.lines, *building.own(agency_id, body.own_lines, fresh.lines)]
    building.check_size(lines)
    words = body.model_dump(mode="json", include={"title", "excluded"})
    words["excluded"].sort(key=lambda item: item["estimate_id"])  # what is left out has no order of its own
    return words, fresh.content, lines


def _write(session: AsyncSession, row: ProvincialBudget, lines: Sequence[building.Facts]) -> None:
    """The lines anew, in their order."""
    for position, line in enumerate(lines):
        made = BudgetLine(id=new_id(), budget_id=row.id, position=position, **line)
        insert(session, BudgetLine, made.model_dump())
