"""The calendar of days off and of weekend days made working days: kept by the coordinator, never computed."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.kit.etag import Expected, etag
from app.kit.problems import NotFound, PreconditionRequired
from app.obligations import rules
from app.obligations.expected import settle
from app.obligations.models import CalendarDay, Obligation
from app.obligations.schemas import CalendarDayRead, CalendarDayWrite, CalendarRead
from app.trail.record import EventType, Subject, record


async def read_calendar(session: AsyncSession, year: int) -> CalendarRead:
    """The days of a year that are not what their weekday says."""
    of_year = col(CalendarDay.day).between(date(year, 1, 1), date(year, 12, 31))
    days = await session.scalars(select(CalendarDay).where(of_year).order_by(col(CalendarDay.day)))
    return CalendarRead(items=[_shown(day) for day in days])


async def set_day(
    session: AsyncSession, actor: Actor, day: date, expected: Expected | None, body: CalendarDayWrite
) -> tuple[CalendarDayRead, bool]:
    """Write a day; also whether it is new. Deadlines that it moves are moved."""
    row = await _found(session, day)
    is_new = row is None
    if row is None:
        row = CalendarDay(day=day, **body.model_dump())
        session.add(row)
    else:
        if expected is None:
            raise PreconditionRequired
        expected.check(row.version, etag(row.version))
        if body.model_dump() == row.model_dump(include=set(CalendarDayWrite.model_fields)):
            return _shown(row), False
        row.sqlmodel_update(body.model_dump())
        row.version += 1
    await _follow(session, actor, row, rules.DAY_SET)
    return _shown(row), is_new


async def clear_day(session: AsyncSession, actor: Actor, day: date, expected: Expected) -> None:
    """Let a day be what its weekday says."""
    row = await _found(session, day)
    if row is None:
        raise NotFound
    expected.check(row.version, etag(row.version))
    await session.delete(row)
    await _follow(session, actor, row, rules.DAY_CLEARED)


async def _follow(session: AsyncSession, actor: Actor, row: CalendarDay, event: EventType) -> None:
    record(session, actor, event, Subject(row.id, row.version, None, row.day.isoformat()))
    await session.flush()
    # What is due round a day of one year may be owed for the next; in order, as the worker settles years.
    near = col(Obligation.year).between(row.day.year - 1, row.day.year + 1)
    for year in await session.scalars(select(Obligation.year).where(near).distinct().order_by(col(Obligation.year))):
        if year is not None:
            await settle(session, actor, year)


async def _found(session: AsyncSession, day: date) -> CalendarDay | None:
    return (await session.scalars(select(CalendarDay).where(CalendarDay.day == day).with_for_update())).one_or_none()


def _shown(row: CalendarDay) -> CalendarDayRead:
    facts = row.model_dump(include=set(CalendarDayRead.model_fields))
    return CalendarDayRead(**facts, etag=etag(row.version))
