"""The verbs of deliveries, and of recoveries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow.procedure import recorded
from app.kit.clock import now
from app.kit.db import found_row
from app.kit.etag import etag
from app.kit.pages import Page, Paging, fetch
from app.kit.problems import EndpointNotActive, WrongState
from app.trail.record import EventType, Subject, record
from app.webhooks import queries, rules, standing
from app.webhooks.delivery_schemas import AttemptRead, DeliveryDetail, DeliveryRead, RecoveryRead, RecoveryWrite
from app.webhooks.models import (
    DeliveryState,
    EndpointState,
    RecoveryState,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookRecovery,
)
from app.webhooks.service import Desk, found

DISCARDABLE = frozenset({DeliveryState.pending, DeliveryState.parked})


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed by."""

    endpoint_id: UUID | None = None
    state: DeliveryState | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_deliveries(
    session: AsyncSession, actor: Actor, wanted: DeliveryFilter, paging: Paging
) -> Page[DeliveryRead]:
    """One page of the deliveries to the actor's own endpoints, newest first."""
    statement = queries.deliveries(actor)
    if wanted.endpoint_id:
        statement = statement.where(WebhookDelivery.endpoint_id == wanted.endpoint_id)
    if wanted.state:
        statement = statement.where(queries.shown_as(actor, wanted.state))
    if wanted.event_type:
        statement = statement.where(WebhookDelivery.event_type == wanted.event_type)
    if wanted.since:
        statement = statement.where(col(WebhookDelivery.created_at) >= wanted.since)
    if wanted.until:
        statement = statement.where(col(WebhookDelivery.created_at) < wanted.until)
    rows, last = await fetch(session, statement, (col(WebhookDelivery.id),), paging, newest_first=True)
    endpoints = await session.scalars(queries.among(actor, {row.endpoint_id for row in rows}))
    states = {endpoint.id: endpoint.state for endpoint in endpoints}
    return paging.page([_delivery(row, states[row.endpoint_id]) for row in rows], last)


async def read_delivery(session: AsyncSession, actor: Actor, id: UUID) -> DeliveryDetail:
    """One delivery with its attempts."""
    delivery = await _found(session, actor, id)
    return await _detail(session, delivery, await found(session, actor, delivery.endpoint_id))


async def redeliver(session: AsyncSession, actor: Actor, id: UUID) -> DeliveryDetail:
    """Send a delivery again, with the same id and the whole schedule before it."""
    endpoint, delivery = await _both(session, actor, id)
    if endpoint.state not in standing.SENT_TO:
        raise EndpointNotActive
    delivery.state, delivery.attempts, delivery.next_at, delivery.leased_until = DeliveryState.pending, 0, now(), None
    delivery.delivered_at = None
    _told(session, actor, endpoint, delivery, rules.REDELIVERED)
    return await _detail(session, delivery, endpoint)


async def discard(session: AsyncSession, actor: Actor, id: UUID) -> DeliveryDetail:
    """Give up a delivery for good: the only way that one ends undelivered; the log says who did it."""
    endpoint, delivery = await _both(session, actor, id)
    if delivery.state not in DISCARDABLE:
        raise WrongState(state=delivery.state, allowed_moves=["redeliver"])
    delivery.state = DeliveryState.discarded
    _told(session, actor, endpoint, delivery, rules.DISCARDED)
    return await _detail(session, delivery, endpoint)


async def start_recovery(
    session: AsyncSession, actor: Actor, desk: Desk, endpoint_id: UUID, body: RecoveryWrite
) -> RecoveryRead:
    """Ask for what an endpoint missed; the worker counts it and puts it on its way."""
    endpoint = await found(session, actor, endpoint_id)
    desk.check_types(body.event_types)
    job = WebhookRecovery(**body.model_dump(), endpoint_id=endpoint.id, created_by=actor.client_id)
    session.add(job)
    recorded(session, actor, endpoint, rules.RECOVERY, endpoint.state)
    return _recovery(job)


async def read_recovery(session: AsyncSession, actor: Actor, endpoint_id: UUID, id: UUID) -> RecoveryRead:
    """How far a recovery is."""
    job = await found_row(session, queries.recovery(actor, endpoint_id, id))
    return _recovery(job)


async def _both(session: AsyncSession, actor: Actor, id: UUID) -> tuple[WebhookEndpoint, WebhookDelivery]:
    """A delivery and its endpoint, locked in the order of `standing`."""
    unlocked = await _found(session, actor, id)
    endpoint = await found(session, actor, unlocked.endpoint_id, lock=True)
    return endpoint, await _found(session, actor, id, lock=True)


async def _found(session: AsyncSession, actor: Actor, id: UUID, *, lock: bool = False) -> WebhookDelivery:
    statement = queries.deliveries(actor).where(WebhookDelivery.id == id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return await found_row(session, statement)


def _told(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, delivery: WebhookDelivery, type: EventType
) -> None:
    record(session, actor, type, Subject(delivery.id, 1, endpoint.agency_id, None, delivery.state))


def _delivery(row: WebhookDelivery, endpoint_state: str) -> DeliveryRead:
    shown = row.model_dump(include=set(DeliveryRead.model_fields))
    if row.state == DeliveryState.pending and endpoint_state != EndpointState.active:
        shown["state"] = DeliveryState.parked
    return DeliveryRead(**shown | ({} if shown["state"] == DeliveryState.pending else {"next_at": None}))


async def _detail(session: AsyncSession, row: WebhookDelivery, endpoint: WebhookEndpoint) -> DeliveryDetail:
    attempts = (await session.scalars(queries.attempts(row))).all()
    shown = _delivery(row, endpoint.state)
    return DeliveryDetail(
        **shown.model_dump(),
        tries=[AttemptRead.model_validate(attempt, from_attributes=True) for attempt in attempts],
        etag=etag(row.attempts, shown, len(attempts)),
    )


def _recovery(job: WebhookRecovery) -> RecoveryRead:
    done = job.state == RecoveryState.done or not job.last_sequence
    progress = float(job.state == RecoveryState.done) if done else job.looked_until / (job.last_sequence or 1)
    plain = job.model_dump(include=set(RecoveryRead.model_fields))
    return RecoveryRead(**plain, progress=progress, etag=etag(1, job.state, job.looked_until))
