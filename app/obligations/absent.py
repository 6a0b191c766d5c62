"""Who owed something of a year of which nothing can be taken in: named beside whatever is consolidated."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.agencies.models import AgencyName
from app.agencies.queries import on
from app.kit.clock import today
from app.law.citing import Clause
from app.obligations.models import Disposition, Obligation


@dataclass(frozen=True, slots=True)
class Absent:
    """An agency of whose papers nothing is taken in, and why."""

    agency_id: UUID
    agency: str
    state: str
    reason: str | None = None


async def absent(session: AsyncSession, duty: Clause, year: int) -> Sequence[Absent]:
    """Who owed this of the year and sent nothing that was accepted."""
    states = {
        Disposition.open: "missing",
        Disposition.received: "not_accepted",
        Disposition.nil_return: "nil_return",
        Disposition.waived: "waived",
    }
    statement = (
        select(Obligation, AgencyName.name_vi)
        .join(AgencyName, and_(col(AgencyName.agency_id) == col(Obligation.agency_id), on(AgencyName, today())))
        .where(Obligation.duty == duty, Obligation.year == year, col(Obligation.state).in_(list(states)))
    )
    return [
        Absent(row.agency_id, name, states[Disposition(row.state)], row.closed_reason)
        for row, name in (await session.execute(statement)).all()
    ]
