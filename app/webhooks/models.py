"""Endpoints, deliveries and every attempt."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.flow.procedure import Procedure
from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.ids import new_id


class EndpointState(StrEnum):
    """Whether an endpoint is sent to."""

    active = "active"
    disabled = "disabled"


class DeliveryState(StrEnum):
    """Where a delivery stands; `parked` ones wait for a person, nothing is dropped by a clock."""

    pending = "pending"
    delivered = "delivered"
    parked = "parked"
    withheld = "withheld"


class WebhookEndpoint(Procedure, table=True):
    """An address of one agency that wants to be told; its secret is encrypted under the master key."""

    __tablename__ = "webhook_endpoint"

    url: str
    description: str | None = None
    event_types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    secret_locked: str


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_endpoint_event", "endpoint_id", "event_id", unique=True),
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

    id: UUID = Field(default_factory=new_id, primary_key=True)
    delivery_id: UUID = Field(foreign_key="webhook_delivery.id", ondelete="CASCADE", index=True)
    number: int
    started_at: datetime = Field(sa_type=Timestamptz, index=True)
    milliseconds: int
    status_code: int | None = None
    outcome: str
    answer: str | None = None
