"""Deliveries, attempts and recoveries on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.flow.secrecy import Submitted
from app.kit.clock import Instant
from app.webhooks.models import DeliveryState, RecoveryState
from app.webhooks.schemas import EventName

Recoverable = Literal["parked", "delivered", "withheld", "discarded", "missing"]


class DeliveryRead(BaseModel):
    """One event on its way to one endpoint."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID = Field(description="Also the `webhook-id`.")
    event_type: str = Field(max_length=64)
    sequence: int
    state: DeliveryState = Field(
        description="pending; delivered; parked: given up, or kept for an endpoint that is not active; withheld: one's "
        "agency may no longer see it; discarded: by a person."
    )
    attempts: int = Field(description="Of the schedule; probes of a degraded endpoint are not counted.")
    next_at: Instant | None = Field(description="When the next attempt is due; null when none is.")
    created_at: Instant
    delivered_at: Instant | None


class AttemptRead(BaseModel):
    """One try."""

    number: int
    probe: bool = Field(description="Made to see whether a degraded endpoint answers again.")
    started_at: Instant
    milliseconds: int
    outcome: str = Field(max_length=32, description="delivered, refused, timeout, unreachable, forbidden_address …")
    status_code: int | None
    answer: str | None = Field(max_length=2048, description="The first 2 KiB of the answer.")


class DeliveryDetail(DeliveryRead):
    """A delivery with its attempts."""

    tries: list[AttemptRead] = Field(max_length=200)
    etag: str = Field(max_length=64)


class RecoveryWrite(Submitted):
    """What an endpoint missed, and is to be sent."""

    since: Instant = Field(description="Events from then on.", examples=["2026-12-01T00:00:00+07:00"])
    until: Instant = Field(description="Events before then.", examples=["2026-12-08T00:00:00+07:00"])
    event_types: list[EventName] = Field(
        default_factory=list, max_length=100, description="Only these; empty: all that the endpoint subscribed to."
    )
    states: list[Recoverable] = Field(
        default=["parked", "missing"],
        min_length=1,
        max_length=5,
        description="Deliveries that were given up, delivered, withheld, discarded; `missing`: there never was one.",
    )
    dry_run: bool = Field(default=False, strict=True, description="Only count.")

    @model_validator(mode="after")
    def _forwards(self) -> "RecoveryWrite":
        if self.until <= self.since:
            raise PydanticCustomError("period_reversed", "The end is before the beginning")
        return self


class RecoveryRead(BaseModel):
    """A recovery and how far it is."""

    id: UUID
    endpoint_id: UUID
    state: RecoveryState = Field(description="counting, then queueing (not in a dry run), then done.")
    since: Instant
    until: Instant
    event_types: list[str] = Field(max_length=100)
    states: list[Recoverable] = Field(max_length=5)
    dry_run: bool
    counted: int = Field(description="Deliveries found so far that fit; all of them once it is no longer counting.")
    queued: int = Field(description="Deliveries put on their way so far.")
    progress: Annotated[
        float, Field(ge=0, le=1, description="Part of the log gone through in this state.", examples=[0.5])
    ]
    created_at: Instant
    finished_at: Instant | None
    etag: str = Field(max_length=64)
