"""Webhook deliveries and recoveries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow.routes import CREATES, LISTS, READS, REPEATS
from app.kit.clock import Instant
from app.kit.db import SessionDep
from app.kit.etag import tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import EndpointNotActive, NotFound, WrongState, problems
from app.kit.routing import Route
from app.webhooks import delivery_service as service
from app.webhooks.delivery_schemas import DeliveryDetail, DeliveryRead, RecoveryRead, RecoveryWrite
from app.webhooks.delivery_service import DeliveryFilter
from app.webhooks.models import DeliveryState
from app.webhooks.router import DeskDep, Manager

router = APIRouter(prefix="/v1", tags=["webhooks"], route_class=Route)


def delivery_filter(
    endpoint: Annotated[UUID | None, Query(description="Deliveries to this endpoint.")] = None,
    state: Annotated[DeliveryState | None, Query()] = None,
    type: Annotated[str | None, Query(max_length=64, description="Deliveries of this event type.")] = None,
    since: Annotated[Instant | None, Query(description="Made then or later.")] = None,
    until: Annotated[Instant | None, Query(description="Made before then.")] = None,
) -> DeliveryFilter:
    """Read the filter of a list of deliveries."""
    return DeliveryFilter(endpoint, state, type, since, until)


@router.get("/webhook-deliveries", responses=problems(*LISTS))
async def list_webhook_deliveries(
    actor: Manager, session: SessionDep, wanted: Annotated[DeliveryFilter, Depends(delivery_filter)], paging: PagingDep
) -> Page[DeliveryRead]:
    """List the deliveries to one's own endpoints, newest first."""
    return await service.list_deliveries(session, actor, wanted, paging)


@router.get("/webhook-deliveries/{id}", responses=problems(*READS))
async def get_webhook_delivery(id: UUID, actor: Manager, session: SessionDep, response: Response) -> DeliveryDetail:
    """Read one delivery with its attempts and what the receiver answered."""
    return tagged(response, await service.read_delivery(session, actor, id))


@router.post(
    "/webhook-deliveries/{id}/redeliver",
    responses=problems(*READS, *REPEATS, EndpointNotActive),
    dependencies=[MovesOnce],
)
async def redeliver_webhook_delivery(
    id: UUID, actor: Manager, session: SessionDep, response: Response
) -> DeliveryDetail:
    """Send a delivery again, with the same id and a fresh schedule."""
    return tagged(response, await service.redeliver(session, actor, id))


@router.post(
    "/webhook-deliveries/{id}/discard",
    responses=problems(*READS, *REPEATS, WrongState),
    dependencies=[MovesOnce],
)
async def discard_webhook_delivery(id: UUID, actor: Manager, session: SessionDep, response: Response) -> DeliveryDetail:
    """Give up a delivery that was not made; the log keeps who did it."""
    return tagged(response, await service.discard(session, actor, id))


@router.post(
    "/webhook-endpoints/{id}/recoveries",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotFound),
    dependencies=[CreatesOnce],
)
async def start_webhook_recovery(
    id: UUID,
    body: RecoveryWrite,
    actor: Manager,
    session: SessionDep,
    desk: DeskDep,
    request: Request,
    response: Response,
) -> RecoveryRead:
    """Send an endpoint what it missed, without any limit; the worker does it, at the pace of the receiver.

    Deliveries that were given up get a fresh schedule, and events that never had one (the endpoint is younger than
    they, or subscribed to them later) get a delivery; always with the event's own id.
    """
    job = await service.start_recovery(session, actor, desk, id, body)
    base = request.app.state.settings.public_url
    return tagged(response, job, f"{base}/v1/webhook-endpoints/{id}/recoveries/{job.id}")


@router.get("/webhook-endpoints/{id}/recoveries/{recovery_id}", responses=problems(*READS))
async def get_webhook_recovery(
    id: UUID, recovery_id: UUID, actor: Manager, session: SessionDep, response: Response
) -> RecoveryRead:
    """Read how far a recovery is."""
    return tagged(response, await service.read_recovery(session, actor, id, recovery_id))
