"""From the sealed log to the receivers: fan out when sealed, claim with a lease, post with no transaction open, record.

A worker killed between sending and recording sends again when the lease ends: at least once, with the same id.
"""

import email.utils
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Update, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR, Actor
from app.access.grants import Scope
from app.access.snapshot import State
from app.flow.procedure import changed
from app.kit.clock import now, today
from app.kit.db import Sessions, transaction
from app.kit.ids import new_id
from app.kit.vault import Vault
from app.trail.feed import Sights, seen
from app.trail.models import Event, Ledger
from app.trail.sealer import FanOut, Sealed
from app.webhooks import rules
from app.webhooks.addresses import AddressRules
from app.webhooks.models import DeliveryState, EndpointState, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.webhooks.sending import Attempt, Letter, post

log = structlog.get_logger("app.webhooks")

EVERY = "*"
GONE = 410
PATIENT = frozenset({429, 503})
JITTER = 0.2
LEASE = timedelta(seconds=60)
IN_FLIGHT = 4
LONGEST_WAIT = timedelta(hours=24)

# Up to four deliveries of each active endpoint, so that one slow receiver does not take every place.
CLAIM = text("""
    UPDATE webhook_delivery SET attempts = attempts + 1, leased_until = :lease
    WHERE id IN (
        SELECT due.id FROM webhook_endpoint AS e
        CROSS JOIN LATERAL (
            SELECT d.id FROM webhook_delivery AS d
            WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_at <= :now
              AND (d.leased_until IS NULL OR d.leased_until < :now)
            ORDER BY d.sequence
            LIMIT greatest(0, :in_flight - (
                SELECT count(*) FROM webhook_delivery AS busy
                WHERE busy.endpoint_id = e.id AND busy.state = 'pending' AND busy.leased_until >= :now))
            FOR UPDATE SKIP LOCKED
        ) AS due
        WHERE e.state = 'active'
        LIMIT :most
    )
    RETURNING id, endpoint_id, event_id, attempts
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery this worker holds, and the number of this attempt: a late worker's answer no longer counts."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Courier:
    """What delivering needs."""

    sessions: Sessions
    vault: Vault
    sights: Sights
    addresses: AddressRules
    schedule: Sequence[int]
    deadline: float

    async def claim(self, most: int) -> list[Claimed]:
        """Take up to `most` due deliveries."""
        moment = now()
        async with transaction(self.sessions) as session:
            rows = await session.execute(
                CLAIM, {"now": moment, "lease": moment + LEASE, "in_flight": IN_FLIGHT, "most": most}
            )
            return [Claimed(*row) for row in rows]

    async def deliver(self, claimed: Claimed, state: State) -> None:
        """Send one claimed delivery and record what came of it."""
        letter = await self._letter(claimed, state)
        if letter is None:
            return
        started = now()
        attempt = await post(letter, self.addresses, self.deadline)
        async with transaction(self.sessions) as session:
            await self._record(session, claimed, attempt, started)
        log.info(
            "webhook.attempt",
            delivery=str(claimed.id),
            number=claimed.number,
            outcome=attempt.outcome,
            ms=attempt.milliseconds,
        )

    async def _letter(self, claimed: Claimed, state: State) -> Letter | None:
        """What to send, unless the endpoint's agency may no longer see it."""
        async with transaction(self.sessions) as session:
            endpoint = await session.get_one(WebhookEndpoint, claimed.endpoint_id)
            actor = actor_of(endpoint.agency_id, state)
            body = await session.scalar(
                select(Ledger.body)
                .join(Event, col(Event.id) == col(Ledger.event_id))
                .where(Ledger.event_id == claimed.event_id, seen(actor, self.sights))
            )
            if body is None:
                await session.execute(_held(claimed).values(state=DeliveryState.withheld, leased_until=None))
                return None
            return Letter(endpoint.url, self.vault.unlock(endpoint.secret_locked), str(claimed.event_id), body.encode())

    async def _record(self, session: AsyncSession, claimed: Claimed, attempt: Attempt, started: datetime) -> None:
        session.add(
            WebhookAttempt(
                delivery_id=claimed.id,
                number=claimed.number,
                started_at=started,
                milliseconds=attempt.milliseconds,
                status_code=attempt.status_code,
                outcome=attempt.outcome,
                answer=attempt.answer,
            )
        )
        if attempt.delivered:
            done = {"state": DeliveryState.delivered, "delivered_at": now()}
            await session.execute(_held(claimed).values(**done, leased_until=None))
            return
        if attempt.status_code == GONE:
            await self._disable(session, claimed.endpoint_id)
        wait = self.wait(claimed.number, attempt)
        state = DeliveryState.pending if wait is not None else DeliveryState.parked
        later = now() + (wait or timedelta(0))
        await session.execute(_held(claimed).values(state=state, next_at=later, leased_until=None))

    async def _disable(self, session: AsyncSession, endpoint_id: UUID) -> None:
        endpoint = await session.get_one(WebhookEndpoint, endpoint_id, with_for_update=True)
        if endpoint.state == EndpointState.active:
            previous, endpoint.state = endpoint.state, EndpointState.disabled
            changed(session, OPERATOR, endpoint, rules.DISABLED, previous)

    def wait(self, number: int, attempt: Attempt) -> timedelta | None:
        """How long until the next attempt; None when the schedule is used up."""
        if number >= len(self.schedule):
            return None
        planned = timedelta(seconds=self.schedule[number] * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - not a secret
        asked = _asked_to_wait(attempt.retry_after) if attempt.status_code in PATIENT else None
        return planned if asked is None else min(max(planned, asked), LONGEST_WAIT)


def _held(claimed: Claimed) -> Update:
    """The delivery, as long as this attempt is its latest."""
    return update(WebhookDelivery).where(
        col(WebhookDelivery.id) == claimed.id,
        col(WebhookDelivery.attempts) == claimed.number,
        col(WebhookDelivery.state) == DeliveryState.pending,
    )


def _asked_to_wait(header: str | None) -> timedelta | None:
    """Retry-After, in seconds or as a date."""
    if header is None:
        return None
    if header.strip().isdigit():
        return timedelta(seconds=min(int(header.strip()[:9]), int(LONGEST_WAIT.total_seconds())))
    try:
        then = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return (then if then.tzinfo else then.replace(tzinfo=UTC)) - now()


def actor_of(agency_id: UUID, state: State) -> Actor:
    """An agency as the one who is told: what it may see follows the functions it holds today."""
    return Actor(None, agency_id, state.functions(agency_id, today()), frozenset(Scope))


def fan_out(sights: Sights, snapshot_state: Callable[[], Awaitable[State]]) -> FanOut:
    """Make the sealer's fan-out: one delivery for each active endpoint whose agency may see the event."""

    async def spread(session: AsyncSession, sealed: Sealed) -> None:
        endpoints = (await session.scalars(select(WebhookEndpoint))).all()
        if not endpoints:
            return
        state = await snapshot_state()
        ids = [event.id for _, event in sealed]
        visible: dict[UUID, set[UUID]] = {}
        for agency_id in {endpoint.agency_id for endpoint in endpoints}:
            found = select(Event.id).where(col(Event.id).in_(ids), seen(actor_of(agency_id, state), sights))
            visible[agency_id] = set(await session.scalars(found))
        rows = [
            {"id": new_id(), "endpoint_id": endpoint.id, "event_id": event.id, "sequence": sequence}
            for endpoint in endpoints
            for sequence, event in sealed
            if event.id in visible[endpoint.agency_id] and wants(endpoint, event.type)
        ]
        if rows:
            moment = now()
            values = {"state": DeliveryState.pending, "attempts": 0, "next_at": moment, "created_at": moment}
            await session.execute(insert(WebhookDelivery).on_conflict_do_nothing(), [row | values for row in rows])

    return spread


def wants(endpoint: WebhookEndpoint, type: str) -> bool:
    """Whether the endpoint subscribed to this type: by name, by `plan.*`, or to everything."""
    return not {EVERY, type, f"{type.partition('.')[0]}.*"}.isdisjoint(endpoint.event_types)
