"""Endpoints, deliveries, every attempt, and recoveries."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.ids import new_id


class EndpointState(StrEnum):
    """Whether an endpoint is sent to: all, one probe a step, or nothing."""

    pending = "pending"
    active = "active"
    degraded = "degraded"
    disabled = "disabled"


class DeliveryState(StrEnum):
    """Where a delivery stands; nothing is dropped by a clock.

    `parked` is shown for what was given up and for what is due to an endpoint that is not active; only the first is
    stored so, the other goes on by itself when the endpoint does.
    """

    pending = "pending"
    delivered = "delivered"
    parked = "parked"
    withheld = "withheld"
    discarded = "discarded"


class RecoveryState(StrEnum):
    """How far a recovery is: it counts first, then queues."""

    counting = "counting"
    queueing = "queueing"
    done = "done"


class WebhookEndpoint(Procedure, table=True):
    """An address of one agency that wants to be told; its secrets are encrypted under the master key."""

    __tablename__ = "webhook_endpoint"

    url: str
    description: str | None = None
    event_types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    function: str | None = None
    secret_locked: str
    # Secrets from before a rotation that still sign: `locked`, and `until` in ISO 8601.
    old_secrets: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    verified_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    challenge_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    challenges: int = 0
    challenge_outcome: str | None = None
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=Timestamptz)
    probe_at: datetime | None = Field(default=None, sa_type=Timestamptz)
    last_success_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_endpoint_event", "endpoint_id", "event_id", unique=True),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "id"),
        Index("ix_webhook_delivery_parked", "endpoint_id", "sequence", postgresql_where=text("state = 'parked'")),
        Index("ix_webhook_delivery_due", "endpoint_id", "next_at", postgresql_where=text("state = 'pending'")),
        Index("ix_webhook_delivery_next", "endpoint_id", "sequence", postgresql_where=text("state = 'pending'")),
        Index(
            "ix_webhook_delivery_leased",
            "endpoint_id",
            postgresql_where=text("state = 'pending' AND leased_until IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id", ondelete="CASCADE")
    event_id: UUID = Field(foreign_key="event.id")
    event_type: str
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    state: str = DeliveryState.pending
    attempts: int = 0
    next_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    leased_until: datetime | None = Field(default=None, sa_type=Timestamptz)
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    delivered_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class WebhookAttempt(SQLModel, table=True):
    """One try: what was answered, and how long it took."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_endpoint", "endpoint_id", "started_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    delivery_id: UUID = Field(foreign_key="webhook_delivery.id", ondelete="CASCADE", index=True)
    endpoint_id: UUID
    number: int
    probe: bool = False
    started_at: datetime = Field(sa_type=Timestamptz, index=True)
    milliseconds: int
    status_code: int | None = None
    outcome: str
    answer: str | None = None


class WebhookRecovery(SQLModel, table=True):
    """A person asked for what an endpoint missed: a job that the worker does window by window of the log."""

    __tablename__ = "webhook_recovery"
    __table_args__ = (Index("ix_webhook_recovery_open", "looked_at", postgresql_where=text("state <> 'done'")),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id", ondelete="CASCADE", index=True)
    state: str = RecoveryState.counting
    since: datetime = Field(sa_type=Timestamptz)
    until: datetime = Field(sa_type=Timestamptz)
    event_types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    states: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    dry_run: bool
    last_sequence: int | None = Field(default=None, sa_column=Column(BigInteger))
    looked_until: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    counted: int = 0
    queued: int = 0
    created_by: UUID | None = None
    created_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    looked_at: datetime = Field(default_factory=now, sa_type=Timestamptz)
    finished_at: datetime | None = Field(default=None, sa_type=Timestamptz)


class WebhookPace(SQLModel, table=True):
    """Until when an endpoint has spent its rate; no foreign key, for only the one who claims touches it."""

    __tablename__ = "webhook_pace"

    endpoint_id: UUID = Field(primary_key=True)
    spent_until: datetime = Field(sa_type=Timestamptz)
