"""The coordinator's monthly duty to guide the press (QC.D8.K7).

It is met by itself when a periodic briefing of the month, whoever hosts it, is concluded with the coordinator's
guidance attached. The month is the one in which the briefing begins, in the province. Judged is the later of two
instants: that the briefing was said to be held, and that the guidance was issued.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.law.citing import clause
from app.obligations import receipts
from app.press.event_models import EventForm, EventState, PressEvent
from app.press.guidance_models import GuidanceState, PressGuidance

DUTY = clause("QC.D8.K7")
KIND = "press_guidance"


async def concluded(session: AsyncSession, actor: Actor, event: PressEvent) -> None:
    """A press event was concluded: guidance attached to it counts from now on."""
    await session.flush()
    for row in await _attached(session, event):
        await _meet(session, actor, row, event)


async def issued(session: AsyncSession, actor: Actor, row: PressGuidance, event: PressEvent | None) -> None:
    """Guidance was issued, perhaps on what is concluded already."""
    if event is not None:
        await session.flush()
        await _meet(session, actor, row, event)


async def withdrawn(session: AsyncSession, actor: Actor, row: PressGuidance) -> None:
    """Guidance was taken back: the month is open again, unless other guidance met it as well."""
    await session.flush()
    await receipts.void(session, actor, KIND, row)
    if row.press_event_id is None:
        return
    event = await session.get_one(PressEvent, row.press_event_id)
    for other, briefing in await _standing(session, row):
        if briefing.period == event.period:
            await _meet(session, actor, other, briefing)


async def _meet(session: AsyncSession, actor: Actor, row: PressGuidance, event: PressEvent) -> None:
    if not _counts(event) or event.period is None or event.held_at is None:
        return
    owed = receipts.Owed(DUTY, row.agency_id, event.period)
    await receipts.meet(session, actor, owed, row, KIND, max(event.held_at, row.created_at))


def _counts(event: PressEvent) -> bool:
    regular = event.form == EventForm.periodic_briefing and not event.extraordinary
    return regular and event.state == EventState.concluded


async def _attached(session: AsyncSession, event: PressEvent) -> Sequence[PressGuidance]:
    attached = select(PressGuidance).where(
        PressGuidance.press_event_id == event.id, PressGuidance.state == GuidanceState.issued
    )
    return (await session.scalars(attached.order_by(col(PressGuidance.id)))).all()


async def _standing(session: AsyncSession, row: PressGuidance) -> Sequence[tuple[PressGuidance, PressEvent]]:
    """Other guidance of the same agency on what was concluded."""
    statement = (
        select(PressGuidance, PressEvent)
        .join(PressEvent, col(PressEvent.id) == col(PressGuidance.press_event_id))
        .where(PressGuidance.agency_id == row.agency_id, PressGuidance.id != row.id)
        .where(PressGuidance.state == GuidanceState.issued, PressEvent.state == EventState.concluded)
        .order_by(col(PressGuidance.id))
    )
    return [(other, event) for other, event in (await session.execute(statement)).all()]
