"""From the queue to the receivers: claim with a lease, post with no transaction open, record.

A worker killed between sending and recording sends again when the lease ends: at least once, with the same id.
"""

import email.utils
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.clock import now
from app.kit.db import Sessions, transaction
from app.kit.ids import new_id
from app.kit.writes import insert
from app.webhooks import claims, standing
from app.webhooks.addresses import AddressRules
from app.webhooks.claims import Claimed, Places, held
from app.webhooks.letters import Desk
from app.webhooks.lines import Lines
from app.webhooks.models import DeliveryState, WebhookAttempt
from app.webhooks.recording import Recorder, Taken
from app.webhooks.sending import Attempt, Letter, post

log = structlog.get_logger("app.webhooks")

PATIENT = frozenset({429, 503})
JITTER = 0.2
LONGEST_WAIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Courier:
    """What delivering needs."""

    sessions: Sessions
    desk: Desk
    recorder: Recorder
    lines: Lines
    addresses: AddressRules
    schedule: Sequence[int]
    deadline: float
    lease: timedelta
    places: Places

    async def claim(self, most: int) -> list[Claimed]:
        """Take up to `most` due deliveries."""
        async with transaction(self.sessions) as session:
            return await claims.claim(session, most, self.lease, self.places)

    async def post(self, letter: Letter) -> Attempt:
        """Send one letter."""
        return await post(letter, self.addresses, self.lines, self.deadline)

    async def deliver(self, claimed: Claimed, letter: Letter) -> None:
        """Send one claimed delivery and record what came of it."""
        started = now()
        attempt = await self.post(letter)
        if attempt.delivered:
            await self.recorder.taken(Taken(claimed, attempt, started))
        else:
            async with transaction(self.sessions) as session:
                await self._failed(session, claimed, attempt, started)
        log.info(
            "webhook.attempt",
            delivery=str(claimed.id),
            number=claimed.number,
            outcome=attempt.outcome,
            ms=attempt.milliseconds,
        )

    async def _failed(self, session: AsyncSession, claimed: Claimed, attempt: Attempt, started: datetime) -> None:
        # The endpoint first: see `standing`.
        await standing.failed(session, claimed.endpoint_id, standing.Steps(self.schedule), attempt.status_code)
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
