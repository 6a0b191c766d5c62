"""What is a plan's own among the verbs of submissions: its tasks."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.agencies.models import Agency
from app.flow.machine import Move
from app.flow.papers import Parts
from app.kit.failures import BadField
from app.kit.writes import insert
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

    def visible(self, actor: Actor) -> SelectOfScalar[Plan]:
        """Its own, those it is asked to cooperate on, and accepted ones that are shared."""
        return queries.visible(actor)

    def owed(self, row: Plan) -> Owed:
        """The plan of its year."""
        return Owed(OWED, row.agency_id, row.period)

    async def parts(self, session: AsyncSession, row: Plan) -> Parts:
        """Its tasks, in their order."""
        return (await session.scalars(queries.tasks(row.id))).all()

    async def write_parts(self, session: AsyncSession, row: Plan, body: PlanWrite, standing: Parts) -> Parts:
        """Make the plan's tasks what the body says; a task keeps its id as long as it keeps its code."""
        await _check_agencies(session, [task.cooperating_agency_ids for task in body.tasks])
        known = {task.code: task for task in standing}
        tasks = []
        for position, written in enumerate(body.tasks):
            facts = {**written.model_dump(), "position": position}
            task = known.pop(written.code, None)
            if task:
                task.sqlmodel_update(facts)
            else:
                task = PlanTask(plan_id=row.id, **facts)
                insert(session, PlanTask, task.model_dump())
            tasks.append(task)
        for task in known.values():
            await session.delete(task)
        return tasks

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


async def _check_agencies(session: AsyncSession, named: Sequence[Sequence[UUID]]) -> None:
    wanted = {id for ids in named for id in ids}
    if not wanted:
        return
    known = set(await session.scalars(select(Agency.id).where(col(Agency.id).in_(wanted))))
    for place, ids in enumerate(named):
        for at, id in enumerate(ids):
            if id not in known:
                raise BadField("unknown_agency", "tasks", place, "cooperating_agency_ids", at)
