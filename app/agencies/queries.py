"""Statements over the register; the register is open to every client, so nothing here narrows by actor."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, bindparam, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.models import FunctionHeld
from app.agencies.models import Agency, AgencyAlias, AgencyCode, AgencyName, AgencyParent, Dated, FocalPoint
from app.kit.clock import day_of, today
from app.kit.driver import Statement, run
from app.kit.text import pattern
from app.trail.models import AgencyNameAt

NAMES = Statement(
    select(
        col(AgencyName.agency_id), col(AgencyName.name_vi), col(AgencyName.valid_from), col(AgencyName.valid_to)
    ).where(col(AgencyName.agency_id) == any_(bindparam("agencies", type_=ARRAY(Uuid))))
)


def on(kind: type[Dated] | type[FunctionHeld] | type[Agency], day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The period of a dated row holds the day."""
    return and_(col(kind.valid_from) <= day, or_(col(kind.valid_to).is_(None), col(kind.valid_to) > day))


def called(agency_id: Any, instant: Any) -> ColumnElement[bool]:
    """For a join to `AgencyName`: what an agency was called on the day of an instant."""
    return and_(col(AgencyName.agency_id) == agency_id, on(AgencyName, day_of(instant)))


def names(day: date) -> SelectOfScalar[AgencyName]:
    """The names in force on a day: one for each agency that exists then."""
    return select(AgencyName).where(on(AgencyName, day))


def found_by(statement: SelectOfScalar[AgencyName], text: str) -> SelectOfScalar[AgencyName]:
    """Only agencies whose name or another spelling contains the text, diacritics and case aside."""
    alias = select(AgencyAlias.agency_id).where(col(AgencyAlias.folded).like(pattern(text)))
    return statement.where(
        or_(col(AgencyName.folded).like(pattern(text)), col(AgencyName.agency_id).in_(alias)),
    )


def holding(statement: SelectOfScalar[AgencyName], function: str, day: date) -> SelectOfScalar[AgencyName]:
    """Only agencies that hold the function on the day."""
    holders = select(FunctionHeld.agency_id).where(FunctionHeld.function == function, on(FunctionHeld, day))
    return statement.where(col(AgencyName.agency_id).in_(holders))


def of_kind(statement: SelectOfScalar[AgencyName], kind: str) -> SelectOfScalar[AgencyName]:
    """Only agencies of one kind."""
    return statement.where(col(AgencyName.agency_id).in_(select(Agency.id).where(Agency.kind == kind)))


def below(statement: SelectOfScalar[AgencyName], parent_id: UUID, day: date) -> SelectOfScalar[AgencyName]:
    """Only agencies that belong to another on the day."""
    children = select(AgencyParent.agency_id).where(AgencyParent.parent_id == parent_id, on(AgencyParent, day))
    return statement.where(col(AgencyName.agency_id).in_(children))


def coded(value: str, day: date) -> SelectOfScalar[UUID]:
    """The agency with this canonical code on the day, whatever the scheme."""
    return select(AgencyCode.agency_id).where(AgencyCode.value == value, on(AgencyCode, day))


def focal_points(agency_id: UUID) -> SelectOfScalar[FocalPoint]:
    """Everybody who was in charge in an agency; work contacts are for every client, and never public."""
    return select(FocalPoint).where(FocalPoint.agency_id == agency_id)


def focal_point(agency_id: UUID) -> SelectOfScalar[FocalPoint]:
    """Who is in charge in an agency now."""
    return focal_points(agency_id).where(col(FocalPoint.ended_at).is_(None))


async def holders(session: AsyncSession, functions: frozenset[str]) -> set[UUID]:
    """The agencies that hold one of these functions today."""
    held = select(FunctionHeld.agency_id).where(col(FunctionHeld.function).in_(functions), on(FunctionHeld, today()))
    return set(await session.scalars(held))


async def names_of(session: AsyncSession, agencies: set[UUID]) -> Sequence[AgencyNameAt]:
    """Every dated name of these agencies, for the log to show the one of the time."""
    if not agencies:
        return []
    rows = await run(session, NAMES, {"agencies": list(agencies)})
    return [AgencyNameAt(agency_id=id, name=name, valid_from=since, valid_to=until) for id, name, since, until in rows]
