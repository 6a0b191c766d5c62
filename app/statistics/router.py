"""Statistics: what was done, by whom, where, and in what form."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.kit.db import SessionDep
from app.kit.problems import InsufficientScope, InvalidParameter, InvalidToken, QuotaExceeded, problems
from app.kit.routing import Route
from app.kit.tables import TABLE, Format, FormatDep
from app.law.citing import clauses
from app.statistics import service
from app.statistics.queries import CountedBy
from app.statistics.schemas import StatisticsRead

router = APIRouter(prefix="/v1/statistics", tags=["statistics"], route_class=Route)
CITED = {"x-provisions": list(clauses("QC.D8.K2-c", "QC.D8.K8"))}
BY_AGENCY = [CountedBy.agency]


@router.get(
    "",
    response_model=StatisticsRead,
    responses=TABLE | problems(InvalidParameter, InvalidToken, InsufficientScope, QuotaExceeded),
    openapi_extra=CITED,
)
async def get_statistics(
    actor: Annotated[Actor, needs(Scope.reports_read)],
    session: SessionDep,
    format: FormatDep,
    year: Annotated[int, Query(ge=2013, le=2100, description="The year that the activities fall on.")],
    by: Annotated[list[CountedBy], Query(min_length=1, max_length=2, description="One or two keys.")] = BY_AGENCY,
) -> Response | StatisticsRead:
    """Read the activities of a year counted by agency, area, category of content, channel, form, quarter or month.

    An agency counts its own; those who read all count everybody's.
    """
    found = await service.statistics(session, actor, year, by)
    return found if format is Format.json else service.tabled(found).respond(format)
