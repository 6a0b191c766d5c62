"""Statements over endpoints and deliveries; each starts at `visible`: one's own agency's, nobody else's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.trail.models import Event
from app.webhooks.models import (
    DeliveryState,
    EndpointState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookRecovery,
)


def visible(actor: Actor) -> SelectOfScalar[WebhookEndpoint]:
    """The endpoints of the actor's own agency: addresses and answers of receivers are nobody else's business."""
    return select(WebhookEndpoint).where(WebhookEndpoint.agency_id == actor.agency_id)


def one(actor: Actor, id: UUID) -> SelectOfScalar[WebhookEndpoint]:
    """One endpoint of one's own."""
    return visible(actor).where(WebhookEndpoint.id == id)


def deliveries(actor: Actor) -> SelectOfScalar[WebhookDelivery]:
    """The deliveries to one's own endpoints."""
    own = visible(actor).with_only_columns(col(WebhookEndpoint.id))
    return select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id).in_(own))


def shown_as(actor: Actor, state: DeliveryState) -> ColumnElement[bool]:
    """The deliveries shown in a state: what is due to an endpoint that is not active is shown as parked."""
    stored = col(WebhookDelivery.state)
    on = visible(actor).where(WebhookEndpoint.state == EndpointState.active).with_only_columns(col(WebhookEndpoint.id))
    sent_to = col(WebhookDelivery.endpoint_id).in_(on)
    if state == DeliveryState.pending:
        return and_(stored == state, sent_to)
    kept = and_(stored == DeliveryState.pending, ~sent_to) if state == DeliveryState.parked else false()
    return or_(stored == state, kept)


def among(actor: Actor, ids: set[UUID]) -> SelectOfScalar[WebhookEndpoint]:
    """Some endpoints of one's own."""
    return visible(actor).where(col(WebhookEndpoint.id).in_(ids))


def attempts(delivery: WebhookDelivery) -> SelectOfScalar[WebhookAttempt]:
    """The attempts of a delivery that was found through `deliveries`."""
    return (
        select(WebhookAttempt)
        .where(WebhookAttempt.delivery_id == delivery.id)
        .order_by(col(WebhookAttempt.started_at))
        .limit(200)
    )


def recovery(actor: Actor, endpoint_id: UUID, id: UUID) -> SelectOfScalar[WebhookRecovery]:
    """One recovery of an endpoint of one's own."""
    own = one(actor, endpoint_id).with_only_columns(col(WebhookEndpoint.id))
    return select(WebhookRecovery).where(WebhookRecovery.id == id, col(WebhookRecovery.endpoint_id).in_(own))


def waiting(endpoint: WebhookEndpoint, state: DeliveryState) -> Select[int, datetime]:
    """How many deliveries of an endpoint that was found are in a stored state, and since when the oldest is there."""
    return select(func.count(), func.min(col(WebhookDelivery.created_at))).where(
        col(WebhookDelivery.endpoint_id) == endpoint.id, col(WebhookDelivery.state) == state
    )


def outcomes(endpoint: WebhookEndpoint, since: datetime) -> Select[str, int]:
    """The attempts on an endpoint that was found, by outcome."""
    return (
        select(col(WebhookAttempt.outcome), func.count())
        .where(col(WebhookAttempt.endpoint_id) == endpoint.id, col(WebhookAttempt.started_at) >= since)
        .group_by(col(WebhookAttempt.outcome))
        .order_by(func.count().desc(), col(WebhookAttempt.outcome))
        .limit(20)
    )


def latencies(endpoint: WebhookEndpoint, since: datetime) -> Select[Any]:
    """The median and the 99th percentile of the attempts on an endpoint that was found, in milliseconds."""
    spread = [func.percentile_disc(part).within_group(col(WebhookAttempt.milliseconds)) for part in (0.5, 0.99)]
    return select(*spread).where(
        col(WebhookAttempt.endpoint_id) == endpoint.id, col(WebhookAttempt.started_at) >= since
    )


def sight(actor: Actor) -> ColumnElement[bool]:
    """Events about endpoints and their deliveries stay with their agency."""
    return col(Event.agency_id) == actor.agency_id


async def attention(session: AsyncSession) -> Mapping[str, int]:
    """Endpoints that are not sent to, and deliveries that were given up: what a person has to see to."""
    states = (EndpointState.pending, EndpointState.degraded, EndpointState.disabled)
    counts = [func.count().filter(col(WebhookEndpoint.state) == state) for state in states]
    found = (await session.execute(select(*counts))).one()
    given_up = select(func.count()).select_from(WebhookDelivery)
    parked = await session.scalar(given_up.where(col(WebhookDelivery.state) == DeliveryState.parked))
    told = {f"webhook_endpoints_{state}": number for state, number in zip(states, found, strict=True)}
    return told | {"webhook_deliveries_given_up": parked or 0}
