"""The proof that a receiver wants what it will be sent: it must give back a random text that was sent to it, signed.

The worker asks, by the schedule of deliveries, so that a receiver may come up after it was registered. Nothing else is
sent to an endpoint before; a new address is asked anew.
"""

import hmac
import json
import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from pydantic_core import to_json
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR
from app.kit.clock import local, now
from app.kit.db import transaction
from app.kit.ids import new_id
from app.webhooks import rules, secrets, standing
from app.webhooks.delivery import Courier
from app.webhooks.models import EndpointState, WebhookEndpoint
from app.webhooks.sending import Letter

log = structlog.get_logger("app.webhooks")

TYPE = "webhook_endpoint.challenge"
MOST = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One endpoint that this worker asks, until its lease ends."""

    id: UUID
    lease: datetime
    number: int
    url: str
    secrets: Sequence[str]


def begin(endpoint: WebhookEndpoint) -> None:
    """Have the worker ask this endpoint as soon as it can, from the start of the schedule."""
    endpoint.challenge_at, endpoint.challenges, endpoint.challenge_outcome = now(), 0, None


async def claim(courier: Courier) -> list[Asked]:
    """The endpoints that are due to be asked, a few at a time; theirs is the lease until they were."""
    async with transaction(courier.sessions) as session:
        due = await session.scalars(
            select(WebhookEndpoint)
            .where(
                col(WebhookEndpoint.state) == EndpointState.pending,
                col(WebhookEndpoint.challenge_at) <= func.now(),
            )
            .order_by(col(WebhookEndpoint.challenge_at))
            .limit(MOST)
            .with_for_update(skip_locked=True)
        )
        asked = []
        for endpoint in due.all():
            endpoint.challenges += 1
            endpoint.challenge_at = lease = now() + courier.lease
            live = secrets.live(courier.desk.unlock, endpoint.secret_locked, endpoint.old_secrets)
            asked.append(Asked(endpoint.id, lease, endpoint.challenges, endpoint.url, live))
        return asked


async def ask(courier: Courier, asked: Asked) -> None:
    """Send one challenge and act on the answer."""
    text = random.token_urlsafe(24)
    id = str(new_id())
    letter = Letter(asked.url, asked.secrets, id, body(id, asked.id, text))
    attempt = await courier.post(letter)
    proven = attempt.delivered and echoed(attempt.answer or "", text)
    outcome = "echoed" if proven else "not_echoed" if attempt.delivered else attempt.outcome
    async with transaction(courier.sessions) as session:
        await _record(session, asked, outcome, courier.wait(asked.number, attempt))
    log.info("webhook.challenge", endpoint=str(asked.id), number=asked.number, outcome=outcome)


def body(id: str, endpoint_id: UUID, text: str) -> bytes:
    """What is sent: shaped like an event, but it is none, and stands in no log."""
    data = {"challenge": text, "webhook_endpoint": str(endpoint_id), "event_id": id, "test": True}
    return to_json({"type": TYPE, "timestamp": local(now()).isoformat(), "data": data})


def echoed(answer: str, text: str) -> bool:
    """Whether the answer is the text itself, or a JSON object with it as `challenge`.

    Not merely somewhere inside: whoever repeats all that it is sent proves nothing.
    """
    given = answer.strip()
    if given.startswith("{"):
        try:
            given = json.loads(given).get("challenge")
        except (ValueError, RecursionError):
            return False
    return isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), text.encode())


async def _record(session: AsyncSession, asked: Asked, outcome: str, wait: timedelta | None) -> None:
    endpoint = await session.get(WebhookEndpoint, asked.id, with_for_update=True)
    # Another address, another round, or a person switched it off: the answer says nothing of what stands there now.
    if endpoint is None or endpoint.state != EndpointState.pending or endpoint.challenge_at != asked.lease:
        return
    endpoint.challenge_outcome = outcome
    if outcome != "echoed":
        endpoint.challenge_at = None if wait is None else now() + wait
        return
    endpoint.challenge_at, endpoint.verified_at, endpoint.last_success_at = None, now(), now()
    await standing.turn(session, OPERATOR, endpoint, EndpointState.active, rules.VERIFIED)
