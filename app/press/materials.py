"""What is handed to the press at an event."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow.procedure import changed
from app.kit.clock import now
from app.kit.db import found_row
from app.kit.etag import Expected
from app.press import event_queries as queries
from app.press import event_rules as rules
from app.press.event_models import PressMaterial
from app.press.event_rows import editable, noted, shown
from app.press.event_schemas import MaterialList, MaterialRead, MaterialsWrite, PressEventRead


async def replace(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: MaterialsWrite
) -> PressEventRead:
    """Make the event's materials these."""
    row = await editable(session, actor, id, expected, rules.STANDING)
    await session.execute(delete(PressMaterial).where(col(PressMaterial.press_event_id) == row.id))
    moment = now()
    for position, item in enumerate(body.items):
        # What is given after its embargo has ended was never held back.
        free = moment if item.embargo_until and item.embargo_until <= moment else None
        session.add(PressMaterial(press_event_id=row.id, position=position, released_at=free, **item.model_dump()))
    changed(session, actor, row, rules.UPDATED)
    noted(session, actor, row)
    return await shown(session, actor, id)


async def read(session: AsyncSession, actor: Actor, id: UUID) -> MaterialList:
    """The materials of an event that the actor may have by now."""
    await found_row(session, queries.one(actor, id))
    rows = (await session.scalars(queries.materials(actor, id))).all()
    return MaterialList(items=[MaterialRead.model_validate(row, from_attributes=True) for row in rows])
