"""Writing the log: facts collected during the transaction, inserted just before its COMMIT with all that is new."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.kit.clock import now
from app.kit.db import run_after
from app.kit.ids import new_id
from app.kit.writes import insert
from app.trail.models import Event

ON_BEHALF_OF = "on_behalf_of"
"""What an event carries that was done for another agency: its id."""


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


def record(session: AsyncSession, actor: Actor, type: EventType, subject: Subject) -> UUID:
    """Write down that something happened, under the id that is returned; it stands or falls with the transaction."""
    id = new_id()
    poke = session.info.pop("poke", None)  # once for each transaction
    if poke:
        run_after(session, poke)
    insert(
        session,
        Event,
        {
            "id": id,
            "type": type.name,
            "occurred_at": now(),
            "request_id": structlog.contextvars.get_contextvars().get("request_id"),
            "client_id": actor.client_id,
            "actor_agency_id": actor.through or actor.agency_id,
            "resource_type": type.resource,
            "resource_id": subject.id,
            "resource_version": subject.version,
            "agency_id": subject.agency_id,
            "period": subject.period,
            "state": subject.state,
            "previous_state": subject.previous_state,
            "provisions": type.provisions,
            "data": subject.data | ({ON_BEHALF_OF: str(actor.agency_id)} if actor.through else {}),
        },
    )
    return id
