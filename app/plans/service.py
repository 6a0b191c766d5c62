"""What is a plan's own among the verbs of submissions: its tasks."""

from calendar import isleap
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.models import Agency
from app.flow.losses import Audience
from app.flow.machine import Move
from app.flow.papers import Parts, Slot
from app.flow.submission import SubmissionState
from app.kit.db import found_row
from app.kit.failures import BadField
from app.kit.problems import NotPermitted
from app.kit.writes import fresh, insert
from app.obligations.receipts import Owed
from app.obligations.received import Received
from app.plans import queries
from app.plans.companions import COMPANIONS
from app.plans.models import Plan, PlanTask
from app.plans.reads import SUMMARY, WHOLE
from app.plans.rules import OWED, PLAN
from app.plans.schemas import PlanRead, PlanWrite, TaskRead


class Plans(Received[Plan, PlanWrite, PlanRead]):
    """The agencies' plans; their parts are tasks."""

    rules = PLAN
    table, write, read = Plan, PlanWrite, PlanRead
    summary, whole = SUMMARY, WHOLE
    settled = ("year",)
    slots = (Slot("uq_plan_live", "agency_annual", "year"),)

    def visible(self, actor: Actor) -> SelectOfScalar[Plan]:
        """Its own, those it is asked to cooperate on, and accepted ones that are shared."""
        return queries.visible(actor)

    def owed(self, row: Plan) -> Owed:
        """The plan of its year."""
        return Owed(OWED, row.agency_id, row.period)

    async def parts(self, session: AsyncSession, row: Plan) -> Parts:
        """Its tasks, in their order."""
        return (await self.parts_of(session, [row]))[row.id]

    async def parts_of(self, session: AsyncSession, rows: Sequence[Plan]) -> Mapping[UUID, Parts]:
        """The tasks of each, in their order."""
        found: dict[UUID, list[PlanTask]] = {row.id: [] for row in rows}
        for task in await session.scalars(queries.tasks(list(found))):
            found[task.plan_id].append(task)
        return found

    async def faults(self, session: AsyncSession, actor: Actor, bodies: Sequence[PlanWrite]) -> Mapping[int, BadField]:  # noqa: ARG002 - as every room is asked
        """Agencies asked to cooperate that do not exist."""
        wanted = {id for body in bodies for task in body.tasks for id in task.cooperating_agency_ids}
        if not wanted:
            return {}
        known = set(await session.scalars(select(Agency.id).where(col(Agency.id).in_(wanted))))
        found = ((place, _unknown(body, known)) for place, body in enumerate(bodies))
        return {place: fault for place, fault in found if fault}

    async def audience(self, session: AsyncSession, row: Plan, parts: Parts) -> Audience:  # noqa: ARG002 - as every room is asked
        """The agencies asked to cooperate, once it was sent; everybody, once it was accepted, if it is shareable."""
        asked = {id for task in parts for id in task.cooperating_agency_ids if row.state != SubmissionState.draft}
        return Audience(frozenset(asked), everybody=row.state in queries.SHARED and row.shareable)

    async def write_parts(self, session: AsyncSession, row: Plan, body: PlanWrite, standing: Parts) -> Parts:
        """Make the plan's tasks what the body says; a task keeps its id as long as it keeps its code."""
        known = {task.code: task for task in standing}
        tasks = []
        for position, written in enumerate(body.tasks):
            facts = {**written.model_dump(), "position": position}
            task = known.pop(written.code, None)
            if task:
                task.sqlmodel_update(facts)
            else:
                task = fresh(PlanTask, {"plan_id": row.id, **facts})
                insert(session, PlanTask, vars(task))
            tasks.append(task)
        for task in known.values():
            await session.delete(task)
        return tasks

    async def copy(self, session: AsyncSession, actor: Actor, id: UUID, year: int) -> PlanRead:
        """A new draft for another year with the same tasks, their dates moved by as many years."""
        row = await found_row(session, self.one(actor, id))
        if row.agency_id != actor.agency_id:
            raise NotPermitted
        body = self.written(row, await self.parts(session, row))
        return await self.create(session, actor, moved(body, year))

    def parts_written(self, parts: Parts) -> Mapping[str, Any]:
        """The tasks as they were written."""
        return {"tasks": [task.model_dump(exclude={"id", "plan_id", "position"}) for task in parts]}

    def parts_read(self, parts: Parts) -> Mapping[str, Any]:
        """The tasks as they are read."""
        return {"tasks": [TaskRead.model_validate(task, from_attributes=True) for task in parts]}

    async def check_submit(self, session: AsyncSession, row: Plan, parts: Parts) -> None:
        """A plan without a task plans nothing; and what goes with it must be there."""
        if not parts:
            raise BadField("no_tasks", "tasks")
        for companion in COMPANIONS:
            await companion.check_submit(session, row, parts)

    async def on_moved(self, session: AsyncSession, actor: Actor, row: Plan, move: Move, body: Any) -> None:
        """What goes with it moves with it."""
        for companion in COMPANIONS:
            await companion.follow(session, actor, row, move, body)

    async def on_deleted(self, session: AsyncSession, actor: Actor, row: Plan) -> None:
        """Nothing is left of what was to go with it."""
        for companion in COMPANIONS:
            await companion.discard(session, actor, row)


PLANS = Plans()


def moved(body: PlanWrite, year: int) -> PlanWrite:
    """The same plan for another year; 29 February becomes the 28th where that year has none."""
    by = year - body.year
    dates = ("starts_on", "ends_on")
    tasks = [task.model_copy(update={name: _later(getattr(task, name), by) for name in dates}) for task in body.tasks]
    return PlanWrite.model_validate(body.model_copy(update={"year": year, "tasks": tasks}).model_dump())


def _later(day: date | None, years: int) -> date | None:
    if day is None:
        return None
    if (day.month, day.day) == (2, 29) and not isleap(day.year + years):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)


def _unknown(body: PlanWrite, known: set[UUID]) -> BadField | None:
    for place, task in enumerate(body.tasks):
        for at, id in enumerate(task.cooperating_agency_ids):
            if id not in known:
                return BadField("unknown_agency", "tasks", place, "cooperating_agency_ids", at)
    return None
