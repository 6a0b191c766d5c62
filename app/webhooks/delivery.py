"""From the queue to the receivers: claim with a lease, post with no transaction open, record.

A worker killed between sending and recording sends again when the lease ends: at least once, with the same id.
"""

import email.utils
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Uuid, bindparam, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.access.snapshot import State
from app.kit.clock import now
from app.kit.db import Sessions, transaction
from app.kit.driver import Statement, run
from app.kit.ids import new_id
from app.kit.vault import Vault
from app.kit.writes import insert
from app.trail.feed import Sights, seen
from app.trail.models import Event, Ledger
from app.webhooks import claims, secrets, standing
from app.webhooks.addresses import AddressRules
from app.webhooks.claims import Claimed, Places, held
from app.webhooks.fan_out import actor_of
from app.webhooks.models import DeliveryState, WebhookAttempt, WebhookEndpoint
from app.webhooks.sending import Attempt, Letter, post

log = structlog.get_logger("app.webhooks")

PATIENT = frozenset({429, 503})
JITTER = 0.2
LONGEST_WAIT = timedelta(hours=24)
MOST_COMPILED = 256
"""Agencies whose statement is kept."""


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
    places: Places
    bodies: dict[Actor, Statement] = field(default_factory=dict, compare=False)

    async def claim(self, most: int) -> list[Claimed]:
        """Take up to `most` due deliveries."""
        async with transaction(self.sessions) as session:
            return await claims.claim(session, most, self.lease, self.places)

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
            endpoint = await session.get(WebhookEndpoint, claimed.endpoint_id)
            if endpoint is None:
                return None  # deleted meanwhile, and its deliveries with it
            if endpoint.state not in standing.SENT_TO:
                # Switched off since it was claimed, or its new address is not proven: no attempt is spent.
                unspent = claimed.number if claimed.probe else claimed.number - 1
                await session.execute(held(claimed).values(attempts=unspent, leased_until=None))
                return None
            actor = actor_of(endpoint.agency_id, state)
            # What no column holds changes with the look: an embargo ends by the clock.
            values = {"event_id": claimed.event_id, "moment": now()}
            found = await run(session, self._body(actor), values)
            if not found:
                await session.execute(held(claimed).values(state=DeliveryState.withheld, leased_until=None))
                return None
            return Letter(endpoint.url, secrets.live(self.vault, endpoint), str(claimed.event_id), found[0][0].encode())

    def _body(self, actor: Actor) -> Statement:
        """The frozen body of an event, if this agency may see it now; made once for each agency and its functions."""
        if actor not in self.bodies:
            if len(self.bodies) >= MOST_COMPILED:
                self.bodies.clear()
            joined = select(Ledger.body).join(Event, col(Event.id) == col(Ledger.event_id))
            asked = col(Ledger.event_id) == bindparam("event_id", type_=Uuid)
            self.bodies[actor] = Statement(joined.where(asked, seen(actor, self.sights)))
        return self.bodies[actor]

    async def _record(self, session: AsyncSession, claimed: Claimed, attempt: Attempt, started: datetime) -> None:
        # The endpoint first: see `standing`.
        if attempt.delivered:
            await standing.succeeded(session, claimed.endpoint_id)
        else:
            steps = standing.Steps(self.schedule)
            await standing.failed(session, claimed.endpoint_id, steps, attempt.status_code)
        tried = {
            "id": new_id(),
            "delivery_id": claimed.id,
            "endpoint_id": claimed.endpoint_id,
            "number": claimed.number,
            "probe": claimed.probe,
            "started_at": started,
            "milliseconds": attempt.milliseconds,
            "status_code": attempt.status_code,
            "outcome": attempt.outcome,
            "answer": attempt.answer,
        }
        insert(session, WebhookAttempt, tried)
        if attempt.delivered:
            done = {"state": DeliveryState.delivered, "delivered_at": func.now()}
            await session.execute(held(claimed).values(**done, leased_until=None))
            return
        wait = timedelta(0) if claimed.probe else self.wait(claimed.number, attempt)
        state = DeliveryState.pending if wait is not None else DeliveryState.parked
        later = func.now() + (wait or timedelta(0))
        await session.execute(held(claimed).values(state=state, next_at=later, leased_until=None))

    def wait(self, number: int, attempt: Attempt) -> timedelta | None:
        """How long until the next attempt; None when the schedule is used up."""
        if number >= len(self.schedule):
            return None
        planned = timedelta(seconds=self.schedule[number] * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - not a secret
        asked = _asked_to_wait(attempt.retry_after) if attempt.status_code in PATIENT else None
        return planned if asked is None else max(planned, min(asked, LONGEST_WAIT))


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
