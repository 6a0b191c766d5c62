"""What the clock does to press events: the end of an embargo is told exactly once, however many workers look."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.flow.procedure import recorded
from app.press import event_rules as rules
from app.press.event_models import EventState, PressEvent, PressMaterial

BATCH = 200


async def release(session: AsyncSession, moment: datetime) -> int:
    """Tell of the embargoes that have ended since the last look; how many.

    Those who may know of an event from that instant were told nothing of it before. What is announced after its
    embargo has ended was never held back.
    """
    e = PressEvent
    ended = select(e).where(
        col(e.embargo_until) <= moment,
        col(e.released_at).is_(None),
        col(e.state) != EventState.draft,
    )
    told = 0
    for row in await session.scalars(ended.order_by(col(e.id)).limit(BATCH).with_for_update(skip_locked=True)):
        row.released_at = moment
        recorded(session, OPERATOR, row, rules.RELEASED)
        told += 1
    return told


async def release_materials(session: AsyncSession, moment: datetime) -> int:
    """Tell, once for each event, of materials whose own embargo has ended since the last look; of how many events.

    What was free as soon as its event was known of is not told of: it came with it.
    """
    e, m = PressEvent, PressMaterial
    ended = (
        select(e, m)
        .join(m, col(m.press_event_id) == col(e.id))
        .where(col(m.embargo_until) <= moment, col(m.released_at).is_(None), ~col(m.internal))
        .where(col(e.state) != EventState.draft, or_(col(e.embargo_until).is_(None), col(e.embargo_until) <= moment))
    )
    rows = await session.execute(ended.order_by(col(e.id)).limit(BATCH).with_for_update(skip_locked=True, of=m))
    told: dict[UUID, PressEvent] = {}
    for event, material in rows:
        material.released_at = moment
        known_since = max(filter(None, (event.announced_at, event.embargo_until)), default=moment)
        if material.embargo_until is not None and material.embargo_until > known_since:
            told[event.id] = event
    for event in told.values():
        recorded(session, OPERATOR, event, rules.MATERIAL_RELEASED)
    return len(told)
