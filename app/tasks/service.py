"""The verbs of assigned tasks: report, complete, check, ask for cooperation; and of cooperation: answer, contribute."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from app.access.actor import Actor
from app.agencies.models import Agency
from app.agencies.queries import on
from app.flow import reads
from app.flow.machine import Move
from app.flow.procedure import changed, to_move
from app.kit.clock import now, today
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.problems import NotPermitted, WrongState
from app.kit.reader import Reader
from app.obligations import receipts
from app.tasks import cooperation_queries, queries, rules
from app.tasks.assignment import KIND, cooperations, requested
from app.tasks.models import (
    Contribution,
    Cooperation,
    CooperationState,
    Finding,
    Pace,
    TaskCheck,
    TaskReport,
    TaskState,
)
from app.tasks.reads import COOPERATION, COOPERATION_SUMMARY, SUMMARY, WHOLE
from app.tasks.schemas import (
    AskWrite,
    AssignedTaskRead,
    CheckWrite,
    Complete,
    Contribute,
    CooperationRead,
    Progress,
)

COOPERATION_KIND = "cooperation"
WHOLLY = 100


async def list_tasks(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of the tasks the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.TASK, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One task."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.TASK, actor), id)


async def list_cooperations(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of the requests to cooperate the actor may know about, newest first."""
    return await COOPERATION_SUMMARY.page(reader, actor.shape, reads.values(rules.COOPERATION, actor), wanted, paging)


async def read_cooperation(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One request to cooperate."""
    return await COOPERATION.one(reader, actor.shape, reads.values(rules.COOPERATION, actor), id)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Progress | Complete
) -> AssignedTaskRead:
    """Report on a task; completing it answers what its agency owes."""
    row = await to_move(session, queries.one(actor, id), rules.TASK, move, actor, expected)
    row.reported_at = now()
    if isinstance(body, Progress):
        row.percent, row.pace = body.percent, body.pace
    else:
        row.percent, row.completed_at = WHOLLY, row.reported_at
        row.first_completed_at = row.first_completed_at or row.reported_at
        row.pace = row.pace or Pace.on_track
    session.add(
        TaskReport(
            task_id=row.id,
            percent=row.percent,
            pace=row.pace,
            reported_by=actor.client_id,
            **body.model_dump(mode="json", include={"done", "outputs", "evidence"}),
        )
    )
    previous, row.state = row.state, move.target
    changed(session, actor, row, move.event, previous)
    if row.first_completed_at and row.state == TaskState.completed:
        owed = receipts.Owed(rules.OWED, row.agency_id, row.period, row.id)
        await receipts.receive(session, actor, owed, row, KIND, row.first_completed_at)
    return await _shown(session, actor, id)


async def check(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: CheckWrite
) -> AssignedTaskRead:
    """Say what a check found; a completed task that needs correction is under way again."""
    row = await found_row(session, queries.one(actor, id).with_for_update())
    if row.state == TaskState.cancelled:
        raise WrongState(state=row.state, allowed_moves=[], provisions=[rules.CHECKING.provision.id])
    expected.check(row.version, etag(row.version))
    facts = body.model_dump(exclude={"document"})
    document = body.document.model_dump(mode="json") if body.document else None
    session.add(TaskCheck(task_id=row.id, document=document, recorded_by=actor.client_id, **facts))
    if row.state != TaskState.completed:
        changed(session, actor, row, rules.CHECKED)
    elif body.finding == Finding.satisfactory:
        changed(session, actor, row, rules.CHECKED)
        await receipts.accepted(session, actor, KIND, row)
    else:
        previous, row.state, row.completed_at = row.state, TaskState.in_progress, None
        changed(session, actor, row, rules.REOPENED, previous)
        await receipts.returned(session, actor, KIND, row)
    return await _shown(session, actor, id)


async def ask_to_cooperate(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: AskWrite
) -> AssignedTaskRead:
    """Ask one more agency to work on a task; only its lead asks."""
    row = await found_row(session, queries.one(actor, id).with_for_update())
    if row.agency_id != actor.agency_id:
        raise NotPermitted(provisions=[rules.COOPERATING.provision.id])
    if row.state not in rules.UNDER_WAY:
        raise WrongState(state=row.state, allowed_moves=[], provisions=[rules.COOPERATING.provision.id])
    expected.check(row.version, etag(row.version))
    known = select(Agency.id).where(Agency.id == body.partner_agency_id, on(Agency, today()))
    if body.partner_agency_id == row.agency_id or (await session.scalars(known)).first() is None:
        raise BadField("unknown_agency", "partner_agency_id")
    standing = {one.agency_id: one for one in await cooperations(session, row.id)}
    if body.partner_agency_id not in standing:
        requested(session, actor, row, body.partner_agency_id, body.request)
    else:
        await _ask_again(session, actor, standing[body.partner_agency_id], body)
    changed(session, actor, row, rules.CHANGED)
    return await _shown(session, actor, id)


async def _ask_again(session: AsyncSession, actor: Actor, one: Cooperation, body: AskWrite) -> None:
    assert actor.agency_id is not None
    if one.state in {CooperationState.asked, CooperationState.accepted}:
        raise BadField("partner_asked", "partner_agency_id")
    previous, one.state = one.state, CooperationState.asked
    one.request, one.asked_by_agency_id, one.answer, one.answered_at = body.request, actor.agency_id, None, None
    changed(session, actor, one, rules.REQUESTED, previous)


async def move_cooperation(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> CooperationRead:
    """Answer a request to cooperate, or contribute."""
    row = await to_move(session, cooperation_queries.one(actor, id), rules.COOPERATION, move, actor, expected)
    if isinstance(body, Contribute):
        facts = body.model_dump(mode="json", include={"text", "evidence"})
        session.add(Contribution(cooperation_id=row.id, contributed_by=actor.client_id, **facts))
        row.answered_at = row.answered_at or now()
    else:
        row.answer, row.answered_at = body.answer, now()
    previous, row.state = row.state, move.target
    changed(session, actor, row, move.event, previous)
    (shown,) = await COOPERATION.within(session, actor.shape, reads.values(rules.COOPERATION, actor), id)
    return cast("CooperationRead", shown)


async def _shown(session: AsyncSession, actor: Actor, id: UUID) -> AssignedTaskRead:
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(rules.TASK, actor), id)
    return cast("AssignedTaskRead", shown)
