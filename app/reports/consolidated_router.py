"""Consolidated reports."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, EDITS, LISTS, READS, add_moves
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import Conflict, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.reports import consolidated_rules as rules
from app.reports import consolidated_service as service
from app.reports.consolidated_models import ConsolidatedState
from app.reports.consolidated_schemas import (
    ConsolidatedRead,
    ConsolidatedSummary,
    ConsolidatedWrite,
    ConsolidateWrite,
)

router = APIRouter(prefix="/v1/consolidated-reports", tags=["reports"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.reports_read)]
Maker = Annotated[Actor, needs(Scope.reports_consolidate)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


async def consolidated_filter(
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[ConsolidatedState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of consolidated reports."""
    return {"year": year, "state": state}


@router.get("", response_model=Page[ConsolidatedSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_consolidated_reports(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(consolidated_filter)],
    paging: PagingDep,
) -> Response:
    """List the consolidated reports, newest first; agencies see those of which the committee has taken note."""
    return await service.list_consolidated(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def build_consolidated_report(
    body: ConsolidateWrite, actor: Maker, session: SessionDep, request: Request, response: Response
) -> ConsolidatedRead:
    """Build the consolidated report of a year from the accepted annual reports: one call.

    It says who is in, late or left out with a reason, and who is absent and why; indicators are summed with their
    origin, difficulties gathered.
    """
    made = await service.build(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/consolidated-reports/{made.id}")


@router.get("/{id}", response_model=ConsolidatedRead, responses=problems(*READS), openapi_extra=CITED)
async def get_consolidated_report(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one consolidated report with everything that was gathered."""
    return await service.read(reader, actor, id)


@router.put("/{id}", responses=problems(*EDITS), openapi_extra=CITED)
async def rebuild_consolidated_report(
    id: UUID, body: ConsolidatedWrite, expected: IfMatch, actor: Maker, session: SessionDep, response: Response
) -> ConsolidatedRead:
    """Build it again from what is accepted now, before it is sent up or after it was returned.

    The same inputs and words again change nothing.
    """
    return tagged(response, await service.rebuild(session, actor, id, expected, body))


add_moves(router, rules.CONSOLIDATED, service.KIND, ConsolidatedRead, service.move)
