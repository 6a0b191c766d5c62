"""Writing the log: facts collected during the transaction, inserted in one statement just before its COMMIT."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.kit.db import run_after, run_last
from app.trail.models import Event


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of fact that others may be told of: its name, what it is about, and the law it rests on."""

    name: str
    resource: str
    title_vi: str
    title_en: str
    provisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about, at the version the change made."""

    id: UUID
    version: int
    agency_id: UUID | None
    period: str | None = None
    state: str | None = None
    previous_state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def record(session: AsyncSession, actor: Actor, type: EventType, subject: Subject) -> None:
    """Write down that something happened; it stands or falls with the transaction."""
    pending: list[Event] = session.info.setdefault("events", [])
    if not pending:
        run_last(session, _flush)
        poke = session.info.get("poke")
        if poke:
            run_after(session, poke)
    pending.append(
        Event(
            type=type.name,
            request_id=structlog.contextvars.get_contextvars().get("request_id"),
            client_id=actor.client_id,
            actor_agency_id=actor.agency_id,
            resource_type=type.resource,
            resource_id=subject.id,
            resource_version=subject.version,
            agency_id=subject.agency_id,
            period=subject.period,
            state=subject.state,
            previous_state=subject.previous_state,
            provisions=list(type.provisions),
            data=subject.data,
        )
    )


async def _flush(session: AsyncSession) -> None:
    rows = [event.model_dump() for event in session.info.pop("events", [])]
    # The business rows first, so that a breach of their constraints is found before the log is touched.
    await session.flush()
    await session.execute(insert(Event), rows)
