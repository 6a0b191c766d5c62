"""The moves of plans of the province: sent up, returned, approved, issued, amended, superseded, closed (QC.D8.K2)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.machine import Move
from app.flow.procedure import changed, recorded, to_move
from app.flow.submission import SubmissionState
from app.kit.canonical import hashed
from app.kit.clock import now, today
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.problems import Conflict
from app.obligations import receipts
from app.plans.rules import PLAN
from app.provincial import hooks, queries, rules
from app.provincial.building import frozen
from app.provincial.gathering import absorbed_in, excluded_in, gather, plans_in
from app.provincial.models import ProvincialKind, ProvincialPlan, ProvincialState
from app.provincial.read_schemas import ProvincialRead
from app.provincial.schemas import (
    AmendProvincial,
    ApproveProvincial,
    CloseProvincial,
    IssueProvincial,
    ReturnProvincial,
    SubmitProvincial,
    SupersedeProvincial,
)
from app.provincial.service import KIND, MACHINE, add_task, check_placed, found, shown, tasks_of

CHANGED = (
    "Kế hoạch của các cơ quan đã thay đổi từ lần gom trước. Gom lại (POST …/gather) rồi trình.",
    "The agencies' plans have changed since they were gathered. Gather again (POST …/gather), then send it.",
)
NOT_STANDING = (
    "Kế hoạch được điều chỉnh không còn ở trạng thái đã ban hành.",
    "The plan that this one amends is no longer issued.",
)
_COPIED = {
    "agency_id", "kind", "term", "year", "until_year", "title", "objectives", "priorities", "dropped", "content",
}  # fmt: skip


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> ProvincialRead:
    """Make one move of the procedure."""
    row = await to_move(session, queries.one(actor, id), MACHINE, move, actor, expected)
    amended = await _perform(session, actor, row, body)
    # Not earlier: what a state asks of a row must stand in it when it is first written in that state.
    previous, row.state = row.state, move.target
    await _answer(session, actor, row, body)
    changed(session, actor, row, move.event, previous)
    await _follow(session, actor, row, amended)
    return await shown(session, actor, id)


async def amend(session: AsyncSession, actor: Actor, id: UUID, body: AmendProvincial) -> ProvincialRead:
    """Begin another edition of an issued plan, which stands until the other is issued."""
    row = await found(session, actor, id)
    MACHINE.check_editable(rules.STANDING, row.state, row.agency_id, actor)
    new = ProvincialPlan(
        **row.model_dump(include=_COPIED),
        state=MACHINE.initial,
        created_by=actor.client_id,
        edition=row.edition + 1,
        amends_id=row.id,
        amendment_reason=body.reason,
    )
    session.add(new)
    for task in await tasks_of(session, row):
        facts = task.model_dump(exclude={"id", "plan_id", "position", "carried_from"})
        add_task(session, new, task.position, {**facts, "carried_from": task.id})
    recorded(session, actor, new, rules.DRAFTED)
    return await shown(session, actor, new.id)


async def _perform(session: AsyncSession, actor: Actor, row: ProvincialPlan, body: Any) -> ProvincialPlan | None:
    """What a move says and does; the edition that it ends."""
    match body:
        case SubmitProvincial():
            await _submit(session, actor, row, body)
        case ReturnProvincial():
            row.returned_at, row.return_reason = now(), body.reason
            await _release(session, actor, row)
        case ApproveProvincial():
            said = body.model_dump(mode="json")
            row.approved_at, row.approval_document, row.approval_signatory = now(), said["document"], said["signatory"]
        case IssueProvincial():
            return await _issue(session, actor, row, body)
        case SupersedeProvincial():
            await _supersede(session, actor, row, body)
        case CloseProvincial():
            _end(row, today(), body.summary)
    return None


async def _answer(session: AsyncSession, actor: Actor, row: ProvincialPlan, body: Any) -> None:
    """The year's duty is answered by the annual plan; its amendments come on top of what was received."""
    if row.kind != ProvincialKind.provincial_annual or row.amends_id is not None:
        return
    match body:
        case SubmitProvincial():
            assert row.submitted_at is not None
            owed = receipts.Owed(rules.OWED, row.agency_id, row.period)
            await receipts.receive(session, actor, owed, row, KIND, row.submitted_at)
        case ReturnProvincial():
            await receipts.returned(session, actor, KIND, row)
        case ApproveProvincial():
            await receipts.accepted(session, actor, KIND, row)


async def _submit(session: AsyncSession, actor: Actor, row: ProvincialPlan, body: SubmitProvincial) -> None:
    """Freeze it: what it absorbs can no longer be taken back, and nothing else may have come meanwhile."""
    gathered = await gather(session, row, excluded_in(row), lock=True)
    if gathered.content != row.content:
        raise Conflict(*CHANGED)
    tasks = await tasks_of(session, row)
    check_placed(row, tasks, gathered.tasks)
    said = body.model_dump(mode="json")
    row.submitted_at, row.document, row.signatory = now(), said["document"], said["signatory"]
    row.returned_at = row.return_reason = None
    row.content_sha256 = hashed(frozen(row, tasks))
    for plan in await plans_in(session, row):
        if plan.state == SubmissionState.accepted:
            plan.state = SubmissionState.consolidated
            changed(session, actor, plan, PLAN.consolidated, SubmissionState.accepted)


async def _release(session: AsyncSession, actor: Actor, row: ProvincialPlan) -> None:
    """What was returned is worked on again: the plans in it are their agencies' again, but for those issued before."""
    amended = await _amended(session, actor, row)
    standing = set(absorbed_in(amended)) if amended else set()
    for plan in await plans_in(session, row):
        if plan.id not in standing:
            plan.state = SubmissionState.accepted
            changed(session, actor, plan, PLAN.released, SubmissionState.consolidated)


async def _amended(session: AsyncSession, actor: Actor, row: ProvincialPlan) -> ProvincialPlan | None:
    """The edition that this one amends, locked."""
    return await found(session, actor, row.amends_id) if row.amends_id else None


async def _issue(
    session: AsyncSession, actor: Actor, row: ProvincialPlan, body: IssueProvincial
) -> ProvincialPlan | None:
    """The edition before stands until the new one takes effect."""
    if body.effective_from.year > row.until_year:
        raise BadField("never_in_force", "effective_from")
    amended = await _amended(session, actor, row)
    if amended:
        if amended.state != ProvincialState.issued:
            raise Conflict(*NOT_STANDING)
        amended.state = ProvincialState.amended
        _end(amended, body.effective_from, row.amendment_reason)
        changed(session, actor, amended, rules.AMENDED, ProvincialState.issued)
        # Of one year only one may be issued, at every moment of the transaction.
        await session.flush()
    row.issued_at, row.effective_from = now(), body.effective_from
    return amended


async def _supersede(session: AsyncSession, actor: Actor, row: ProvincialPlan, body: SupersedeProvincial) -> None:
    by = (await session.scalars(queries.one(actor, body.by_plan_id).with_for_update(read=True))).one_or_none()
    if by is None or by.id == row.id or by.state != ProvincialState.issued:
        raise BadField("unknown_provincial_plan", "by_plan_id")
    assert by.effective_from is not None
    row.superseded_by = by.id
    _end(row, max(today(), by.effective_from), body.reason)


def _end(row: ProvincialPlan, on: date, reason: str | None) -> None:
    row.ended_at, row.ended_on, row.end_reason = now(), on, reason


async def _follow(session: AsyncSession, actor: Actor, row: ProvincialPlan, amended: ProvincialPlan | None) -> None:
    """Tell the rooms above."""
    if row.state == ProvincialState.issued:
        await _tell(session, actor, row, hooks.ISSUED)
    elif row.state in queries.PUBLISHED:
        await _tell(session, actor, row, hooks.ENDED)
    if amended:
        await _tell(session, actor, amended, hooks.ENDED)


async def _tell(session: AsyncSession, actor: Actor, row: ProvincialPlan, told: Iterable[hooks.Follow]) -> None:
    for follow in told:
        await follow(session, actor, row, await tasks_of(session, row))
