"""Who owed something of a year of which nothing can be taken in, and why: for those who make one of what all sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.agencies.models import AgencyName
from app.agencies.queries import on
from app.kit.clock import today
from app.law.citing import Clause
from app.obligations.models import Disposition, Obligation

_STATES = {
    Disposition.open: "missing",
    Disposition.received: "not_accepted",
    Disposition.nil_return: "nil_return",
    Disposition.waived: "waived",
}


@dataclass(frozen=True, slots=True)
class Absent:
    """An agency of whose submission nothing is taken in."""

    agency_id: UUID
    agency: str
    state: str
    reason: str | None = None

    @property
    def told(self) -> dict[str, str | None]:
        """It as JSON."""
        return {
            "agency_id": str(self.agency_id),
            "agency": self.agency,
            "state": self.state,
            "reason": self.reason,
        }


class AbsentRead(BaseModel):
    """An agency of whose submission nothing is taken in: missing, not accepted yet, a nil return, waived."""

    agency_id: UUID
    agency: str = Field(max_length=300)
    state: Literal["missing", "not_accepted", "nil_return", "waived"]
    reason: str | None = Field(max_length=300)


async def absent(session: AsyncSession, duty: Clause, year: int) -> Sequence[Absent]:
    """Who owes the duty for the year and is missing, not accepted, nil or waived, by the names of today."""
    statement = (
        select(Obligation, AgencyName.name_vi)
        .join(AgencyName, and_(col(AgencyName.agency_id) == col(Obligation.agency_id), on(AgencyName, today())))
        .where(Obligation.duty == duty, Obligation.year == year, col(Obligation.state).in_(list(_STATES)))
    )
    return [
        Absent(row.agency_id, name, _STATES[Disposition(row.state)], row.closed_reason)
        for row, name in (await session.execute(statement)).all()
    ]
