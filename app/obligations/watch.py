"""What time does to obligations, told exactly once however many workers look: due soon, overdue, reminders, escalation.

Each step takes rows that nobody else holds, marks them and records the event in one transaction: killed before its
COMMIT it leaves nothing behind, killed after it nothing is told again.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.flow.procedure import changed, recorded
from app.kit.clock import local
from app.obligations import rules
from app.obligations.expected import settle, settle_watched
from app.obligations.models import Disposition, Obligation, ObligationYear, Reminder, ReminderMode, ReminderState
from app.obligations.reminders import made, next_number
from app.obligations.terms import Chasing, chasing
from app.trail.record import EventType

BATCH = 200
OPEN = col(Obligation.state) == Disposition.open


async def expect(session: AsyncSession, moment: datetime) -> int:
    """Bring the obligations of this year and the next to what is expected."""
    day = local(moment).date()
    touched = await settle_watched(session, OPERATOR, day)
    for year in (day.year, day.year + 1):
        touched += await settle(session, OPERATOR, year)
    return touched


async def tell(session: AsyncSession, moment: datetime) -> int:
    """Tell of what has come due or gone overdue since the last look; how many."""
    told = 0
    soon, due = col(Obligation.soon_at), col(Obligation.due_before)
    for row in await _free(session, soon <= moment, due > moment, col(Obligation.soon_told_at).is_(None)):
        row.soon_told_at = moment
        told += _told(session, row, rules.DUE_SOON)
    for row in await _free(session, due <= moment, col(Obligation.overdue_told_at).is_(None)):
        row.soon_told_at = row.soon_told_at or moment
        row.overdue_told_at = moment
        told += _told(session, row, rules.OVERDUE)
    return told


async def remind(session: AsyncSession, moment: datetime) -> int:
    """Send the automatic reminders that are due: of each obligation the newest stage only, and once; how many."""
    day = local(moment).date()
    rows: list[tuple[Obligation, int]] = []
    for year, chase in (await _years(session)).items():
        for stage, condition in _stages(chase.reminder_days, day):
            rows += [
                (row, stage)
                for row in await _free(
                    session,
                    col(Obligation.year) == year,
                    condition,
                    or_(col(Obligation.reminded_day).is_(None), col(Obligation.reminded_day) < stage),
                    # A deadline that was moved and moved back was already reminded of.
                    ~exists().where(
                        col(Reminder.obligation_id) == col(Obligation.id),
                        col(Reminder.mode) == ReminderMode.automatic,
                        col(Reminder.day) == stage,
                        col(Reminder.due_before) == col(Obligation.due_before),
                    ),
                )
            ]
    if not rows:
        return 0
    number = await next_number(session, day.year)
    for place, (row, stage) in enumerate(rows):
        reminder = made(row, ReminderMode.automatic, number + place, moment, stage)
        session.add(reminder)
        recorded(session, OPERATOR, reminder, rules.SENT)
        row.reminded_day = stage
    return len(rows)


async def escalate(session: AsyncSession, moment: datetime) -> int:
    """Put before the People's Committee what is still missing long after its date: its newest reminder; how many."""
    day, raised = local(moment).date(), 0
    newer, other = aliased(Reminder), aliased(Reminder)
    of = col(Reminder.obligation_id)
    for year, chase in (await _years(session)).items():
        if chase.escalate_after_days is None:
            continue
        ended = col(Obligation.last_on_time_date) <= day - timedelta(days=chase.escalate_after_days)
        statement = (
            select(Reminder)
            .join(Obligation, col(Obligation.id) == of)
            .where(OPEN, col(Obligation.year) == year, ended)
            .where(col(Reminder.state) != ReminderState.escalated)
            .where(~exists().where(newer.obligation_id == of, newer.id > col(Reminder.id)))  # type: ignore[arg-type]
            # Once for each deadline: after an extension it may have to go up again.
            .where(
                ~exists().where(
                    other.obligation_id == of,  # type: ignore[arg-type]
                    other.state == ReminderState.escalated,  # type: ignore[arg-type]
                    other.due_before == col(Obligation.due_before),  # type: ignore[arg-type]
                )
            )
        )
        for row in await session.scalars(statement.limit(BATCH).with_for_update(of=Reminder, skip_locked=True)):
            previous, row.state, row.escalated_at = row.state, ReminderState.escalated, moment
            changed(session, OPERATOR, row, rules.ESCALATED, previous)
            raised += 1
    return raised


async def _free(session: AsyncSession, *conditions: ColumnElement[bool]) -> Sequence[Obligation]:
    """Open obligations that no other worker has in hand."""
    statement = select(Obligation).where(OPEN, *conditions).order_by(col(Obligation.id)).limit(BATCH)
    return (await session.scalars(statement.with_for_update(skip_locked=True))).all()


def _told(session: AsyncSession, row: Obligation, event: EventType) -> int:
    recorded(session, OPERATOR, row, event)
    return 1


def _stages(days: Sequence[int], today: date) -> Sequence[tuple[int, ColumnElement[bool]]]:
    """Each stage with the obligations that are in it today: its day has come, and the next one's has not."""
    last = col(Obligation.last_on_time_date)
    found: list[tuple[int, ColumnElement[bool]]] = [
        (stage, last.between(today - timedelta(days=following - 1), today - timedelta(days=stage)))
        for stage, following in pairwise(days)
    ]
    return [*found, *((stage, last <= today - timedelta(days=stage)) for stage in days[-1:])]


async def _years(session: AsyncSession) -> dict[int, Chasing]:
    """How each year with something open is chased."""
    years = await session.scalars(select(Obligation.year).where(OPEN, col(Obligation.year).is_not(None)).distinct())
    opened = {row.year: row for row in await session.scalars(select(ObligationYear))}
    return {year: chasing(opened.get(year)) for year in years if year is not None}
