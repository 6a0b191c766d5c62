"""Years and the calendar: how obligations are dated and chased."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.flow.routes import CHANGES, READS
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, OptionalIfMatch, tagged
from app.kit.problems import Conflict, InvalidParameter, PreconditionFailed, PreconditionRequired, problems
from app.kit.routing import Route
from app.obligations import calendar, rules, years
from app.obligations.schemas import CalendarDayRead, CalendarDayWrite, CalendarRead, YearRead, YearWrite

years_router = APIRouter(prefix="/v1/obligation-years", tags=["obligations"], route_class=Route)
calendar_router = APIRouter(prefix="/v1/calendar-days", tags=["obligations"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.obligations_read)]
Manager = Annotated[Actor, needs(Scope.obligations_manage)]
Year = Annotated[int, Path(ge=2013, le=2100)]
Day = Annotated[date, Path(ge=date(2013, 1, 1), le=date(2100, 12, 31))]
CITED = {"x-provisions": list(rules.CHASE)}
WRITES = (*CHANGES, Conflict, InvalidParameter, PreconditionFailed, PreconditionRequired)


@years_router.get("/{year}", responses=problems(*READS), openapi_extra=CITED)
async def get_obligation_year(year: Year, _: Reader, session: SessionDep, response: Response) -> YearRead:
    """Read how a year is run: its dates with their sources, its chasing, and where sources contradict each other.

    A year that nobody opened shows the defaults; what the regulation itself dates is owed all the same.
    """
    return tagged(response, await years.read_year(session, year))


@years_router.put(
    "/{year}",
    responses=problems(*WRITES) | {201: {"model": YearRead, "description": "Opened"}},
    openapi_extra=CITED,
)
async def open_obligation_year(
    year: Year,
    body: YearWrite,
    expected: OptionalIfMatch,
    actor: Manager,
    session: SessionDep,
    request: Request,
    response: Response,
) -> YearRead:
    """Open a year, or run it otherwise from now on (then with If-Match).

    Where the text names no date, the dispatch named here sets it. What was received already keeps the deadline it was
    judged by. The same settings again change nothing.
    """
    shown, is_new = await years.write_year(session, actor, year, expected, body)
    if is_new:
        response.status_code = status.HTTP_201_CREATED
    return tagged(response, shown, f"{request.app.state.settings.public_url}/v1/obligation-years/{year}")


@calendar_router.get("", responses=problems(*READS), openapi_extra=CITED)
async def list_calendar_days(
    _: Reader, session: SessionDep, year: Annotated[int, Query(ge=2013, le=2100)]
) -> CalendarRead:
    """List the holidays of a year, and the weekend days that were made working days."""
    return await calendar.read_calendar(session, year)


@calendar_router.put(
    "/{day}",
    responses=problems(*WRITES) | {201: {"model": CalendarDayRead, "description": "Written"}},
    openapi_extra=CITED,
)
async def set_calendar_day(
    day: Day, body: CalendarDayWrite, expected: OptionalIfMatch, actor: Manager, session: SessionDep, response: Response
) -> CalendarDayRead:
    """Write down a holiday, or a weekend day made a working day; open deadlines follow where the year's policy says."""
    shown, is_new = await calendar.set_day(session, actor, day, expected, body)
    if is_new:
        response.status_code = status.HTTP_201_CREATED
    return tagged(response, shown)


@calendar_router.delete(
    "/{day}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*WRITES), openapi_extra=CITED
)
async def clear_calendar_day(day: Day, expected: IfMatch, actor: Manager, session: SessionDep) -> None:
    """Let a day be what its weekday says again."""
    await calendar.clear_day(session, actor, day, expected)
