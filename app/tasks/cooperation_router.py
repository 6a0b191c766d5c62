"""Requests to cooperate on tasks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.flow.routes import LISTS, READS, add_moves
from app.kit.pages import Page, PagingDep
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.tasks import rules, service
from app.tasks.models import CooperationState
from app.tasks.router import COOPERATING, Reader
from app.tasks.schemas import CooperationRead, CooperationSummary

router = APIRouter(prefix="/v1/cooperations", tags=["tasks"], route_class=Route)


async def cooperation_filter(
    agency: Annotated[UUID | None, Query(description="Asked of this agency.")] = None,
    lead: Annotated[UUID | None, Query(description="On the tasks that this agency leads.")] = None,
    task: Annotated[UUID | None, Query(description="On this task.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[CooperationState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of requests to cooperate."""
    return {"agency_id": agency, "lead_agency_id": lead, "task_id": task, "year": year, "state": state}


@router.get("", response_model=Page[CooperationSummary], responses=problems(*LISTS), openapi_extra=COOPERATING)
async def list_cooperations(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(cooperation_filter)],
    paging: PagingDep,
) -> Response:
    """List what one's own agency is asked to cooperate on, and whom it asked; overseers see all."""
    return await service.list_cooperations(reader, actor, wanted, paging)


@router.get("/{id}", response_model=CooperationRead, responses=problems(*READS), openapi_extra=COOPERATING)
async def get_cooperation(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one request to cooperate: what is asked, what was answered, what was contributed."""
    return await service.read_cooperation(reader, actor, id)


add_moves(router, rules.COOPERATION, service.COOPERATION_KIND, CooperationRead, service.move_cooperation)
