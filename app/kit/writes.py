"""The fast path of writing: new rows are collected and go to PostgreSQL in one statement, just before the COMMIT.

Everything a new row has (ids, instants) is made here, so nothing has to be asked back, and the foreign keys between the
rows of one statement are checked at its end. The rows of each table travel as one JSON parameter: the text depends on
the tables alone.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from pydantic_core import to_json
from sqlalchemy import LargeBinary, Table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import SQLModel

from app.kit.db import run_last
from app.kit.driver import Statement, run

M = TypeVar("M", bound=SQLModel)
MOST_COMPILED = 256
"""Combinations of tables whose statement is kept."""


def fresh(table: type[M], values: Mapping[str, Any]) -> M:
    """A new row to be inserted by `insert`: SQLModel's own way of making one costs ten times as much.

    It is never added to a session; what is not given has its default.
    """
    row: M = manager_of_class(table).new_instance()
    fixed, made = _defaults(table)
    vars(row).update(fixed, **{name: make() for name, make in made if name not in values}, **values)
    for name, value in (("fields_set", set(values)), ("extra", None), ("private", None)):
        object.__setattr__(row, f"__pydantic_{name}__", value)
    return row


@lru_cache(MOST_COMPILED)
def _defaults(table: type[SQLModel]) -> tuple[Mapping[str, Any], Sequence[tuple[str, Callable[[], Any]]]]:
    """The defaults that are always the same, and what makes the others."""
    known = {name: field for name, field in table.model_fields.items() if not field.is_required()}
    # Pydantic's own `get_default` looks at the factory's signature each time.
    made = [(name, cast("Callable[[], Any]", f.default_factory)) for name, f in known.items() if f.default_factory]
    return {name: f.default for name, f in known.items() if not f.default_factory}, made


def insert(session: AsyncSession, table: Any, values: Mapping[str, Any]) -> None:
    """Insert a row at the end of the transaction; `values` names every column (a model's `vars` will do)."""
    rows: dict[Table, list[dict[str, Any]]] = session.info.setdefault("rows", {})
    if not rows:
        run_last(session, write)
    names, binary = _columns(table.__table__)
    row = {name: values[name] for name in names}
    for name in binary:
        row[name] = f"\\x{row[name].hex()}"
    rows.setdefault(table.__table__, []).append(row)


async def write(session: AsyncSession) -> None:
    """Write what was collected; a service that has to ask for it in the same transaction does so earlier."""
    # What goes through the unit of work stands first: new rows may point at it.
    await session.flush()
    if rows := session.info.pop("rows", None):
        values = {table.name: to_json(some).decode() for table, some in rows.items()}
        await run(session, _statement(tuple(rows)), values)


@lru_cache(MOST_COMPILED)
def _columns(table: Table) -> tuple[list[str], list[str]]:
    return [c.name for c in table.c], [c.name for c in table.c if isinstance(c.type, LargeBinary)]


@lru_cache(MOST_COMPILED)
def _statement(tables: tuple[Table, ...]) -> Statement:
    parts = []
    for table in tables:
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        rows = f"json_populate_recordset(CAST(NULL AS {table.name}), CAST(:{table.name} AS json))"
        parts.append(f"new_{table.name} AS (INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {rows})")  # noqa: S608 - our own tables' names
    return Statement(text(f"WITH {', '.join(parts)} SELECT"))
