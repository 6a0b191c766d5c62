"""A row of the audit on the wire."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from pydantic_core import from_json

from app.kit.clock import Instant
from app.trail.feed import EventAgency, EventResource
from app.trail.models import Event, Ledger


class AuditRead(BaseModel):
    """Who did what, when, by which clause, to whose record, in which request; and the proof that it stands so."""

    sequence: int = Field(ge=1, le=2**53, description="Place in the log: without gaps over all rows.")
    event_id: UUID
    type: str = Field(max_length=64, examples=["plan.accepted"])
    occurred_at: Instant
    sealed_at: Instant
    actor: EventAgency | None = Field(description="The agency that acted; null for the operator or the service itself.")
    client_id: UUID | None = Field(description="The system that acted; null as `actor`.")
    on_behalf_of: EventAgency | None = Field(
        description="The agency in whose name it acted: one without a system of its own, as a rule null."
    )
    agency: EventAgency | None = Field(description="The agency whose record it is.")
    resource: EventResource
    period: str | None = Field(max_length=32)
    state: str | None = Field(max_length=32)
    previous_state: str | None = Field(max_length=32)
    provisions: list[str] = Field(max_length=20, description="The clauses it rests on.")
    request_id: UUID | None = Field(description="The `X-Request-Id` that was answered; null for what no request did.")
    hash: str = Field(
        max_length=64,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 over this row and the hash before it, as `ttdn audit verify` computes it.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


def shown(event: Event, entry: Ledger) -> AuditRead:
    """A row of the log, with the names that its agencies had then."""
    data: dict[str, Any] = from_json(entry.body)["data"]
    return AuditRead(
        sequence=entry.sequence,
        event_id=event.id,
        type=event.type,
        occurred_at=event.occurred_at,
        sealed_at=entry.sealed_at,
        actor=data["actor"],
        client_id=event.client_id,
        on_behalf_of=data.get("on_behalf_of"),
        agency=data["agency"],
        resource=data["resource"],
        period=event.period,
        state=event.state,
        previous_state=event.previous_state,
        provisions=event.provisions,
        request_id=UUID(event.request_id) if event.request_id else None,
        hash=entry.hash.hex(),
    )
