"""From the sealed log to the receivers: fan out when sealed, claim with a lease, post with no transaction open, record.

A worker killed between sending and recording sends again when the lease ends: at least once, with the same id.
"""

import email.utils
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Update, func, text, update
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
IN_FLIGHT = 4
CLAIMING = 0x74746477  # one advisory lock for every process on this database
LONGEST_WAIT = timedelta(hours=24)

# Up to four deliveries of each active endpoint, oldest first; the endpoints with the fewest under way come first, so
# that however much is due to some, the others find a place. Leases are told by the database's clock, not the workers'.
CLAIM = text("""
    WITH due AS MATERIALIZED (
        SELECT picked.id FROM webhook_endpoint AS e
        CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM webhook_delivery AS d
            WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.leased_until >= statement_timestamp()
        ) AS busy
        CROSS JOIN LATERAL (
            SELECT d.id, d.sequence FROM webhook_delivery AS d
            WHERE d.endpoint_id = e.id AND d.state = 'pending' AND d.next_at <= statement_timestamp()
              AND (d.leased_until IS NULL OR d.leased_until < statement_timestamp())
            ORDER BY d.sequence
            LIMIT greatest(0, :in_flight - busy.number)
            FOR UPDATE SKIP LOCKED
        ) AS picked
        WHERE e.state = 'active'
        ORDER BY busy.number + row_number() OVER (PARTITION BY e.id ORDER BY picked.sequence), random()
        LIMIT :most
    )
    UPDATE webhook_delivery AS d
    SET attempts = d.attempts + 1, leased_until = statement_timestamp() + CAST(:lease AS interval)
    FROM due WHERE d.id = due.id
    RETURNING d.id, d.endpoint_id, d.event_id, d.attempts, d.leased_until
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery this worker holds until its lease ends: the answer of a worker that comes later does not count."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    number: int
    lease: datetime


@dataclass(frozen=True, slots=True)
class Courier:
    """What delivering needs."""

    sessions: Sessions
    vault: Vault
    sights: Sights
    addresses: AddressRules
    schedule: Sequence[int]
    deadline: float
    lease: timedelta

    async def claim(self, most: int) -> list[Claimed]:
        """Take up to `most` due deliveries."""
        async with transaction(self.sessions) as session:
            # One worker at a time, or two would both count an endpoint's free places and together take too many. The
            # statement that counts must begin after the lock is held.
            await session.execute(select(func.pg_advisory_xact_lock(CLAIMING)))
            rows = await session.execute(CLAIM, {"lease": self.lease, "in_flight": IN_FLIGHT, "most": most})
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
        if attempt.status_code == GONE:
            await self._disable(session, claimed.endpoint_id)
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
            done = {"state": DeliveryState.delivered, "delivered_at": func.now()}
            await session.execute(_held(claimed).values(**done, leased_until=None))
            return
        wait = self.wait(claimed.number, attempt)
        state = DeliveryState.pending if wait is not None else DeliveryState.parked
        later = func.now() + (wait or timedelta(0))
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
        return planned if asked is None else max(planned, min(asked, LONGEST_WAIT))


def _held(claimed: Claimed) -> Update:
    """The delivery, unless it was claimed again or set anew: the attempts are counted anew then, the lease is not."""
    return update(WebhookDelivery).where(
        col(WebhookDelivery.id) == claimed.id,
        col(WebhookDelivery.leased_until) == claimed.lease,
        col(WebhookDelivery.state) == DeliveryState.pending,
    )


def _asked_to_wait(header: str | None) -> timedelta | None:
    """Retry-After, in seconds or as a date; None for anything else."""
    if header is None:
        return None
    if re.fullmatch("[0-9]+", header):
        return timedelta(seconds=int(header[:9]))
    try:
        then = email.utils.parsedate_to_datetime(header)
        return (then if then.tzinfo else then.replace(tzinfo=UTC)) - now()
    except (ValueError, OverflowError):
        return None


def actor_of(agency_id: UUID, state: State) -> Actor:
    """An agency as the one who is told: what it may see follows the functions it holds today."""
    return Actor(None, agency_id, state.functions(agency_id, today()), frozenset(Scope))


def fan_out(sights: Sights, snapshot_state: Callable[[], Awaitable[State]]) -> FanOut:
    """Make the sealer's fan-out: one delivery for each endpoint whose agency may see the event, active or not."""

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
            moment = await session.scalar(select(func.now()))
            values = {"state": DeliveryState.pending, "attempts": 0, "next_at": moment, "created_at": moment}
            await session.execute(insert(WebhookDelivery).on_conflict_do_nothing(), [row | values for row in rows])

    return spread


def wants(endpoint: WebhookEndpoint, type: str) -> bool:
    """Whether the endpoint subscribed to this type: by name, by `plan.*`, or to everything."""
    return not {EVERY, type, f"{type.partition('.')[0]}.*"}.isdisjoint(endpoint.event_types)
