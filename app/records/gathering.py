"""What records bring into the consolidated report: the difficulties of the year (QC.END, QC.D8.K8)."""

from collections.abc import Sequence

from sqlalchemy import Integer, cast, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.agencies.models import AgencyName
from app.agencies.queries import called
from app.kit.clock import day_of
from app.records.kinds.difficulty import DIFFICULTY, S
from app.records.models import Record
from app.reports.hooks import DIFFICULTIES, Met

TOLD = ("provision", "description", "proposal")


async def difficulties(session: AsyncSession, year: int) -> Sequence[Met]:
    """Those of a year that stand, by the names their agencies had when they were told of; what was merged is in one."""
    day = func.coalesce(col(Record.starts_on), day_of(col(Record.created_at)))
    statement = (
        select(Record, AgencyName.name_vi)
        .join(AgencyName, called(col(Record.agency_id), col(Record.created_at)))
        .where(Record.kind == DIFFICULTY.name, cast(func.extract("year", day), Integer) == year)
        .where(col(Record.state).not_in([S.merged, S.withdrawn]))
    )
    return [_met(row, name) for row, name in await session.execute(statement)]


def _met(row: Record, name: str) -> Met:
    said = {"kind": row.details["type"], **{member: row.details[member] for member in TOLD}}
    return Met(row.id, row.agency_id, name, said)


DIFFICULTIES.append(difficulties)
