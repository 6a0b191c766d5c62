"""Obligations: who owes what, by when, and what came."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.flow.routes import LISTS, READS, add_moves
from app.kit.db import SessionDep
from app.kit.pages import Page, PagingDep
from app.kit.problems import InsufficientScope, InvalidParameter, InvalidToken, QuotaExceeded, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.kit.tables import TABLE, Format, FormatDep
from app.kit.text import Code
from app.obligations import chase, matrix, rules, service
from app.obligations.matrix_schemas import ChaseList, MatrixRead
from app.obligations.models import ObligationState
from app.obligations.schemas import ObligationRead, ObligationSummary
from app.obligations.service import ObligationFilter

router = APIRouter(prefix="/v1/obligations", tags=["obligations"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.obligations_read)]
CITED = {"x-provisions": list(rules.CHASE)}
OVERVIEWS = (InvalidParameter, InvalidToken, InsufficientScope, QuotaExceeded)


async def obligation_filter(
    agency: Annotated[UUID | None, Query(description="What this agency owes.")] = None,
    duty: Annotated[Code | None, Query(description="Of this duty: `QC.D7.K3-a`.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    period: Annotated[Code | None, Query(description="Of this period: `2027`, `2027-03`.")] = None,
    state: Annotated[ObligationState | None, Query()] = None,
    request: Annotated[
        UUID | None, Query(description="What this report request, or this task of the plan, asks for.")
    ] = None,
) -> ObligationFilter:
    """Read the filter of a list of obligations."""
    return ObligationFilter(agency, duty, year, period, state, request)


@router.get("", response_model=Page[ObligationSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_obligations(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[ObligationFilter, Depends(obligation_filter)],
    paging: PagingDep,
) -> Response:
    """List what one's own agency owes; the coordinator and the People's Committee see what everybody does.

    States are worked out at the moment of reading: an obligation goes overdue without anybody touching it.
    """
    return await service.list_obligations(reader, actor, wanted, paging)


@router.get("/matrix", response_model=MatrixRead, responses=TABLE | problems(*OVERVIEWS), openapi_extra=CITED)
async def get_obligation_matrix(
    actor: Reader,
    reader: ReaderDep,
    format: FormatDep,
    year: Annotated[int, Query(ge=2013, le=2100, description="The year that is reported on, or planned for.")],
) -> Response:
    """Read a year as agencies × duties with counts and rates: who sent nothing stands in it as well.

    Standing duties are counted as they stand now. As CSV or a spreadsheet: a row for each agency and duty.
    """
    found = await matrix.matrix(reader, actor, year)
    return matrix.tabled(found).respond(format) if format is not Format.json else matrix.written(found)


@router.get("/chase-list", response_model=ChaseList, responses=TABLE | problems(*OVERVIEWS), openapi_extra=CITED)
async def get_chase_list(actor: Reader, session: SessionDep, format: FormatDep) -> Response | ChaseList:
    """Read everything that is due or overdue, by agency, with the reminders it took so far."""
    found = await chase.chase_list(session, actor)
    if format is Format.json:
        return found
    return chase.tabled("don-doc", chase.CHASE_TITLES, found.items).respond(format)


@router.get("/{id}", response_model=ObligationRead, responses=problems(*READS), openapi_extra=CITED)
async def get_obligation(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one obligation: its deadline and where that comes from, what answered it, what may be done now."""
    return await service.read(reader, actor, id)


add_moves(router, rules.OBLIGATION, service.KIND, ObligationRead, service.move)
