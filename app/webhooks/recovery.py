"""Recoveries: the worker goes through the log window by window and queues what an endpoint asked for again.

First it counts, up to where the log stood when it began, then it queues the same. Each window is a transaction that
also says how far the job is: a worker that dies is followed by another. A receiver is never given more than a few
hundred to catch up with at a time, so that what happens today finds its way between what happened then.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ScalarSelect, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.snapshot import State
from app.kit.clock import now
from app.trail.feed import Sights, seen
from app.trail.models import Event, Ledger
from app.webhooks.fan_out import actor_of, put, row, subscribed
from app.webhooks.models import DeliveryState, RecoveryState, WebhookDelivery, WebhookEndpoint, WebhookRecovery

WINDOW = 1000
"""Numbers of the log looked at in one transaction."""
AHEAD = 1000
"""So many deliveries may wait for a receiver before a recovery adds to them."""
MISSING = "missing"
RECOVERING = 0x74746478  # one advisory lock for every process on this database

Found = Sequence[tuple[int, UUID, str, UUID | None]]
"""Sequence, event, its type, and the delivery that stands already."""


async def step(session: AsyncSession, sights: Sights, state: State) -> int:
    """Do one window of the recovery that waited longest; 0 when none can go on, or another worker leads."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(RECOVERING))):
        return 0
    chosen = (
        await session.execute(
            select(WebhookRecovery.id, WebhookRecovery.endpoint_id)
            .where(
                col(WebhookRecovery.state) != RecoveryState.done,
                or_(col(WebhookRecovery.state) == RecoveryState.counting, _waiting() < AHEAD),
            )
            .order_by(col(WebhookRecovery.looked_at))
            .limit(1)
        )
    ).first()
    if chosen is None:
        return 0
    # The endpoint first: see `standing`.
    endpoint = await session.get(WebhookEndpoint, chosen[1], with_for_update={"read": True, "key_share": True})
    job = await session.get(WebhookRecovery, chosen[0], with_for_update=True) if endpoint else None
    if endpoint is not None and job is not None:
        await _window(session, sights, state, endpoint, job)
    return 1


def _waiting() -> ScalarSelect[int]:
    waits = select(func.count()).where(
        col(WebhookDelivery.endpoint_id) == col(WebhookRecovery.endpoint_id),
        col(WebhookDelivery.state) == DeliveryState.pending,
    )
    return waits.correlate(WebhookRecovery).scalar_subquery()


async def _window(
    session: AsyncSession, sights: Sights, state: State, endpoint: WebhookEndpoint, job: WebhookRecovery
) -> None:
    if job.last_sequence is None:
        job.last_sequence = await session.scalar(select(func.max(Ledger.sequence))) or 0
    end = min(job.looked_until + WINDOW, job.last_sequence)
    found = await _missed(session, sights, state, endpoint, job, end)
    job.looked_at, job.looked_until = now(), end
    if job.state == RecoveryState.counting:
        job.counted += len(found)
    else:
        await _queue(session, endpoint, found)
        job.queued += len(found)
    if end < job.last_sequence:
        return
    if job.state == RecoveryState.counting and not job.dry_run:
        job.state, job.looked_until = RecoveryState.queueing, 0
    else:
        job.state, job.finished_at = RecoveryState.done, now()


async def _missed(
    session: AsyncSession, sights: Sights, state: State, endpoint: WebhookEndpoint, job: WebhookRecovery, end: int
) -> Found:
    """What lies in this window of the log, may be seen, was subscribed and asked for, and stands as was asked for."""
    stands_for = (col(WebhookDelivery.endpoint_id) == endpoint.id) & (col(WebhookDelivery.event_id) == col(Event.id))
    rows = await session.execute(
        select(col(Ledger.sequence), col(Event.id), col(Event.type), WebhookDelivery)
        .join(Event, col(Event.id) == col(Ledger.event_id))
        .outerjoin(WebhookDelivery, stands_for)
        .where(
            col(Ledger.sequence) > job.looked_until,
            col(Ledger.sequence) <= end,
            col(Event.occurred_at) >= job.since,
            col(Event.occurred_at) < job.until,
            ~col(Event.data).contains({"test": True}),
            seen(actor_of(endpoint.agency_id, state), sights),
        )
        .order_by(col(Ledger.sequence))
    )
    missed = []
    for sequence, event, type, joined in rows:
        delivery: WebhookDelivery | None = joined  # the outer join's other side
        asked = (delivery.state if delivery else MISSING) in job.states
        wanted = subscribed(endpoint.event_types, type) and (not job.event_types or subscribed(job.event_types, type))
        if asked and wanted:
            missed.append((sequence, event, type, delivery.id if delivery else None))
    return missed


async def _queue(session: AsyncSession, endpoint: WebhookEndpoint, found: Found) -> None:
    """New deliveries for what had none, a fresh schedule for what had one."""
    again = [delivery for _, _, _, delivery in found if delivery is not None]
    if again:
        fresh = {"state": DeliveryState.pending, "attempts": 0, "delivered_at": None, "leased_until": None}
        await session.execute(
            update(WebhookDelivery).where(col(WebhookDelivery.id).in_(again)).values(**fresh, next_at=func.now())
        )
    await put(session, [row(endpoint.id, event, type, at) for at, event, type, delivery in found if delivery is None])
