"""Webhook endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce, MovesOnce
from app.flow.routes import CHANGES, CREATES, READS, REPEATS
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.patch import MergePatch, MergePatchType
from app.kit.problems import (
    EndpointNotActive,
    IdempotencyKeyRequired,
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
from app.webhooks.schemas import (
    EndpointChange,
    EndpointCreated,
    EndpointRead,
    EndpointStats,
    EndpointTest,
    EndpointWrite,
    Rotation,
)
from app.webhooks.service import Desk

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

    It is pending until it answers a signed challenge (`webhook_endpoint.challenge`) with 2xx and the text of
    `data.challenge`, alone or as `{"challenge": …}`; the worker asks at once and, where that fails, by the schedule of
    deliveries. What happens meanwhile waits.

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
    """Change what an endpoint receives, where, and whether; what happens while it is off waits for it.

    A new address is pending until it has answered its challenge.
    """
    return tagged(response, await service.change_endpoint(session, actor, desk, id, expected, body))


@router.patch(
    "/webhook-endpoints/{id}",
    responses=problems(*CHANGES, WebhookUrlForbidden, PreconditionFailed, PreconditionRequired),
    dependencies=[MergePatchType],
)
async def patch_webhook_endpoint(
    id: UUID,
    actor: Manager,
    body: MergePatch,
    expected: IfMatch,
    session: SessionDep,
    desk: DeskDep,
    response: Response,
) -> EndpointRead:
    """Change some members of an endpoint (RFC 7396); a new address is pending until it has answered its challenge."""
    return tagged(response, await service.patch_endpoint(session, actor, desk, id, expected, body))


@router.delete(
    "/webhook-endpoints/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*READS, PreconditionFailed, PreconditionRequired),
)
async def delete_webhook_endpoint(id: UUID, actor: Manager, expected: IfMatch, session: SessionDep) -> None:
    """Delete an endpoint and what was still on its way to it; the events stay in the feed."""
    await service.delete_endpoint(session, actor, id, expected)


MOVES = problems(*READS, *REPEATS)
SENDS = problems(*READS, *REPEATS, EndpointNotActive)


@router.post("/webhook-endpoints/{id}/verify", responses=SENDS, dependencies=[MovesOnce])
async def verify_webhook_endpoint(id: UUID, actor: Manager, session: SessionDep, response: Response) -> EndpointRead:
    """Send a pending endpoint its challenge again, at once; registering it sent the first.

    The worker asks; `challenge` of the endpoint says how it ended. What was proven before stays active.
    """
    return tagged(response, await service.verify(session, actor, id))


@router.post("/webhook-endpoints/{id}/enable", responses=MOVES, dependencies=[MovesOnce])
async def enable_webhook_endpoint(id: UUID, actor: Manager, session: SessionDep, response: Response) -> EndpointRead:
    """Switch an endpoint on: what waited goes out, oldest first. An address never proven is sent its challenge."""
    return tagged(response, await service.enable(session, actor, id))


@router.post("/webhook-endpoints/{id}/disable", responses=MOVES, dependencies=[MovesOnce])
async def disable_webhook_endpoint(id: UUID, actor: Manager, session: SessionDep, response: Response) -> EndpointRead:
    """Switch an endpoint off: what happens meanwhile waits for it."""
    return tagged(response, await service.disable(session, actor, id))


@router.post(
    "/webhook-endpoints/{id}/rotate-secret",
    responses=problems(*CHANGES, *REPEATS, IdempotencyKeyRequired),
    dependencies=[CreatesOnce],
)
async def rotate_webhook_secret(
    id: UUID, body: Rotation, actor: Manager, session: SessionDep, desk: DeskDep, response: Response
) -> EndpointCreated:
    """Give an endpoint a new secret, shown this once.

    During the grace `webhook-signature` carries a signature of every secret that still lives.
    """
    response.headers["Cache-Control"] = "no-store"
    return tagged(response, await service.rotate_secret(session, actor, desk, id, body.grace_days))


@router.post("/webhook-endpoints/{id}/test", responses=SENDS, dependencies=[MovesOnce])
async def test_webhook_endpoint(id: UUID, actor: Manager, session: SessionDep) -> EndpointTest:
    """Send this endpoint, and no other, a test event (`data.test` is true) by the way of all events."""
    return await service.send_test(session, actor, id)


@router.get("/webhook-endpoints/{id}/stats", responses=problems(*READS))
async def get_webhook_endpoint_stats(id: UUID, actor: Manager, session: SessionDep) -> EndpointStats:
    """Read how an endpoint does: what waits for it, failures in a row, outcomes and latency of the last 24 hours."""
    return await service.read_stats(session, actor, id)
