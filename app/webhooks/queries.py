"""Statements over endpoints and deliveries; each starts at `visible`: one's own agency's, nobody else's."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.trail.models import Event
from app.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint


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


def attempts(delivery: WebhookDelivery) -> SelectOfScalar[WebhookAttempt]:
    """The attempts of a delivery that was found through `deliveries`."""
    return (
        select(WebhookAttempt)
        .where(WebhookAttempt.delivery_id == delivery.id)
        .order_by(col(WebhookAttempt.started_at))
        .limit(200)
    )


def sight(actor: Actor) -> ColumnElement[bool]:
    """Events about endpoints stay with their agency."""
    return col(Event.agency_id) == actor.agency_id
