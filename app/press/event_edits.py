"""Edits of press events: of one, of an occurrence and those that follow, of a whole series.

Who edits further than one occurrence says what changes: members are replaced in each, times are moved by as much as
those of the occurrence named. What was held or cancelled stays as it is, and no uid ever changes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.procedure import changed
from app.flow.secrecy import refuse_marked
from app.kit.etag import Expected
from app.kit.failures import BadField, from_validation
from app.kit.patch import merged
from app.kit.problems import InvalidParameter
from app.press import circle
from app.press import event_queries as queries
from app.press import event_rules as rules
from app.press.bodies import check_agencies
from app.press.event_models import EventState, PressEvent
from app.press.event_rows import columns, content, editable, noted, shown, written
from app.press.event_schemas import PressEventRead, PressEventWrite, Reach, RescheduleEvent

TIMES = frozenset({"starts_at", "ends_at"})
OWN = frozenset({"period_from", "period_to"})
"""What each occurrence has for itself."""


async def patch(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, scope: Reach, change: dict[str, Any]
) -> PressEventRead:
    """Change some members (RFC 7396)."""
    refuse_marked(change)
    row = await editable(session, actor, id, expected, rules.EDITABLE)
    if scope is not Reach.this and row.series_id is None:
        raise InvalidParameter(field_errors=[({"parameter": "scope"}, "no_series", {})])
    for name in sorted(OWN & change.keys() if scope is not Reach.this else ()):
        raise BadField("only_this", name)
    body = _validated(row, change)
    if "host_ids" in change:
        await check_agencies(session, body.host_ids, "host_ids")
    # Worked out before any is changed: how far the others move is told by the times that the first one had.
    others = await _others(session, actor, row, scope)
    pairs = [(row, body), *((other, _alike(other, row, body, change)) for other in others)]
    deciding = not circle.DECIDING.isdisjoint(change)
    known = await circle.around(session, actor, [one for one, _ in pairs]) if deciding else circle.Circle()
    for one, wanted in pairs:
        _apply(session, actor, one, wanted, known)
    return await shown(session, actor, id)


async def move_others(session: AsyncSession, actor: Actor, row: PressEvent, body: RescheduleEvent) -> None:
    """Move the other occurrences that a rescheduling reaches; those that are postponed still have no time."""
    planned = row.starts_at or row.postponed_from
    if body.scope is Reach.this or row.series_id is None or planned is None:
        return
    length = body.ends_at - body.starts_at if body.ends_at else None
    for other in await _others(session, actor, row, body.scope):
        if other.starts_at is None:
            continue
        other.starts_at, other.ends_at = _span(other.starts_at, body.starts_at - planned, length)
        if other.state == EventState.draft:
            changed(session, actor, other, rules.UPDATED)
        else:
            other.sequence += 1
            other.change_reason = body.reason
            changed(session, actor, other, rules.RESCHEDULED, other.state)
        noted(session, actor, other)


async def _others(session: AsyncSession, actor: Actor, row: PressEvent, scope: Reach) -> Sequence[PressEvent]:
    """The other occurrences that an edit reaches and that are still to come, locked."""
    if scope is Reach.this:
        return ()
    found = await session.scalars(queries.occurrences(actor, row).with_for_update())
    return [one for one in found if one.id != row.id and one.state in rules.EDITABLE and _reached(one, row, scope)]


def _reached(one: PressEvent, row: PressEvent, scope: Reach) -> bool:
    # By where the series had planned them: what was moved since keeps its place in the order.
    assert one.recurrence_id is not None
    assert row.recurrence_id is not None
    return scope is Reach.all or one.recurrence_id > row.recurrence_id


def _alike(other: PressEvent, row: PressEvent, body: PressEventWrite, change: dict[str, Any]) -> PressEventWrite:
    """The same change made to another occurrence."""
    same = {name: value for name, value in change.items() if name not in TIMES}
    if TIMES & change.keys() and other.starts_at and row.starts_at and body.starts_at:
        length = body.ends_at - body.starts_at if body.ends_at else None
        start, end = _span(other.starts_at, body.starts_at - row.starts_at, length)
        same |= {"starts_at": start.isoformat(), "ends_at": end and end.isoformat()}
    return _validated(other, same)


def _span(start: datetime, shift: timedelta, length: timedelta | None) -> tuple[datetime, datetime | None]:
    """Begin and end after a shift; the province has one offset all year, so a day is always 24 hours."""
    return start + shift, start + shift + length if length is not None else None


def _validated(row: PressEvent, change: dict[str, Any]) -> PressEventWrite:
    try:
        return PressEventWrite.model_validate(merged(content(row), change))
    except ValidationError as error:
        raise from_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error


def _apply(session: AsyncSession, actor: Actor, row: PressEvent, body: PressEventWrite, known: circle.Circle) -> None:
    """Make the row what the body says; the same again is no change."""
    facts, before = columns(body), written(row)
    if facts == columns(before):
        return
    if row.state != EventState.draft:
        _check_announced(body, before)
        row.sequence += 1
    if body.embargo_until != row.embargo_until:
        row.released_at = None
    readers = known.readers(row)
    row.sqlmodel_update(facts)
    known.changed(session, actor, row, changed(session, actor, row, rules.UPDATED), readers)
    noted(session, actor, row)


def _check_announced(body: PressEventWrite, before: PressEventWrite) -> None:
    """What was announced keeps its times, which move with a reason, and its spokesperson (QC.D4.K4)."""
    if (body.starts_at, body.ends_at) != (before.starts_at, before.ends_at):
        raise BadField("reschedule_instead", "starts_at")
    if body.spokesperson is None:
        raise BadField("no_spokesperson", "spokesperson")
