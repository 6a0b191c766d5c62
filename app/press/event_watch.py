"""What the clock does to press events: the end of an embargo is told exactly once, however many workers look."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.flow.procedure import recorded
from app.press import event_rules as rules
from app.press.event_models import EventState, PressEvent

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
