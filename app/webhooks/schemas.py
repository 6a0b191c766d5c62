"""Webhook endpoints and deliveries on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.secrecy import Submitted
from app.kit.clock import Instant
from app.kit.text import Line, Url
from app.webhooks.models import DeliveryState, EndpointState

EventName = Annotated[str, Field(max_length=64, pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$")]


class EndpointWrite(Submitted):
    """Where to send, and what."""

    url: Url = Field(
        description="https, in a network that the operator allows.", examples=["https://tiepnhan.example/ttdn"]
    )
    description: Line | None = None
    event_types: list[EventName] = Field(
        min_length=1,
        max_length=100,
        description="Types by name, `plan.*`, or `*` for all.",
        examples=[["plan.submitted"]],
    )


class EndpointChange(EndpointWrite):
    """Where to send, what, and whether."""

    active: bool = Field(default=True, strict=True, description="False: nothing is sent; what happens meanwhile waits.")


class EndpointRead(BaseModel):
    """An endpoint of one's own agency."""

    id: UUID
    agency_id: UUID
    url: str = Field(max_length=2000)
    description: str | None = Field(max_length=300)
    event_types: list[str] = Field(max_length=100)
    state: EndpointState
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class EndpointCreated(EndpointRead):
    """A new endpoint, with its secret: shown this once."""

    secret: str = Field(max_length=100, description="Verifies `webhook-signature`. Keep it: it is not shown again.")


class DeliveryRead(BaseModel):
    """One event on its way to one endpoint."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID = Field(description="Also the `webhook-id`.")
    sequence: int
    state: DeliveryState
    attempts: int
    next_at: Instant | None = Field(description="When the next attempt is due; null when none is.")
    created_at: Instant
    delivered_at: Instant | None


class AttemptRead(BaseModel):
    """One try."""

    number: int
    started_at: Instant
    milliseconds: int
    outcome: str = Field(max_length=32, description="delivered, refused, timeout, unreachable, forbidden_address …")
    status_code: int | None
    answer: str | None = Field(max_length=2048, description="The first 2 KiB of the answer.")


class DeliveryDetail(DeliveryRead):
    """A delivery with its attempts."""

    tries: list[AttemptRead] = Field(max_length=200)
    etag: str = Field(max_length=64)
