"""Statements over plans of the province for those who ask without a token; each starts at `visible`."""

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.provincial.models import ProvincialPlan
from app.provincial.queries import PUBLISHED


def visible(_: None = None) -> SelectOfScalar[ProvincialPlan]:
    """The plans of the province that were issued, whatever became of them since."""
    return select(ProvincialPlan).where(or_(*(col(ProvincialPlan.state) == state for state in PUBLISHED)))
