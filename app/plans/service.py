"""The verbs of the plans room."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.models import Agency
from app.flow import remarks
from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.machine import Move
from app.flow.procedure import changed, recorded
from app.flow.reads import values
from app.flow.secrecy import refuse_marked
from app.flow.versions import keep
from app.kit.clock import now
from app.kit.etag import Expected, etag
from app.kit.failures import BadField, from_validation
from app.kit.pages import Paging
from app.kit.patch import merged
from app.kit.problems import NotFound
from app.kit.reads import Reader
from app.kit.writes import fresh, insert
from app.plans import queries, rules
from app.plans.models import Plan, PlanState, PlanTask
from app.plans.reads import SUMMARY, WHOLE
from app.plans.schemas import (
    ExternalRead,
    PlanRead,
    PlanSummary,
    PlanWrite,
    Return,
    ReturnedRead,
    Submit,
    TaskRead,
    Withdraw,
    WithdrawnRead,
)

KIND = "plan"


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """What a list of plans is narrowed by."""

    agency_id: UUID | None = None
    year: int | None = None
    state: PlanState | None = None


async def list_plans(reader: Reader, actor: Actor, wanted: PlanFilter, paging: Paging) -> Response:
    """One page of the plans the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, values(rules.PLAN, actor), asdict(wanted), paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One plan."""
    return await WHOLE.one(reader, actor.shape, values(rules.PLAN, actor), id)


async def create(
    session: AsyncSession, actor: Actor, body: PlanWrite, source: str | None = None, external_id: str | None = None
) -> PlanRead:
    """A new draft of the actor's own agency."""
    assert actor.agency_id is not None
    plan = fresh(
        Plan,
        **body.model_dump(exclude={"tasks"}),
        agency_id=actor.agency_id,
        state=rules.PLAN.initial,
        source=source,
        external_id=external_id,
        created_by=actor.client_id,
    )
    insert(session, Plan, vars(plan))
    tasks = await _write_tasks(session, plan, body, {})
    keep(session, actor, KIND, plan, body.model_dump(mode="json"))
    recorded(session, actor, plan, rules.CREATED)
    return _whole(actor, plan, tasks)


async def upsert(
    session: AsyncSession, actor: Actor, source: str, external_id: str, expected: Expected | None, body: PlanWrite
) -> tuple[PlanRead, bool]:
    """The plan with the department's own key, created or replaced, and whether it is new."""
    refuse_marked([source, external_id])
    statement = queries.external(actor, source, external_id).with_for_update()
    plan = (await session.scalars(statement)).one_or_none()
    if plan is None:
        return await create(session, actor, body, source, external_id), True
    _check_editable(plan, actor, expected, rules.DRAFTS)
    return await _replaced(session, actor, plan, body), False


async def replace(session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: PlanWrite) -> PlanRead:
    """Replace what the agency wrote of a plan that is a draft or was returned."""
    plan = await _editable(session, actor, id, expected)
    return await _replaced(session, actor, plan, body)


async def patch(session: AsyncSession, actor: Actor, id: UUID, expected: Expected, change: dict[str, Any]) -> PlanRead:
    """Change some members of a plan that is a draft or was returned (RFC 7396)."""
    refuse_marked(change)
    plan = await _editable(session, actor, id, expected)
    try:
        body = PlanWrite.model_validate(merged(await content(session, plan), change))
    except ValidationError as error:
        raise from_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
    return await _replaced(session, actor, plan, body)


async def delete(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """Delete a draft that was never sent."""
    plan = await _editable(session, actor, id, expected, rules.DELETABLE)
    recorded(session, actor, plan, rules.DELETED, plan.state)
    await session.delete(plan)


async def move(session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any) -> PlanRead:
    """Make one move of the procedure."""
    plan = await _found(session, queries.one(actor, id).with_for_update())
    rules.PLAN.check(move, plan.state, plan.agency_id, actor)
    expected.check(plan.version, _tag(plan, actor))
    match body:
        case Submit():
            await _submit(session, actor, plan, body)
        case Return():
            plan.returned_at, plan.return_reason, plan.return_note = now(), body.reason, body.note
            await remarks.add(session, actor, KIND, plan, await content(session, plan), body.remarks, "remarks")
        case Withdraw():
            plan.withdrawn_at, plan.withdrawal_reason = now(), body.reason
        case _:
            plan.accepted_at = now()
    previous, plan.state = plan.state, move.target
    changed(session, actor, plan, move.event, previous)
    return await _shown(session, actor, plan)


async def _submit(session: AsyncSession, actor: Actor, plan: Plan, body: Submit) -> None:
    if not (await session.scalars(queries.tasks(plan.id).limit(1))).first():
        raise BadField("no_tasks", "tasks")
    plan.submitted_at, plan.submitted_by = now(), actor.client_id
    # Lateness is judged by the first time, whatever returns follow.
    plan.first_submitted_at = plan.first_submitted_at or plan.submitted_at
    plan.signatory = body.signatory.model_dump(mode="json") if body.signatory else None
    plan.document = body.document.model_dump(mode="json") if body.document else None


async def filed(session: AsyncSession, actor: Actor, id: UUID) -> Plan:
    """The plan, if the actor may know what passed between its agency and the reviewer."""
    return await _found(session, queries.filed(actor, id))


async def content(session: AsyncSession, plan: Plan) -> dict[str, Any]:
    """What the agency wrote, as JSON."""
    return (await written(session, plan)).model_dump(mode="json")


async def _found(session: AsyncSession, statement: SelectOfScalar[Plan]) -> Plan:
    plan = (await session.scalars(statement)).one_or_none()
    if plan is None:
        raise NotFound
    return plan


async def _editable(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, states: frozenset[PlanState] = rules.DRAFTS
) -> Plan:
    plan = await _found(session, queries.one(actor, id).with_for_update())
    _check_editable(plan, actor, expected, states)
    return plan


def _check_editable(plan: Plan, actor: Actor, expected: Expected | None, states: frozenset[PlanState]) -> None:
    rules.PLAN.check_editable(states, plan.state, plan.agency_id, actor)
    if expected:
        expected.check(plan.version, _tag(plan, actor))


async def _replaced(session: AsyncSession, actor: Actor, plan: Plan, body: PlanWrite) -> PlanRead:
    tasks = (await session.scalars(queries.tasks(plan.id))).all()
    # The same content again is no change: a nightly sync may send everything every night.
    if body != _written(plan, tasks):
        plan.sqlmodel_update(body.model_dump(exclude={"tasks"}))
        tasks = await _write_tasks(session, plan, body, {task.code: task for task in tasks})
        changed(session, actor, plan, rules.REPLACED)
        keep(session, actor, KIND, plan, body.model_dump(mode="json"))
    return _whole(actor, plan, tasks)


async def written(session: AsyncSession, plan: Plan) -> PlanWrite:
    """What the agency wrote of a plan, in the shape it writes."""
    return _written(plan, (await session.scalars(queries.tasks(plan.id))).all())


def _written(plan: Plan, tasks: Sequence[PlanTask]) -> PlanWrite:
    known = PlanWrite.model_fields.keys() - {"tasks"}
    return PlanWrite.model_validate(
        {
            **plan.model_dump(include=set(known)),
            "tasks": [t.model_dump(exclude={"id", "plan_id", "position"}) for t in tasks],
        }
    )


async def _write_tasks(
    session: AsyncSession, plan: Plan, body: PlanWrite, standing: dict[str, PlanTask]
) -> list[PlanTask]:
    """Make the plan's tasks what the body says; a task keeps its id as long as it keeps its code."""
    await _check_agencies(session, [task.cooperating_agency_ids for task in body.tasks])
    rows = []
    for position, task in enumerate(body.tasks):
        written = {**task.model_dump(), "position": position}
        row = standing.pop(task.code, None)
        if row:
            row.sqlmodel_update(written)
        else:
            row = fresh(PlanTask, plan_id=plan.id, **written)
            insert(session, PlanTask, vars(row))
        rows.append(row)
    for row in standing.values():
        await session.delete(row)
    return rows


async def _check_agencies(session: AsyncSession, named: Sequence[Sequence[UUID]]) -> None:
    wanted = {id for ids in named for id in ids}
    if not wanted:
        return
    known = set(await session.scalars(select(Agency.id).where(col(Agency.id).in_(wanted))))
    for place, ids in enumerate(named):
        for at, id in enumerate(ids):
            if id not in known:
                raise BadField("unknown_agency", "tasks", place, "cooperating_agency_ids", at)


def _tag(plan: Plan, actor: Actor) -> str:
    return etag(plan.version, rules.PLAN.allowed(plan.state, plan.agency_id, actor))


def _summary(plan: Plan, actor: Actor) -> dict[str, Any]:
    own_key = ExternalRead(source=plan.source, id=plan.external_id) if plan.source and plan.external_id else None
    facts = {name: getattr(plan, name) for name in PlanSummary.model_fields if hasattr(plan, name)}
    return {**facts, "external": own_key, "etag": _tag(plan, actor)}


async def _shown(session: AsyncSession, actor: Actor, plan: Plan) -> PlanRead:
    return _whole(actor, plan, (await session.scalars(queries.tasks(plan.id))).all())


def _whole(actor: Actor, plan: Plan, tasks: Sequence[PlanTask]) -> PlanRead:
    return PlanRead(
        **_summary(plan, actor),
        objectives=plan.objectives,
        tasks=[TaskRead.model_validate(task, from_attributes=True) for task in tasks],
        signatory=SignatoryRead(**plan.signatory) if plan.signatory else None,
        document=DocumentRead(**plan.document) if plan.document else None,
        returned=ReturnedRead(reason=plan.return_reason, note=plan.return_note, at=plan.returned_at)
        if plan.return_reason and plan.returned_at
        else None,
        withdrawn=WithdrawnRead(reason=plan.withdrawal_reason, at=plan.withdrawn_at)
        if plan.withdrawal_reason and plan.withdrawn_at
        else None,
        allowed_moves=rules.PLAN.allowed(plan.state, plan.agency_id, actor),
        provisions=list(rules.PROVISIONS),
    )
