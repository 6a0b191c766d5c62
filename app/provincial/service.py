"""The verbs of plans of the province before they are sent up: draft, edit, gather again, delete (QC.D8.K2)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.agencies.models import Agency
from app.flow.losses import Audience, hidden, removed
from app.flow.machine import Machine
from app.flow.procedure import changed, recorded, to_edit
from app.flow.secrecy import refuse_marked
from app.kit.db import found_row
from app.kit.etag import Expected
from app.kit.failures import BadField, from_validation
from app.kit.pages import Paging
from app.kit.patch import merged
from app.kit.reader import Reader
from app.kit.writes import insert
from app.plans.schemas import TaskRead
from app.provincial import queries, rules
from app.provincial.building import NOTHING, kept, misplaced, proposed, unplaced
from app.provincial.gathering import Gathered, absorbed_in, excluded_in, gather, source_tasks
from app.provincial.models import ProvincialKind, ProvincialPlan, ProvincialState, ProvincialTask, Term
from app.provincial.read_schemas import PlacedRead, ProvincialRead, SourceList, SourceRead
from app.provincial.reads import SUMMARY, WHOLE, values
from app.provincial.schemas import (
    DraftProvincial,
    ExcludePlanWrite,
    GatherProvincial,
    ProvincialTaskWrite,
    ProvincialWrite,
)

KIND = "provincial_plan"
MACHINE: Machine = rules.PROVINCIAL
Tasks = Sequence[ProvincialTask]
_WORDS = {"title", "term", "objectives", "priorities"}


async def list_plans(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, values(actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, values(actor), id)


async def sources(session: AsyncSession, actor: Actor, id: UUID) -> SourceList:
    """The tasks of the plans it absorbed, each with where it stands."""
    row = await found_row(session, queries.built(actor, id))
    found = await source_tasks(session, row)
    standing = await tasks_of(session, row)
    placed = {id: PlacedRead(task_id=task.id, code=task.code) for task in standing for id in task.sources}
    dropped = {UUID(item["task_id"]): item["reason"] for item in row.dropped}
    origins = {UUID(item["plan_id"]): item for item in row.content["absorbed"]}
    items = [
        SourceRead(
            **TaskRead.model_validate(task, from_attributes=True).model_dump(),
            **{name: origins[task.plan_id][name] for name in ("plan_id", "agency_id", "agency")},
            placed=placed.get(task.id),
            dropped=dropped.get(task.id),
        )
        for task in found
    ]
    return SourceList(unplaced=sum(item.placed is None and item.dropped is None for item in items), items=items)


async def draft(session: AsyncSession, actor: Actor, body: DraftProvincial) -> ProvincialRead:
    """Build a draft; an annual one proposes a task for each task of the agencies' accepted plans of its year."""
    assert actor.agency_id is not None
    row = ProvincialPlan(
        agency_id=actor.agency_id,
        state=MACHINE.initial,
        created_by=actor.client_id,
        kind=body.kind,
        year=body.year,
        until_year=_last_year(body.kind, body.term, body.year, body.until_year),
        dropped=[],
        content=dict(NOTHING),
        **body.model_dump(include=_WORDS),
    )
    found = await gather(session, row, _excluding(body.excluded))
    _check_excluded(body.excluded, found)
    row.content = dict(found.content)
    session.add(row)
    for position, facts in enumerate(proposed(found.taken, ())):
        add_task(session, row, position, facts)
    recorded(session, actor, row, rules.DRAFTED)
    return await shown(session, actor, row.id)


async def replace(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: ProvincialWrite
) -> ProvincialRead:
    """Replace words and tasks; the same again is no change."""
    row = await _editable(session, actor, id, expected, rules.DRAFTS)
    await _write(session, actor, row, await tasks_of(session, row), body)
    return await shown(session, actor, id)


async def patch(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, change: dict[str, Any]
) -> ProvincialRead:
    """Change some members (RFC 7396)."""
    refuse_marked(change)
    row = await _editable(session, actor, id, expected, rules.DRAFTS)
    standing = await tasks_of(session, row)
    try:
        body = ProvincialWrite.model_validate(merged(_written(row, standing).model_dump(mode="json"), change))
    except ValidationError as error:
        raise from_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
    await _write(session, actor, row, standing, body)
    return await shown(session, actor, id)


async def regather(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: GatherProvincial
) -> ProvincialRead:
    """Gather again: what was newly accepted is proposed, what was placed stays, what is gone goes."""
    row = await _editable(session, actor, id, expected, rules.DRAFTS)
    before = set(absorbed_in(row))
    excluded = excluded_in(row) if body.excluded is None else _excluding(body.excluded)
    found = await gather(session, row, excluded)
    _check_excluded(body.excluded or (), found)
    if found.content != row.content:
        named = audience(row, await tasks_of(session, row))
        row.content = dict(found.content)
        await _take_in(session, row, found, before)
        event = changed(session, actor, row, rules.EDITED)
        hidden(session, KIND, row, event, named, audience(row, await tasks_of(session, row)))
    return await shown(session, actor, id)


async def delete(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """Delete a draft that was never sent up."""
    row = await _editable(session, actor, id, expected, rules.DELETABLE)
    event = recorded(session, actor, row, rules.DELETED, row.state)
    removed(session, KIND, row, event, Audience())
    await session.delete(row)


async def found(session: AsyncSession, actor: Actor, id: UUID) -> ProvincialPlan:
    """The plan, locked; NotFound when the actor may not know of it."""
    return await found_row(session, queries.one(actor, id).with_for_update())


async def tasks_of(session: AsyncSession, row: ProvincialPlan) -> Tasks:
    """Its tasks, in their order."""
    return (await session.scalars(queries.tasks(row.id))).all()


async def shown(session: AsyncSession, actor: Actor, id: UUID) -> ProvincialRead:
    """It whole, as this actor may read it in this transaction."""
    (read,) = await WHOLE.within(session, actor.shape, values(actor), id)
    return cast("ProvincialRead", read)


def audience(row: ProvincialPlan, tasks: Iterable[ProvincialTask | ProvincialTaskWrite]) -> Audience:
    """Who may read it while it is worked on: once it was sent up, the agencies that have a task in it."""
    if row.state == MACHINE.initial:
        return Audience()
    return Audience(frozenset(id for task in tasks for id in (task.lead_agency_id, *task.cooperating_agency_ids)))


def add_task(session: AsyncSession, row: ProvincialPlan, position: int, facts: Mapping[str, Any]) -> None:
    """A new task of the plan."""
    insert(session, ProvincialTask, ProvincialTask(plan_id=row.id, position=position, **facts).model_dump())


def check_placed(row: ProvincialPlan, standing: Tasks, known: Sequence[UUID]) -> None:
    """Refuse to send up what leaves out a task of an absorbed plan without a word, or plans nothing."""
    if not standing:
        raise BadField("no_tasks", "tasks")
    left = unplaced([task.sources for task in standing], [UUID(item["task_id"]) for item in row.dropped], known)
    if left:
        raise BadField("unplaced_tasks", "tasks", number=len(left), first=left[0])


async def _editable(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, states: Collection[ProvincialState]
) -> ProvincialPlan:
    return await to_edit(session, queries.one(actor, id), MACHINE, states, actor, expected)


async def _write(
    session: AsyncSession, actor: Actor, row: ProvincialPlan, standing: Tasks, body: ProvincialWrite
) -> None:
    until = _last_year(row.kind, body.term, row.year, body.until_year)
    body = body.model_copy(update={"until_year": until})
    if body == _written(row, standing):
        return
    before = audience(row, standing)
    await _check_agencies(session, body.tasks)
    known = {task.id for task in await source_tasks(session, row)}
    wrong = misplaced([task.sources for task in body.tasks], [item.task_id for item in body.dropped], known)
    if wrong:
        code, at = wrong
        raise BadField(code, *at)
    words = body.model_dump(include=_WORDS)
    row.sqlmodel_update({**words, "until_year": until, "dropped": body.model_dump(mode="json")["dropped"]})
    await _write_tasks(session, row, standing, body.tasks)
    event = changed(session, actor, row, rules.EDITED)
    hidden(session, KIND, row, event, before, audience(row, body.tasks))


async def _write_tasks(
    session: AsyncSession, row: ProvincialPlan, standing: Tasks, written: Sequence[ProvincialTaskWrite]
) -> None:
    known = {task.code: task for task in standing}
    for position, one in enumerate(written):
        task = known.pop(one.code, None)
        if task:
            task.sqlmodel_update({**one.model_dump(), "position": position})
        else:
            add_task(session, row, position, one.model_dump())
    for task in known.values():
        await session.delete(task)


async def _take_in(session: AsyncSession, row: ProvincialPlan, found: Gathered, before: Collection[UUID]) -> None:
    """Bring the tasks to what was gathered; `before`: the plans that were in, whose tasks were chosen from already."""
    known = set(found.tasks)
    standing = await tasks_of(session, row)
    staying = []
    for task in standing:
        left = kept(task.sources, known)
        if left is None:
            await session.delete(task)
            continue
        staying.append(task)
        if left != task.sources:
            task.sources = left
    row.dropped = [item for item in row.dropped if UUID(item["task_id"]) in known]
    coming = [source for source in found.taken if source.plan_id not in before]
    after = max((task.position for task in staying), default=-1) + 1
    for position, facts in enumerate(proposed(coming, {task.code for task in standing}), after):
        add_task(session, row, position, facts)


def _written(row: ProvincialPlan, standing: Tasks) -> ProvincialWrite:
    """Words and tasks, in the shape in which they are written."""
    words = row.model_dump(include={*_WORDS, "until_year", "dropped"})
    tasks = [task.model_dump(include=set(ProvincialTaskWrite.model_fields)) for task in standing]
    return ProvincialWrite.model_validate({**words, "tasks": tasks})


def _last_year(kind: str, term: Term, year: int, until_year: int | None) -> int:
    last = year if until_year is None else until_year
    if last < year:
        raise BadField("period_reversed", "until_year")
    is_annual = kind == ProvincialKind.provincial_annual
    if is_annual and term is not Term.annual:
        raise BadField("one_year", "term")
    if term is Term.annual and last != year:
        raise BadField("one_year", "until_year")
    return last


def _excluding(excluded: Sequence[ExcludePlanWrite]) -> dict[UUID, str]:
    return {item.plan_id: item.reason for item in excluded}


def _check_excluded(excluded: Sequence[ExcludePlanWrite], found: Gathered) -> None:
    known = {item["plan_id"] for item in found.content["excluded"]}
    for place, item in enumerate(excluded):
        if str(item.plan_id) not in known:
            raise BadField("unknown_plan", "excluded", place, "plan_id")


async def _check_agencies(session: AsyncSession, tasks: Sequence[ProvincialTaskWrite]) -> None:
    named = {id for task in tasks for id in (task.lead_agency_id, *task.cooperating_agency_ids)}
    known = set(await session.scalars(select(Agency.id).where(col(Agency.id).in_(named))))
    for place, task in enumerate(tasks):
        if task.lead_agency_id not in known:
            raise BadField("unknown_agency", "tasks", place, "lead_agency_id")
        for at, id in enumerate(task.cooperating_agency_ids):
            if id not in known:
                raise BadField("unknown_agency", "tasks", place, "cooperating_agency_ids", at)
