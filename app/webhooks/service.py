"""The verbs of the webhooks room."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow.procedure import changed, recorded
from app.kit.clock import now
from app.kit.etag import Expected, etag
from app.kit.failures import BadField
from app.kit.pages import Page, Paging, fetch
from app.kit.problems import EndpointNotActive, NotFound, WebhookUrlForbidden
from app.kit.vault import Vault
from app.webhooks import queries, rules
from app.webhooks.addresses import AddressRules
from app.webhooks.models import DeliveryState, EndpointState, WebhookDelivery, WebhookEndpoint
from app.webhooks.schemas import (
    AttemptRead,
    DeliveryDetail,
    DeliveryRead,
    EndpointChange,
    EndpointCreated,
    EndpointRead,
    EndpointWrite,
)
from app.webhooks.signing import new_secret


@dataclass(frozen=True, slots=True)
class Desk:
    """What registering an endpoint needs to know."""

    vault: Vault
    addresses: AddressRules
    event_types: Collection[str]

    async def check(self, body: EndpointWrite) -> None:
        """Refuse an unknown event type, or an address that webhooks may not go to."""
        families = {f"{name.partition('.')[0]}.*" for name in self.event_types}
        for at, name in enumerate(body.event_types):
            if name != "*" and name not in self.event_types and name not in families:
                raise BadField("unknown_event_type", "event_types", at)
        try:
            await self.addresses.vet(body.url)
        except OSError as error:
            raise WebhookUrlForbidden from error


async def list_endpoints(session: AsyncSession, actor: Actor, paging: Paging) -> Page[EndpointRead]:
    """One page of the actor's own endpoints."""
    rows, last = await fetch(session, queries.visible(actor), (col(WebhookEndpoint.id),), paging)
    return paging.page([_shown(row) for row in rows], last)


async def read_endpoint(session: AsyncSession, actor: Actor, id: UUID) -> EndpointRead:
    """One endpoint."""
    return _shown(await _found(session, actor, id))


async def create_endpoint(session: AsyncSession, actor: Actor, desk: Desk, body: EndpointWrite) -> EndpointCreated:
    """A new endpoint, active at once; its secret is shown this once."""
    assert actor.agency_id is not None
    await desk.check(body)
    secret = new_secret()
    endpoint = WebhookEndpoint(
        **body.model_dump(),
        agency_id=actor.agency_id,
        state=EndpointState.active,
        created_by=actor.client_id,
        secret_locked=desk.vault.lock(secret),
    )
    session.add(endpoint)
    recorded(session, actor, endpoint, rules.CREATED)
    return EndpointCreated(**_shown(endpoint).model_dump(), secret=secret)


async def change_endpoint(
    session: AsyncSession, actor: Actor, desk: Desk, id: UUID, expected: Expected, body: EndpointChange
) -> EndpointRead:
    """Replace what an endpoint receives, where, and whether."""
    await desk.check(body)
    endpoint = await _found(session, actor, id, lock=True)
    expected.check(endpoint.version, _tag(endpoint))
    endpoint.sqlmodel_update(body.model_dump(exclude={"active"}))
    previous, endpoint.state = endpoint.state, EndpointState.active if body.active else EndpointState.disabled
    changed(session, actor, endpoint, rules.CHANGED, previous)
    return _shown(endpoint)


async def delete_endpoint(session: AsyncSession, actor: Actor, id: UUID, expected: Expected) -> None:
    """Delete an endpoint and what was still on its way to it."""
    endpoint = await _found(session, actor, id, lock=True)
    expected.check(endpoint.version, _tag(endpoint))
    recorded(session, actor, endpoint, rules.DELETED, endpoint.state)
    await session.delete(endpoint)


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What a list of deliveries is narrowed by."""

    endpoint_id: UUID | None = None
    state: DeliveryState | None = None


async def list_deliveries(
    session: AsyncSession, actor: Actor, wanted: DeliveryFilter, paging: Paging
) -> Page[DeliveryRead]:
    """One page of the deliveries to the actor's own endpoints, newest first."""
    statement = queries.deliveries(actor)
    if wanted.endpoint_id:
        statement = statement.where(WebhookDelivery.endpoint_id == wanted.endpoint_id)
    if wanted.state:
        statement = statement.where(WebhookDelivery.state == wanted.state)
    rows, last = await fetch(session, statement, (col(WebhookDelivery.id),), paging, newest_first=True)
    return paging.page([_delivery(row) for row in rows], last)


async def read_delivery(session: AsyncSession, actor: Actor, id: UUID) -> DeliveryDetail:
    """One delivery with its attempts."""
    return await _detail(session, await _found_delivery(session, actor, id))


async def redeliver(session: AsyncSession, actor: Actor, id: UUID) -> DeliveryDetail:
    """Send a delivery again, with the same id and the whole schedule before it."""
    delivery = await _found_delivery(session, actor, id, lock=True)
    endpoint = await _found(session, actor, delivery.endpoint_id)
    if endpoint.state != EndpointState.active:
        raise EndpointNotActive
    delivery.state, delivery.attempts, delivery.next_at, delivery.leased_until = DeliveryState.pending, 0, now(), None
    delivery.delivered_at = None
    return await _detail(session, delivery)


async def _found(session: AsyncSession, actor: Actor, id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    statement = queries.one(actor, id)
    endpoint = (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()
    if endpoint is None:
        raise NotFound
    return endpoint


async def _found_delivery(session: AsyncSession, actor: Actor, id: UUID, *, lock: bool = False) -> WebhookDelivery:
    statement = queries.deliveries(actor).where(WebhookDelivery.id == id)
    delivery = (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()
    if delivery is None:
        raise NotFound
    return delivery


def _tag(endpoint: WebhookEndpoint) -> str:
    return etag(endpoint.version)


def _shown(endpoint: WebhookEndpoint) -> EndpointRead:
    return EndpointRead(**endpoint.model_dump(include=set(EndpointRead.model_fields) - {"etag"}), etag=_tag(endpoint))


def _delivery(row: WebhookDelivery) -> DeliveryRead:
    shown = row.model_dump(include=set(DeliveryRead.model_fields))
    return DeliveryRead(**shown | ({} if row.state == DeliveryState.pending else {"next_at": None}))


async def _detail(session: AsyncSession, row: WebhookDelivery) -> DeliveryDetail:
    attempts = (await session.scalars(queries.attempts(row))).all()
    shown = _delivery(row)
    return DeliveryDetail(
        **shown.model_dump(),
        tries=[AttemptRead.model_validate(attempt, from_attributes=True) for attempt in attempts],
        etag=etag(row.attempts, shown, len(attempts)),
    )
