"""Guidance and orientation of the press."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, LISTS, READS, add_moves
from app.kit.db import SessionDep
from app.kit.etag import tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.press import guidance_rules as rules
from app.press import guidance_service as service
from app.press.guidance_models import GuidanceKind, GuidanceState
from app.press.guidance_schemas import GuidanceRead, GuidanceSummary, GuidanceWrite

router = APIRouter(prefix="/v1/press-guidance", tags=["press"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.press_read)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


async def guidance_filter(
    agency: Annotated[UUID | None, Query(description="By this agency.")] = None,
    event: Annotated[UUID | None, Query(description="Attached to this press event.")] = None,
    kind: Annotated[GuidanceKind | None, Query(description="Only this kind.")] = None,
    state: Annotated[GuidanceState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of guidance."""
    return {"agency_id": agency, "press_event_id": event, "kind": kind, "state": state}


@router.get("", response_model=Page[GuidanceSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_press_guidance(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(guidance_filter)],
    paging: PagingDep,
) -> Response:
    """List the guidance one has written or is addressed in, newest first."""
    return await service.list_guidance(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def issue_press_guidance(
    body: GuidanceWrite,
    actor: Annotated[Actor, needs(Scope.press_guide)],
    session: SessionDep,
    request: Request,
    response: Response,
) -> GuidanceRead:
    """Guide press bodies by name, or those at a press event; read by its writer, by them, and by those who read all.

    The coordinator's guidance at a periodic briefing that is concluded meets its duty of that month by itself.
    """
    made = await service.issue(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/press-guidance/{made.id}")


@router.get("/{id}", response_model=GuidanceRead, responses=problems(*READS), openapi_extra=CITED)
async def get_press_guidance(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one piece of guidance."""
    return await service.read(reader, actor, id)


add_moves(router, rules.PRESS_GUIDANCE, service.KIND, GuidanceRead, service.move)
