"""What the issue, the amendment and the end of a provincial plan mean for its tasks (QC.D7.K1, QC.D6.K1)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.flow.losses import Audience, hidden
from app.flow.procedure import changed, recorded
from app.kit.clock import now
from app.law.book import law
from app.obligations.asked import STANDING, Asked, ask, redate, release
from app.obligations.deadlines import after
from app.obligations.models import DueSource
from app.obligations.terms import terms_of
from app.provincial.hooks import ENDED, ISSUED
from app.provincial.models import ProvincialPlan, ProvincialState, ProvincialTask
from app.tasks import rules
from app.tasks.models import AssignedTask, Cooperation, CooperationState, TaskState

KIND = "plan_task"
DUTY = law().duties[rules.OWED]
CONTENT = (
    "code", "title", "content_category", "direction", "audiences", "channel", "starts_on", "provision",
    "expected_output",
)  # fmt: skip


async def issued(session: AsyncSession, actor: Actor, plan: ProvincialPlan, tasks: Sequence[ProvincialTask]) -> None:
    """Put every task into the hands of its lead; what an amendment carries over goes on where it stood."""
    standing = await _standing(session, [task.carried_from for task in tasks if task.carried_from])
    for task in tasks:
        content = _content(plan, task)
        row = standing.get(task.carried_from) if task.carried_from else None
        if row and row.agency_id == task.lead_agency_id:
            await _carry_over(session, actor, row, content)
        else:
            row = await _assign(session, actor, task.lead_agency_id, content)
        await _partner(session, actor, row, set(task.cooperating_agency_ids) - {row.agency_id})


async def ended(session: AsyncSession, actor: Actor, plan: ProvincialPlan, _: Sequence[ProvincialTask]) -> None:
    """Cancel what is still under way of a plan that another has replaced; a plan that was closed keeps its tasks."""
    if plan.state == ProvincialState.closed:
        return
    left = select(AssignedTask).where(
        AssignedTask.plan_id == plan.id, col(AssignedTask.state).in_(sorted(rules.UNDER_WAY))
    )
    for row in (await session.scalars(left.order_by(col(AssignedTask.id)).with_for_update())).all():
        previous, row.state, row.cancelled_at = row.state, TaskState.cancelled, now()
        changed(session, actor, row, rules.CANCELLED, previous)
        await release(session, actor, row.id)
        await _partner(session, actor, row, set())


ISSUED.append(issued)
ENDED.append(ended)


async def cooperations(session: AsyncSession, task_id: UUID) -> Sequence[Cooperation]:
    """Who was asked to cooperate on a task."""
    statement = select(Cooperation).where(Cooperation.task_id == task_id).order_by(col(Cooperation.id))
    return (await session.scalars(statement.with_for_update())).all()


def requested(
    session: AsyncSession, actor: Actor, row: AssignedTask, agency_id: UUID, request: str | None = None
) -> Cooperation:
    """Ask one agency to cooperate on a task."""
    assert actor.agency_id is not None
    made = Cooperation(
        agency_id=agency_id,
        state=rules.COOPERATION.initial,
        task_id=row.id,
        year=row.year,
        lead_agency_id=row.agency_id,
        asked_by_agency_id=actor.agency_id,
        request=request,
        created_by=actor.client_id,
    )
    session.add(made)
    recorded(session, actor, made, rules.REQUESTED)
    return made


async def _standing(session: AsyncSession, ids: Sequence[UUID]) -> Mapping[UUID, AssignedTask]:
    statement = select(AssignedTask).where(col(AssignedTask.task_id).in_(ids)).order_by(col(AssignedTask.id))
    return {row.task_id: row for row in await session.scalars(statement.with_for_update())}


def _content(plan: ProvincialPlan, task: ProvincialTask) -> dict[str, Any]:
    content = {name: getattr(task, name) for name in CONTENT}
    last = task.ends_on or date(plan.until_year, 12, 31)
    return {**content, "task_id": task.id, "plan_id": plan.id, "year": plan.year, "ends_on": last}


async def _assign(session: AsyncSession, actor: Actor, lead: UUID, content: Mapping[str, Any]) -> AssignedTask:
    row = AssignedTask(agency_id=lead, state=rules.TASK.initial, created_by=actor.client_id, **content)
    session.add(row)
    recorded(session, actor, row, rules.ASSIGNED)
    ask(session, actor, await _asked(session, row), [lead])
    await session.flush()
    return row


async def _carry_over(session: AsyncSession, actor: Actor, row: AssignedTask, content: Mapping[str, Any]) -> None:
    redated = row.ends_on != content["ends_on"]
    row.sqlmodel_update(dict(content))
    changed(session, actor, row, rules.CHANGED)
    if redated:
        await redate(session, actor, await _asked(session, row))


async def _partner(session: AsyncSession, actor: Actor, row: AssignedTask, wanted: set[UUID]) -> None:
    """Ask whom the plan names, and let go whom it no longer does; whom the lead asked itself stays with the task."""
    standing = {one.agency_id: one for one in await cooperations(session, row.id)}
    for agency_id in sorted(wanted - set(standing)):
        requested(session, actor, row, agency_id)
    for agency_id, one in standing.items():
        previous = one.state
        if agency_id in wanted and previous == CooperationState.released:
            one.state = CooperationState.asked
            changed(session, actor, one, rules.REQUESTED, previous)
        elif agency_id not in wanted and previous != CooperationState.released and _is_over(row, one):
            one.state = CooperationState.released
            event = changed(session, actor, one, rules.RELEASED, previous)
            hidden(session, KIND, row, event, Audience(frozenset({agency_id})), Audience())


def _is_over(row: AssignedTask, one: Cooperation) -> bool:
    return row.state == TaskState.cancelled or one.asked_by_agency_id != row.agency_id


async def _asked(session: AsyncSession, row: AssignedTask) -> Asked:
    return Asked(
        request_id=row.id,
        duty=DUTY,
        period=row.period,
        year=row.ends_on.year,
        start=row.starts_on or date(row.year, 1, 1),
        end=row.ends_on,
        last_on_time_date=row.ends_on,
        due_before=after(row.ends_on),
        soon_days=(await terms_of(session, row.ends_on.year)).due_soon_days,
        document=None,
        source=DueSource.plan,
    )


async def _owed_still(session: AsyncSession, id: UUID) -> Asked | None:
    row = await session.get_one(AssignedTask, id)
    return None if row.state == TaskState.cancelled else await _asked(session, row)


STANDING[DUTY.id] = _owed_still
