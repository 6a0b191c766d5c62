"""The names of agencies as a statement reads them: those in force on the day `today`."""

from typing import Any

from sqlalchemy import ColumnElement, Date, any_, bindparam, func, select
from sqlmodel import col

from app.agencies.models import AgencyName
from app.agencies.queries import on

TODAY: Any = bindparam("today", type_=Date)


def name(of: Any, column: Any = AgencyName.name_vi) -> ColumnElement[Any]:
    """The name of the agency with the id in this column; of one that is no more, its last."""
    known = select(col(column)).where(col(AgencyName.agency_id) == of, col(AgencyName.valid_from) <= TODAY)
    last = known.order_by(col(AgencyName.valid_from).desc()).limit(1)
    return last.correlate(of.table).scalar_subquery()


def names(of: Any) -> ColumnElement[Any]:
    """The names of the agencies with the ids in this array, in the dictionary's order."""
    known = select(col(AgencyName.name_vi)).where(col(AgencyName.agency_id) == any_(of), on(AgencyName, TODAY))
    return func.array(known.order_by(col(AgencyName.sort_key)).correlate(of.table).scalar_subquery())
