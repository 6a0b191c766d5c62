"""Report requests."""

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
from app.reports import request_rules, request_service
from app.reports.request_models import RequestState
from app.reports.request_schemas import RequestRead, RequestSummary, RequestWrite

router = APIRouter(prefix="/v1/report-requests", tags=["reports"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.reports_read)]
CITED = {"x-provisions": list(request_rules.PROVISIONS)}


async def request_filter(
    agency: Annotated[UUID | None, Query(description="Asked by this agency.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100, description="Issued in this year.")] = None,
    state: Annotated[RequestState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of requests."""
    return {"agency_id": agency, "year": year, "state": state}


@router.get("", response_model=Page[RequestSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_report_requests(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(request_filter)],
    paging: PagingDep,
) -> Response:
    """List the requests that ask one's own agency, newest first; the coordinator and the committee see all."""
    return await request_service.list_requests(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def issue_report_request(
    body: RequestWrite,
    actor: Annotated[Actor, needs(Scope.reports_request)],
    session: SessionDep,
    request: Request,
    response: Response,
) -> RequestRead:
    """Ask all, agencies of a kind, holders of a function or agencies by name for an ad hoc report.

    Each agency asked owes an obligation of its own from that moment; it answers with a report of kind `ad_hoc` that
    names the request, or with a nil return.
    """
    made = await request_service.issue(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/report-requests/{made.id}")


@router.get("/{id}", response_model=RequestRead, responses=problems(*READS), openapi_extra=CITED)
async def get_report_request(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one request: what every answer must hold, by when, and, for those who read all, who has answered."""
    return await request_service.read(reader, actor, id)


add_moves(router, request_rules.REQUEST, request_service.KIND, RequestRead, request_service.move)
