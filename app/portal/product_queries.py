"""Statements over press products for those who ask without a token; each starts at `visible`."""

from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from app.press.supply_models import PressProduct


def visible(_: None = None) -> SelectOfScalar[PressProduct]:
    """All of them: what is published is for everybody."""
    return select(PressProduct)
