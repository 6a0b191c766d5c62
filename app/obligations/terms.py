"""How one year is run, as the database has it or as the defaults say."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from app.obligations.deadlines import Calendar, Ordered, Terms, WeekendPolicy
from app.obligations.models import CalendarDay, CalendarDayKind, ObligationDeadline, ObligationYear


@dataclass(frozen=True, slots=True)
class Chasing:
    """When the service reminds by itself, in days from the last day on time."""

    reminder_days: tuple[int, ...]
    escalate_after_days: int | None


@cache
def defaults() -> dict[str, Any]:
    """What holds for a year that nobody opened."""
    return tomllib.loads((files("app.obligations") / "data" / "defaults.toml").read_text("utf-8"))


async def opened(session: AsyncSession, year: int, *, lock: bool = False) -> ObligationYear | None:
    """The year's own settings, if the coordinator opened it."""
    statement = select(ObligationYear).where(ObligationYear.year == year)
    return (await session.scalars(statement.with_for_update() if lock else statement)).one_or_none()


async def terms_of(session: AsyncSession, year: int) -> Terms:
    """The terms of a year."""
    setting = await opened(session, year)
    rows = await session.scalars(select(ObligationDeadline).where(ObligationDeadline.year == year))
    return Terms(
        weekend_policy=WeekendPolicy(setting.weekend_policy if setting else defaults()["weekend_policy"]),
        due_soon_days=setting.due_soon_days if setting else defaults()["due_soon_days"],
        calendar=await calendar(session),
        ordered={row.duty: Ordered(row.last_on_time_date, row.data_cutoff, row.locks_on) for row in rows},
        document=setting.document if setting else None,
    )


async def calendar(session: AsyncSession) -> Calendar:
    """Every day that is not what its weekday says."""
    days = (await session.scalars(select(CalendarDay))).all()
    return Calendar(
        holidays=frozenset(row.day for row in days if row.kind == CalendarDayKind.holiday),
        made_working=frozenset(row.day for row in days if row.kind == CalendarDayKind.working_day),
    )


def chasing(setting: ObligationYear | None) -> Chasing:
    """When a year's obligations are chased."""
    if setting:
        return Chasing(tuple(sorted(setting.reminder_days)), setting.escalate_after_days)
    return Chasing(tuple(sorted(defaults()["reminder_days"])), defaults()["escalate_after_days"])
