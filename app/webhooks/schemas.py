"""Webhook endpoints on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.secrecy import Submitted
from app.kit.clock import Instant
from app.kit.text import Line, Url
from app.law.functions import FunctionKey
from app.webhooks.models import EndpointState

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
    function: FunctionKey | None = Field(
        default=None,
        description="Subscribe for a function that one's agency holds: what is undelivered when the function goes to "
        "another agency waits for that agency's endpoint. Null: for the agency itself.",
    )


class EndpointChange(EndpointWrite):
    """Where to send, what, and whether."""

    active: bool = Field(default=True, strict=True, description="False: nothing is sent; what happens meanwhile waits.")


class Rotation(Submitted):
    """How long the secrets before the new one still sign."""

    grace_days: int = Field(
        default=1,
        ge=0,
        le=7,
        strict=True,
        description="Days in which every request carries a signature of the old secrets as well; 0: they end at once.",
    )


class EndpointChallenge(BaseModel):
    """The proof that the receiver wants to be told: how far it is."""

    attempts: int
    next_at: Instant | None = Field(description="When the worker asks again; null: not before `verify`.")
    outcome: str | None = Field(
        max_length=32, description="Of the last attempt: echoed, not_echoed, refused, timeout, unreachable …"
    )


class EndpointRead(BaseModel):
    """An endpoint of one's own agency."""

    id: UUID
    agency_id: UUID
    url: str = Field(max_length=2000)
    description: str | None = Field(max_length=300)
    event_types: list[str] = Field(max_length=100)
    function: str | None = Field(max_length=32)
    state: EndpointState = Field(
        description="pending: not proven yet. active. degraded: it failed five times in a row, one delivery a step is "
        "tried. disabled: by a person, by a 410, or after days of failures only. Deliveries wait in all but active."
    )
    challenge: EndpointChallenge
    verified_at: Instant | None
    version: int
    created_at: Instant
    updated_at: Instant
    etag: str = Field(max_length=64)


class EndpointCreated(EndpointRead):
    """An endpoint with its new secret: shown this once."""

    secret: str = Field(max_length=100, description="Verifies `webhook-signature`. Keep it: it is not shown again.")


class EndpointTest(BaseModel):
    """The event of a test: this endpoint is sent it, with `data.test` true."""

    event_id: UUID = Field(description="Also the `webhook-id`.")


class Outcomes(BaseModel):
    """Attempts of the last 24 hours that ended alike."""

    outcome: str = Field(max_length=32, examples=["delivered"])
    attempts: int


class EndpointStats(BaseModel):
    """How an endpoint does."""

    state: EndpointState
    failures_in_a_row: int
    failing_since: Instant | None
    next_probe_at: Instant | None
    last_success_at: Instant | None
    waiting: int = Field(description="Deliveries that go out by themselves, now or when the endpoint is active again.")
    oldest_waiting_at: Instant | None
    given_up: int = Field(description="Deliveries whose schedule is used up: send them again, or discard them.")
    outcomes: list[Outcomes] = Field(max_length=20)
    median_ms: int | None = Field(description="Of the attempts of the last 24 hours.")
    p99_ms: int | None
