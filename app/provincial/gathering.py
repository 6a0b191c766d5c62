"""What is gathered for a plan of the province: the agencies' accepted plans of its year, read for its maker."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.agencies.models import AgencyName
from app.agencies.queries import called
from app.flow.submission import SubmissionState
from app.obligations.absent import absent
from app.plans.models import Plan, PlanTask
from app.plans.rules import OWED
from app.plans.schemas import TaskWrite
from app.provincial.building import NOTHING, Source, SourceTask, absorbed, gathered
from app.provincial.models import ProvincialKind, ProvincialPlan

_WORDS = {"title", "objectives"}
_TASK_WORDS = set(TaskWrite.model_fields)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found: the plans taken in, with their tasks, and what the plan of the province says of all."""

    taken: Sequence[Source]
    content: Mapping[str, Any]

    @property
    def tasks(self) -> list[UUID]:
        """Every task of the plans taken in, in their order."""
        return [task.id for source in self.taken for task in source.tasks]


async def gather(
    session: AsyncSession, row: ProvincialPlan, excluded: Mapping[UUID, str], *, lock: bool = False
) -> Gathered:
    """Gather for a plan; only one of `provincial_annual` absorbs anything.

    `lock`: no plan that is taken in can be withdrawn any more before the transaction ends.
    """
    if row.kind != ProvincialKind.provincial_annual:
        return Gathered((), NOTHING)
    found = await _sources(session, row, lock=lock)
    content = gathered(found, await absent(session, OWED, row.year), excluded)
    return Gathered(absorbed(found, excluded), content)


def excluded_in(row: ProvincialPlan) -> dict[UUID, str]:
    """The accepted plans that are left out, with their reasons."""
    return {UUID(item["plan_id"]): item["reason"] for item in row.content["excluded"]}


def absorbed_in(row: ProvincialPlan) -> list[UUID]:
    """The plans that are taken in."""
    return [UUID(item["plan_id"]) for item in row.content["absorbed"]]


async def source_tasks(session: AsyncSession, row: ProvincialPlan) -> Sequence[PlanTask]:
    """The tasks of the plans that a plan of the province has taken in, in their order."""
    ids = absorbed_in(row)
    found = await _tasks(session, ids)
    return [task for id in ids for task in found.get(id, ())]


async def _sources(session: AsyncSession, row: ProvincialPlan, *, lock: bool) -> Sequence[Source]:
    """The accepted plans of its year and those it holds already, by the names their agencies had when accepted."""
    held = and_(
        col(Plan.state) == SubmissionState.consolidated, col(Plan.id).in_([*absorbed_in(row), *excluded_in(row)])
    )
    statement = (
        select(Plan, AgencyName.name_vi)
        .join(AgencyName, called(col(Plan.agency_id), col(Plan.accepted_at)))
        .where(Plan.kind == "agency_annual", Plan.year == row.year)
        .where(or_(col(Plan.state) == SubmissionState.accepted, held))
        .order_by(col(Plan.id))
    )
    rows = (await session.execute(statement.with_for_update(of=Plan) if lock else statement)).all()
    tasks = await _tasks(session, [plan.id for plan, _ in rows])
    return [
        Source(
            plan_id=plan.id,
            agency_id=plan.agency_id,
            agency=name,
            words=plan.model_dump(include=_WORDS),
            tasks=[SourceTask(task.id, task.model_dump(include=_TASK_WORDS)) for task in tasks.get(plan.id, ())],
        )
        for plan, name in rows
    ]


async def _tasks(session: AsyncSession, plans: Collection[UUID]) -> Mapping[UUID, Iterable[PlanTask]]:
    statement = select(PlanTask).where(col(PlanTask.plan_id).in_(plans)).order_by(col(PlanTask.position))
    found: dict[UUID, list[PlanTask]] = {}
    for task in await session.scalars(statement):
        found.setdefault(task.plan_id, []).append(task)
    return found


async def plans_in(session: AsyncSession, row: ProvincialPlan) -> Sequence[Plan]:
    """The plans that are taken in, locked."""
    statement = select(Plan).where(col(Plan.id).in_(absorbed_in(row))).order_by(col(Plan.id))
    return (await session.scalars(statement.with_for_update())).all()
