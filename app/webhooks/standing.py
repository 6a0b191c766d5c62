"""How an endpoint stands with us: active, degraded after failures in a row, disabled, and back.

Every change of an endpoint's state is made here, with its event. The endpoint's row is locked before any of its
deliveries', everywhere: two that need both never wait for each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, func, or_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR, Actor
from app.flow.procedure import changed
from app.kit.clock import now
from app.kit.driver import Statement, run
from app.trail.record import EventType
from app.webhooks import rules
from app.webhooks.models import DeliveryState, EndpointState, WebhookDelivery, WebhookEndpoint

FAILURES = 5
NOTED = timedelta(minutes=1)
GONE = 410
SENT_TO = frozenset({EndpointState.active, EndpointState.degraded})


@dataclass(frozen=True, slots=True)
class Steps:
    """The waiting before each attempt, which probes follow as well."""

    seconds: Sequence[int]

    def before_probe(self, failures: int) -> timedelta:
        """How long a degraded endpoint is left alone after so many failures in a row; a second at least."""
        step = min(failures - FAILURES + 1, len(self.seconds) - 1)
        return timedelta(seconds=max(1, self.seconds[max(0, step)]))


# Written once a minute and after failures: each delivery would otherwise wait for the one before it. In one order, so
# that two workers never wait for each other.
TO_NOTE = Statement(
    select(WebhookEndpoint.id)
    .where(
        col(WebhookEndpoint.id) == any_(bindparam("ids", type_=ARRAY(Uuid))),
        or_(
            col(WebhookEndpoint.failures) > 0,
            col(WebhookEndpoint.last_success_at).is_(None),
            col(WebhookEndpoint.last_success_at) < func.now() - NOTED,
        ),
    )
    .order_by(col(WebhookEndpoint.id))
    .with_for_update(key_share=True)
)


async def took(session: AsyncSession, endpoint_ids: Iterable[UUID]) -> None:
    """These took a delivery: failures are forgotten, and a degraded one is sent everything again."""
    for (id,) in await run(session, TO_NOTE, {"ids": list(endpoint_ids)}):
        endpoint = await session.get_one(WebhookEndpoint, id, populate_existing=True)
        endpoint.failures, endpoint.failing_since, endpoint.probe_at = 0, None, None
        endpoint.last_success_at = now()
        if endpoint.state == EndpointState.degraded:
            await turn(session, OPERATOR, endpoint, EndpointState.active, rules.RESUMED)


async def failed(session: AsyncSession, endpoint_id: UUID, steps: Steps, status_code: int | None) -> None:
    """It took nothing: after five in a row only probes go there; after a 410 nothing does."""
    endpoint = await session.get(WebhookEndpoint, endpoint_id, with_for_update=True)
    if endpoint is None:
        return
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now()
    if status_code == GONE and endpoint.state in SENT_TO:
        await turn(session, OPERATOR, endpoint, EndpointState.disabled, rules.DISABLED)
    elif endpoint.state == EndpointState.active and endpoint.failures >= FAILURES:
        await turn(session, OPERATOR, endpoint, EndpointState.degraded, rules.DEGRADED)
    if endpoint.state == EndpointState.degraded:
        endpoint.probe_at = now() + steps.before_probe(endpoint.failures)


async def turn(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, state: EndpointState, told: EventType
) -> None:
    """Bring a locked endpoint into another state; what waited for it goes out at once, oldest first."""
    previous, endpoint.state = endpoint.state, state
    endpoint.probe_at = None
    if state == EndpointState.active:
        endpoint.failures, endpoint.failing_since = 0, None
        await session.execute(
            update(WebhookDelivery)
            .where(
                col(WebhookDelivery.endpoint_id) == endpoint.id,
                col(WebhookDelivery.state) == DeliveryState.pending,
                col(WebhookDelivery.next_at) > func.now(),
            )
            .values(next_at=func.now())
        )
    changed(session, actor, endpoint, told, previous)


async def give_up(session: AsyncSession, after: timedelta) -> int:
    """Disable what has taken nothing for so long; how many that were."""
    tired = await session.scalars(
        select(WebhookEndpoint)
        .where(
            col(WebhookEndpoint.state) == EndpointState.degraded,
            col(WebhookEndpoint.failing_since) < func.now() - after,
        )
        .with_for_update(skip_locked=True)
    )
    found = tired.all()
    for endpoint in found:
        await turn(session, OPERATOR, endpoint, EndpointState.disabled, rules.DISABLED)
    return len(found)
