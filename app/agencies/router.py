"""Agencies and functions."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.agencies import service
from app.agencies.rules import FOCAL_POINT_PROVISION
from app.agencies.schemas import (
    AgencyDetail,
    AgencyRead,
    FocalPointList,
    FocalPointRead,
    FocalPointWrite,
    FunctionList,
)
from app.agencies.service import AgencyFilter
from app.flow.routes import EDITS
from app.kit import text
from app.kit.clock import Day, today
from app.kit.db import SessionDep
from app.kit.etag import OptionalIfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import (
    Conflict,
    InsufficientScope,
    InvalidCursor,
    InvalidParameter,
    InvalidToken,
    NotFound,
    problems,
)
from app.kit.routing import Route

router = APIRouter(prefix="/v1", tags=["agencies"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.registry_read)]


def day(
    as_of: Annotated[Day | None, Query(description="The day asked about (YYYY-MM-DD). Default: today.")] = None,
) -> date:
    """The day a question is about."""
    return as_of or today()


AsOf = Annotated[date, Depends(day)]


def agency_filter(
    as_of: AsOf,
    q: Annotated[
        text.Query | None, Query(description="Part of a name, without diacritics if you like: `buon don`.")
    ] = None,
    kind: Annotated[text.Code | None, Query(description="For example `department`, `district`.")] = None,
    function: Annotated[text.Code | None, Query(description="Holders of a function: `MEMBER`.")] = None,
    parent: Annotated[UUID | None, Query(description="Agencies that belong to this one.")] = None,
) -> AgencyFilter:
    """Read the filter of a list of agencies."""
    return AgencyFilter(as_of, q, kind, function, parent)


@router.get("/agencies", responses=problems(InvalidParameter, InvalidCursor, InvalidToken, InsufficientScope))
async def list_agencies(
    _: Reader, session: SessionDep, wanted: Annotated[AgencyFilter, Depends(agency_filter)], paging: PagingDep
) -> Page[AgencyRead]:
    """List the agencies that existed on a day, in Vietnamese order.

    Search ignores diacritics, case, apostrophes and hyphens: `mdrak` finds M'Đrắk.
    """
    return await service.list_agencies(session, wanted, paging)


@router.get("/agencies/by-code/{code}", responses=problems(InvalidParameter, InvalidToken, InsufficientScope, NotFound))
async def get_agency_by_code(
    code: text.Code, _: Reader, session: SessionDep, as_of: AsOf, response: Response
) -> AgencyDetail:
    """Find the agency that had a code on a day.

    Both forms of the electronic identifier are understood (`H15.15` and `000.00.15.H15`), and codes of the
    General Statistics Office (`647`).
    """
    return tagged(response, await service.read_by_code(session, code, as_of))


@router.get("/agencies/{id}", responses=problems(InvalidParameter, InvalidToken, InsufficientScope, NotFound))
async def get_agency(id: UUID, _: Reader, session: SessionDep, as_of: AsOf, response: Response) -> AgencyDetail:
    """Read one agency: as it stood on a day, and its history."""
    return tagged(response, await service.read_agency(session, id, as_of))


@router.get("/agencies/{id}/focal-point", responses=problems(InvalidToken, InsufficientScope, NotFound))
async def get_focal_point(id: UUID, _: Reader, session: SessionDep, response: Response) -> FocalPointRead:
    """Read who is in charge of external information in an agency now (QC.D7.K4)."""
    return tagged(response, await service.read_focal_point(session, id))


@router.get("/agencies/{id}/focal-points", responses=problems(InvalidToken, InsufficientScope, NotFound))
async def list_focal_points(id: UUID, _: Reader, session: SessionDep) -> FocalPointList:
    """List everybody who was in charge in an agency, newest first."""
    return await service.list_focal_points(session, id)


@router.put(
    "/agencies/{id}/focal-point",
    responses=problems(*EDITS, Conflict) | {201: {"model": FocalPointRead, "description": "The first one"}},
    openapi_extra={"x-provisions": [FOCAL_POINT_PROVISION]},
)
async def assign_focal_point(
    id: UUID,
    body: FocalPointWrite,
    expected: OptionalIfMatch,
    actor: Annotated[Actor, needs(Scope.focal_points_write)],
    session: SessionDep,
    response: Response,
) -> FocalPointRead:
    """Put an organisation or a person in charge of one's own agency; the coordinator is told.

    Whoever was in charge before stays in the history; to replace somebody, name the version you read in `If-Match`.
    """
    assigned, is_first = await service.assign_focal_point(session, actor, id, expected, body)
    if is_first:
        response.status_code = status.HTTP_201_CREATED
    return tagged(response, assigned)


@router.get("/functions", responses=problems(InvalidParameter, InvalidToken, InsufficientScope))
async def list_functions(_: Reader, session: SessionDep, as_of: AsOf) -> FunctionList:
    """List the functions of the regulation and who held them on a day.

    Duties, scopes and notifications belong to functions, never to an agency's name: after a reorganisation the new
    holder has them.
    """
    return FunctionList(items=await service.read_functions(session, as_of))
