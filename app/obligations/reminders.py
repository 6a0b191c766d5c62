"""Reminders (đôn đốc): sent by the coordinator or by the service, acknowledged, escalated (QD.D2, QC.D8.K2).

Only for what an agency really owes: an obligation that is open, or whose submission was sent back.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import func, literal
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.flow.machine import Move
from app.flow.procedure import changed, recorded, to_move
from app.kit.clock import local, now
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.problems import Conflict
from app.kit.reader import Reader
from app.obligations import queries, reminder_queries, rules
from app.obligations.models import (
    Disposition,
    Obligation,
    ObligationState,
    Reminder,
    ReminderMode,
    ReminderState,
)
from app.obligations.reads import REMINDER, values
from app.obligations.schemas import Acknowledge, ReminderBatch, ReminderRead, RemindWrite, SkippedRead

KIND = "reminder"
MOST = 500
ANSWERED = (
    "Nội dung được đôn đốc đã được gửi hoặc không còn phải gửi: không còn gì để báo cáo lên.",
    "What the reminder asks for was sent, or is no longer owed: nothing is missing.",
)


@dataclass(frozen=True, slots=True)
class ReminderFilter:
    """What a list of reminders is narrowed by."""

    agency_id: UUID | None = None
    obligation_id: UUID | None = None
    state: ReminderState | None = None


async def list_reminders(reader: Reader, actor: Actor, wanted: ReminderFilter, paging: Paging) -> Response:
    """One page of the reminders the actor may know about, newest first."""
    return await REMINDER.page(reader, actor.shape, values(rules.REMINDER, actor), asdict(wanted), paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One reminder."""
    return await REMINDER.one(reader, actor.shape, values(rules.REMINDER, actor), id)


async def remind(session: AsyncSession, actor: Actor, body: RemindWrite) -> ReminderBatch:
    """Remind the agencies that owe something; who owes nothing is named and left in peace."""
    moment = now()
    asked = (
        queries.named(actor, body.obligation_ids)
        if body.obligation_ids
        else queries.missing(actor, body.duty or "", body.period or "", moment)
    )
    state_now = queries.state_at(literal(moment))
    asked = asked.order_by(col(Obligation.id)).limit(MOST).with_for_update(of=Obligation)
    rows = (await session.execute(asked.add_columns(state_now))).all()
    _check_known(body, {row.id for row, _ in rows})
    number = await next_number(session, local(moment).year)
    sent, skipped = [], []
    for row, state in rows:
        if not _unanswered(row, state):
            skipped.append(SkippedRead(obligation_id=row.id, state=state))
            continue
        reminder = made(row, ReminderMode.manual, number, moment)
        reminder.note, reminder.created_by, reminder.sent_by_agency = body.note, actor.client_id, actor.agency_id
        reminder.document = body.document.model_dump(mode="json") if body.document else None
        session.add(reminder)
        recorded(session, actor, reminder, rules.SENT)
        sent.append(reminder.id)
        number += 1
    shown = await REMINDER.within(session, actor.shape, values(rules.REMINDER, actor), *sent)
    return ReminderBatch(sent=shown, skipped=skipped)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> ReminderRead:
    """Make one move of a reminder's procedure."""
    row = await to_move(session, reminder_queries.one(actor, id), rules.REMINDER, move, actor, expected)
    if isinstance(body, Acknowledge):
        row.acknowledged_at, row.answer = now(), body.answer
    else:
        await _check_unanswered(session, actor, row.obligation_id)
        row.escalated_at, row.escalation_reason = now(), body.reason
    previous, row.state = row.state, move.target
    changed(session, actor, row, move.event, previous)
    (shown,) = await REMINDER.within(session, actor.shape, values(rules.REMINDER, actor), id)
    return cast("ReminderRead", shown)


async def _check_unanswered(session: AsyncSession, actor: Actor, id: UUID) -> None:
    """Refuse to put before the committee what has arrived since the reminder was sent."""
    asked = queries.one(actor, id).add_columns(queries.state_at(literal(now()))).with_for_update(of=Obligation)
    if not _unanswered(*(await session.execute(asked)).one()):
        raise Conflict(*ANSWERED)


def made(row: Obligation, mode: ReminderMode, number: int, moment: datetime, day: int | None = None) -> Reminder:
    """A reminder of an obligation as it stands."""
    return Reminder(
        agency_id=row.agency_id,
        state=ReminderState.sent,
        obligation_id=row.id,
        year=local(moment).year,
        number=number,
        mode=mode,
        day=day,
        due_before=row.due_before,
        created_at=moment,
        updated_at=moment,
    )


async def next_number(session: AsyncSession, year: int) -> int:
    """The next number of a calendar year; whoever else numbers waits for this transaction."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"reminders {year}", 0))))
    last = await session.scalar(select(func.max(Reminder.number)).where(Reminder.year == year))
    return (last or 0) + 1


def _unanswered(row: Obligation, state: str) -> bool:
    """Whether its agency still has something to do: nothing came, or what came was sent back."""
    if row.state == Disposition.open or state in {ObligationState.due, ObligationState.overdue}:
        return True
    return row.state == Disposition.received and row.resource_state == "returned"


def _check_known(body: RemindWrite, known: set[UUID]) -> None:
    for place, id in enumerate(body.obligation_ids):
        if id not in known:
            raise BadField("unknown_obligation", "obligation_ids", place)
