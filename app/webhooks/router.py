"""Webhook endpoints and deliveries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow.routes import CHANGES, CREATES, READS, REPEATS
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import (
    EndpointNotActive,
    InsufficientScope,
    InvalidCursor,
    InvalidParameter,
    InvalidToken,
    PreconditionFailed,
    PreconditionRequired,
    WebhookUrlForbidden,
    problems,
)
from app.kit.routing import Route
from app.webhooks import service
from app.webhooks.models import DeliveryState
from app.webhooks.schemas import (
    DeliveryDetail,
    DeliveryRead,
    EndpointChange,
    EndpointCreated,
    EndpointRead,
    EndpointWrite,
)
from app.webhooks.service import DeliveryFilter, Desk

router = APIRouter(prefix="/v1", tags=["webhooks"], route_class=Route)
Manager = Annotated[Actor, needs(Scope.webhooks_manage)]
LISTS = problems(InvalidParameter, InvalidCursor, InvalidToken, InsufficientScope)


def the_desk(request: Request) -> Desk:
    """Give the desk of this process."""
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(the_desk)]


@router.get("/webhook-endpoints", responses=LISTS)
async def list_webhook_endpoints(actor: Manager, session: SessionDep, paging: PagingDep) -> Page[EndpointRead]:
    """List one's own agency's endpoints."""
    return await service.list_endpoints(session, actor, paging)


@router.post(
    "/webhook-endpoints",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, WebhookUrlForbidden),
    dependencies=[CreatesOnce],
)
async def create_webhook_endpoint(
    body: EndpointWrite, actor: Manager, session: SessionDep, desk: DeskDep, request: Request, response: Response
) -> EndpointCreated:
    """Register an endpoint; the answer holds its secret, this once.

    Deliveries follow Standard Webhooks: check `webhook-signature` with the secret, answer 2xx within 15 seconds, and
    take `webhook-id` to notice repeats. An endpoint is told only what its agency may see.
    """
    endpoint = await service.create_endpoint(session, actor, desk, body)
    response.headers["Cache-Control"] = "no-store"
    return tagged(response, endpoint, f"{request.app.state.settings.public_url}/v1/webhook-endpoints/{endpoint.id}")


@router.get("/webhook-endpoints/{id}", responses=problems(*READS))
async def get_webhook_endpoint(id: UUID, actor: Manager, session: SessionDep, response: Response) -> EndpointRead:
    """Read one endpoint; its secret is not shown again."""
    return tagged(response, await service.read_endpoint(session, actor, id))


@router.put(
    "/webhook-endpoints/{id}",
    responses=problems(*CHANGES, WebhookUrlForbidden, PreconditionFailed, PreconditionRequired),
)
async def replace_webhook_endpoint(
    id: UUID,
    actor: Manager,
    body: EndpointChange,
    expected: IfMatch,
    session: SessionDep,
    desk: DeskDep,
    response: Response,
) -> EndpointRead:
    """Change what an endpoint receives, where, and whether; what happens while it is off waits for it."""
    return tagged(response, await service.change_endpoint(session, actor, desk, id, expected, body))


@router.delete(
    "/webhook-endpoints/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*READS, PreconditionFailed, PreconditionRequired),
)
async def delete_webhook_endpoint(id: UUID, actor: Manager, expected: IfMatch, session: SessionDep) -> None:
    """Delete an endpoint and what was still on its way to it; the events stay in the feed."""
    await service.delete_endpoint(session, actor, id, expected)


def delivery_filter(
    endpoint: Annotated[UUID | None, Query(description="Deliveries to this endpoint.")] = None,
    state: Annotated[DeliveryState | None, Query()] = None,
) -> DeliveryFilter:
    """Read the filter of a list of deliveries."""
    return DeliveryFilter(endpoint, state)


@router.get("/webhook-deliveries", responses=LISTS)
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
