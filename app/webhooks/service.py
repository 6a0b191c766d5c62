"""The verbs of endpoints."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow.procedure import changed, recorded
from app.flow.secrecy import refuse_marked
from app.kit.clock import now
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.failures import BadField, from_validation
from app.kit.pages import Page, Paging, fetch
from app.kit.patch import merged
from app.kit.problems import EndpointNotActive, WebhookUrlForbidden
from app.kit.vault import Vault
from app.trail.record import Subject, record
from app.webhooks import challenge, queries, rules, secrets, standing
from app.webhooks.addresses import AddressRules
from app.webhooks.fan_out import TEST
from app.webhooks.models import DeliveryState, EndpointState, WebhookEndpoint
from app.webhooks.schemas import (
    EndpointChallenge,
    EndpointChange,
    EndpointCreated,
    EndpointRead,
    EndpointStats,
    EndpointTest,
    EndpointWrite,
    Outcomes,
)
from app.webhooks.signing import new_secret

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Desk:
    """What registering an endpoint needs to know."""

    vault: Vault
    addresses: AddressRules
    event_types: Collection[str]

    async def check(self, body: EndpointWrite) -> None:
        """Refuse an unknown event type, or an address that webhooks may not go to."""
        self.check_types(body.event_types)
        try:
            await self.addresses.vet(body.url)
        except OSError as error:
            raise WebhookUrlForbidden from error

    def check_types(self, event_types: Collection[str]) -> None:
        """Refuse an unknown event type."""
        families = {f"{name.partition('.')[0]}.*" for name in self.event_types}
        for at, name in enumerate(event_types):
            if name != "*" and name not in self.event_types and name not in families:
                raise BadField("unknown_event_type", "event_types", at)


async def list_endpoints(session: AsyncSession, actor: Actor, paging: Paging) -> Page[EndpointRead]:
    """One page of the actor's own endpoints."""
    rows, last = await fetch(session, queries.visible(actor), (col(WebhookEndpoint.id),), paging)
    return paging.page([_shown(row) for row in rows], last)


async def read_endpoint(session: AsyncSession, actor: Actor, id: UUID) -> EndpointRead:
    """One endpoint."""
    return _shown(await found(session, actor, id))


async def create_endpoint(session: AsyncSession, actor: Actor, desk: Desk, body: EndpointWrite) -> EndpointCreated:
    """A new endpoint, asked for its proof by the worker; its secret is shown this once."""
    assert actor.agency_id is not None
    await desk.check(body)
    _check_function(actor, body.function)
    secret = new_secret()
    endpoint = WebhookEndpoint(
        **body.model_dump(),
        agency_id=actor.agency_id,
        state=EndpointState.pending,
        created_by=actor.client_id,
        secret_locked=desk.vault.lock(secret),
    )
    challenge.begin(endpoint)
    session.add(endpoint)
    recorded(session, actor, endpoint, rules.CREATED)
    return EndpointCreated(**_shown(endpoint).model_dump(), secret=secret)


async def patch_endpoint(
    session: AsyncSession, actor: Actor, desk: Desk, id: UUID, expected: Expected, change: dict[str, Any]
) -> EndpointRead:
    """Change some members of an endpoint (RFC 7396)."""
    refuse_marked(change)
    endpoint = await found(session, actor, id)
    written = endpoint.model_dump(include=set(EndpointWrite.model_fields))
    try:
        standing_body = written | {"active": endpoint.state != EndpointState.disabled}
        body = EndpointChange.model_validate(merged(standing_body, change))
    except ValidationError as error:
        raise from_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error
    return await change_endpoint(session, actor, desk, id, expected, body)


async def change_endpoint(
    session: AsyncSession, actor: Actor, desk: Desk, id: UUID, expected: Expected, body: EndpointChange
) -> EndpointRead:
    """Replace what an endpoint receives, where, and whether; a new address has to be proven."""
    await desk.check(body)
    endpoint = await found(session, actor, id, lock=True)
    expected.check(endpoint.version, _tag(endpoint))
    if body.function != endpoint.function:
        _check_function(actor, body.function)
    if body.url != endpoint.url:
        endpoint.verified_at = endpoint.challenge_at = None
    endpoint.sqlmodel_update(body.model_dump(exclude={"active"}))
    state = _wanted(endpoint, active=body.active)
    if state == endpoint.state:
        changed(session, actor, endpoint, rules.CHANGED, endpoint.state)
    else:
        await standing.turn(session, actor, endpoint, state, rules.CHANGED)
    if state == EndpointState.pending and endpoint.challenge_at is None:
        challenge.begin(endpoint)
    return _shown(endpoint)


async def delete_endpoint(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """Delete an endpoint and what was still on its way to it."""
    endpoint = await found(session, actor, id, lock=True)
    expected.check(endpoint.version, _tag(endpoint))
    recorded(session, actor, endpoint, rules.DELETED, endpoint.state)
    await session.delete(endpoint)


async def verify(session: AsyncSession, actor: Actor, id: UUID) -> EndpointRead:
    """Have the worker ask a pending endpoint for its proof, now; one that gave it is left as it is."""
    endpoint = await found(session, actor, id, lock=True)
    if endpoint.state == EndpointState.disabled:
        raise EndpointNotActive
    if endpoint.state == EndpointState.pending:
        challenge.begin(endpoint)
    return _shown(endpoint)


async def enable(session: AsyncSession, actor: Actor, id: UUID) -> EndpointRead:
    """Switch an endpoint on, or call a degraded one mended; an address that was never proven is asked first."""
    endpoint = await found(session, actor, id, lock=True)
    if endpoint.state in {EndpointState.disabled, EndpointState.degraded}:
        state = EndpointState.active if endpoint.verified_at else EndpointState.pending
        if state == EndpointState.pending:
            challenge.begin(endpoint)
        await standing.turn(session, actor, endpoint, state, rules.ENABLED)
    return _shown(endpoint)


async def disable(session: AsyncSession, actor: Actor, id: UUID) -> EndpointRead:
    """Switch an endpoint off; what is due to it waits."""
    endpoint = await found(session, actor, id, lock=True)
    if endpoint.state != EndpointState.disabled:
        await standing.turn(session, actor, endpoint, EndpointState.disabled, rules.DISABLED)
    return _shown(endpoint)


async def rotate_secret(session: AsyncSession, actor: Actor, desk: Desk, id: UUID, grace_days: int) -> EndpointCreated:
    """A new secret, shown this once; those before it sign along until the grace is over."""
    endpoint = await found(session, actor, id, lock=True)
    secret = secrets.rotate(desk.vault, endpoint, grace_days)
    changed(session, actor, endpoint, rules.ROTATED, endpoint.state)
    return EndpointCreated(**_shown(endpoint).model_dump(), secret=secret)


async def send_test(session: AsyncSession, actor: Actor, id: UUID) -> EndpointTest:
    """An event that only this endpoint is sent, by the way of all others."""
    endpoint = await found(session, actor, id)
    if endpoint.state not in standing.SENT_TO:
        raise EndpointNotActive
    subject = Subject(endpoint.id, endpoint.version, endpoint.agency_id, None, endpoint.state, None, TEST)
    return EndpointTest(event_id=record(session, actor, rules.TESTED, subject))


async def read_stats(session: AsyncSession, actor: Actor, id: UUID) -> EndpointStats:
    """How an endpoint does: what waits, and how the attempts of the last day ended."""
    endpoint = await found(session, actor, id)
    since = now() - DAY
    waiting = (await session.execute(queries.waiting(endpoint, DeliveryState.pending))).one()
    given_up = (await session.execute(queries.waiting(endpoint, DeliveryState.parked))).one()
    ended = (await session.execute(queries.outcomes(endpoint, since))).all()
    median, slowest = (await session.execute(queries.latencies(endpoint, since))).one()
    return EndpointStats(
        state=EndpointState(endpoint.state),
        failures_in_a_row=endpoint.failures,
        failing_since=endpoint.failing_since,
        next_probe_at=endpoint.probe_at,
        last_success_at=endpoint.last_success_at,
        waiting=waiting[0],
        oldest_waiting_at=waiting[1],
        given_up=given_up[0],
        outcomes=[Outcomes(outcome=outcome, attempts=number) for outcome, number in ended],
        median_ms=median,
        p99_ms=slowest,
    )


async def found(session: AsyncSession, actor: Actor, id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """One endpoint of one's own, or NotFound."""
    statement = queries.one(actor, id)
    return await found_row(session, statement.with_for_update() if lock else statement)


def _wanted(endpoint: WebhookEndpoint, *, active: bool) -> EndpointState:
    """The state that an endpoint goes to when it is written anew."""
    if not active:
        return EndpointState.disabled
    if endpoint.verified_at is None:
        return EndpointState.pending
    off = endpoint.state in {EndpointState.disabled, EndpointState.pending}
    return EndpointState.active if off else EndpointState(endpoint.state)


def _check_function(actor: Actor, function: str | None) -> None:
    if function is not None and function not in actor.functions:
        raise BadField("function_not_held", "function")


def _tag(endpoint: WebhookEndpoint) -> str:
    return etag(endpoint.version, _asked(endpoint))


def _asked(endpoint: WebhookEndpoint) -> EndpointChallenge:
    due = endpoint.challenge_at if endpoint.state == EndpointState.pending else None
    return EndpointChallenge(attempts=endpoint.challenges, next_at=due, outcome=endpoint.challenge_outcome)


def _shown(endpoint: WebhookEndpoint) -> EndpointRead:
    plain = endpoint.model_dump(include=set(EndpointRead.model_fields) - {"etag", "challenge"})
    return EndpointRead(**plain, challenge=_asked(endpoint), etag=_tag(endpoint))
