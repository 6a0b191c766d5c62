"""Statements over records for those who ask without a token; each starts at `visible`."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.records import reads
from app.records.kinds.investment import INVESTMENT_STATISTIC
from app.records.models import Record
from app.records.queries import is_public

NARROWED: Mapping[str, ColumnElement[bool]] = {name: reads.NARROWING[name] for name in ("from", "to", "language")}
"""How the public's list is narrowed by more than a column; not by words, some of which nobody is shown."""
_D = col(Record.details)
FIGURES: Mapping[str, Any] = {
    "capital_type": _D["capital_type"].as_string(),
    "frequency": _D["frequency"].as_string(),
    "area": _D["area"].as_string(),
    "starts_on": col(Record.starts_on),
    "ends_on": col(Record.ends_on),
    "projects": _D["projects"].as_integer(),
    "registered_amount": _D[("registered", "amount")].as_string(),
    "registered_currency": _D[("registered", "currency")].as_string(),
    "disbursed_amount": _D[("disbursed", "amount")].as_string(),
    "disbursed_currency": _D[("disbursed", "currency")].as_string(),
    "source": _D["source"].as_string(),
    "as_of": _D["as_of"].as_string().cast(Date),
    "id": col(Record.id),
}
"""The members of one row of figures, in their order."""


def visible(_: None = None) -> SelectOfScalar[Record]:
    """The records of public kinds in their public states."""
    return select(Record).where(is_public())


def figures(wanted: Iterable[str], most: int) -> Select[Any]:
    """The latest released figures of foreign capital; those `wanted` are narrowed by a parameter of that name."""
    found = visible().where(Record.kind == INVESTMENT_STATISTIC.name)
    for name in wanted:
        found = found.where(NARROWED[name] if name in NARROWED else FIGURES[name] == bindparam(f"wanted_{name}"))
    rows = found.with_only_columns(*(value.label(name) for name, value in FIGURES.items()))
    return rows.order_by(col(Record.starts_on).desc(), col(Record.id).desc()).limit(most)
