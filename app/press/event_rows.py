"""Rows of press events: how they are made, found, kept and shown; for the verbs of this room."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.procedure import to_edit
from app.flow.versions import keep
from app.kit.etag import Expected
from app.kit.ids import new_id
from app.press import event_queries as queries
from app.press import event_rules as rules
from app.press.event_models import EventState, PressEvent
from app.press.event_reads import WHOLE
from app.press.event_schemas import PressEventRead, PressEventWrite

KIND = "press_event"


def made(actor: Actor, body: PressEventWrite, uid: str | None = None, **more: Any) -> PressEvent:
    """A new row; its own id is its name in calendars where a series gives it none."""
    assert actor.agency_id is not None
    id = new_id()
    return PressEvent(
        id=id,
        uid=uid or str(id),
        agency_id=actor.agency_id,
        state=rules.PRESS_EVENT.initial,
        created_by=actor.client_id,
        other_press=[],
        **columns(body),
        **more,
    )


def columns(body: PressEventWrite) -> dict[str, Any]:
    """What was written, as columns."""
    facts = body.model_dump(include=set(PressEventWrite.model_fields))
    return {**facts, "spokesperson": body.spokesperson.model_dump(mode="json") if body.spokesperson else None}


def content(row: PressEvent) -> dict[str, Any]:
    """What the agency wrote, as JSON."""
    return written(row).model_dump(mode="json")


def written(row: PressEvent) -> PressEventWrite:
    """What the agency wrote, in the shape it writes."""
    return PressEventWrite.model_validate(row.model_dump(include=set(PressEventWrite.model_fields)))


def noted(session: AsyncSession, actor: Actor, row: PressEvent) -> None:
    """Keep the version just written: its content, and how it stands in calendars."""
    standing = {"state": row.state, "sequence": row.sequence, "proceedings": row.proceedings}
    keep(session, actor, KIND, row, {**content(row), **standing})


async def editable(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, states: frozenset[EventState]
) -> PressEvent:
    """One of the actor's own, in one of these states and at the version it has read."""
    return await to_edit(session, queries.one(actor, id), rules.PRESS_EVENT, states, actor, expected)


async def shown(session: AsyncSession, actor: Actor, id: UUID) -> PressEventRead:
    """It whole, as the actor reads it."""
    (answer,) = await WHOLE.within(session, actor.shape, queries.values(rules.PRESS_EVENT, actor), id)
    return cast("PressEventRead", answer)
