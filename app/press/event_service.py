"""The verbs of press events: schedule, delete, the moves of the procedure, and what came of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.machine import Move
from app.flow.procedure import changed, recorded, to_move
from app.kit.clock import now
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.press import event_edits, monthly
from app.press import event_queries as queries
from app.press import event_rules as rules
from app.press.bodies import check_agencies
from app.press.circle import around
from app.press.event_models import EventForm, EventState, PressEvent
from app.press.event_reads import SUMMARY, WHOLE
from app.press.event_rows import editable, made, noted, shown
from app.press.event_schemas import (
    AnnounceEvent,
    Because,
    PostponeEvent,
    PressEventRead,
    PressEventWrite,
    ProceedingsWrite,
    RescheduleEvent,
)

MET_IN_A_ROOM = frozenset({EventForm.periodic_briefing, EventForm.press_conference})


async def list_events(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, queries.values(rules.PRESS_EVENT, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, queries.values(rules.PRESS_EVENT, actor), id)


async def schedule(session: AsyncSession, actor: Actor, body: PressEventWrite) -> PressEventRead:
    """A press event of the actor's own agency; nobody but its hosts is told yet."""
    await check_agencies(session, body.host_ids, "host_ids")
    row = made(actor, body)
    session.add(row)
    noted(session, actor, row)
    recorded(session, actor, row, rules.SCHEDULED)
    return await shown(session, actor, row.id)


async def delete(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """Delete what was never announced."""
    row = await editable(session, actor, id, expected, rules.DRAFTS)
    known = await around(session, actor, [row])
    known.deleted(session, row, recorded(session, actor, row, rules.DELETED, row.state))
    await session.delete(row)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> PressEventRead:
    """Make one move of the procedure."""
    row = await to_move(session, queries.one(actor, id), rules.PRESS_EVENT, move, actor, expected)
    if isinstance(body, RescheduleEvent):
        await event_edits.move_others(session, actor, row, body)
    previous, row.state = row.state, move.target
    _note(row, body)
    changed(session, actor, row, move.event, previous)
    noted(session, actor, row)
    if isinstance(body, AnnounceEvent):
        (await around(session, actor, [row])).announced(session, actor, row)
    if move.target == EventState.concluded:
        await monthly.concluded(session, actor, row)
    return await shown(session, actor, id)


def _note(row: PressEvent, body: Any) -> None:
    """Keep what a move says; what a calendar must follow raises the sequence."""
    if isinstance(body, Because):
        row.change_reason = body.reason
        row.sequence += 1
    match body:
        case AnnounceEvent():
            check_complete(row)
            row.announced_at = now()
            if row.embargo_until and row.embargo_until <= row.announced_at:
                row.released_at = row.announced_at  # it was never held back from anybody
        case PostponeEvent():
            row.postponed_from, row.starts_at, row.ends_at = row.starts_at, None, None
        case RescheduleEvent():
            row.postponed_from, row.starts_at, row.ends_at = None, body.starts_at, body.ends_at
        case ProceedingsWrite():
            row.concluded_at, row.proceedings = now(), body.model_dump(mode="json")
        case _ if row.state == EventState.held:
            row.held_at = now()


def check_complete(row: PressEvent) -> None:
    """Refuse to announce what nobody could come to, or speaks for nobody (QC.D4.K4)."""
    if row.starts_at is None:
        raise BadField("no_start", "starts_at")
    if row.spokesperson is None:
        raise BadField("no_spokesperson", "spokesperson")
    if row.form in MET_IN_A_ROOM and not (row.place or row.online_link):
        raise BadField("no_place", "place")


async def replace_proceedings(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: ProceedingsWrite
) -> PressEventRead:
    """Correct or complete what came of it, as when an answer follows in writing; each version is kept."""
    row = await editable(session, actor, id, expected, rules.TAKEN_PLACE)
    facts = body.model_dump(mode="json")
    if facts != row.proceedings:
        row.proceedings = facts
        changed(session, actor, row, rules.UPDATED)
        noted(session, actor, row)
    return await shown(session, actor, id)
