"""Statements past SQLAlchemy's cursors: compiled once, run on asyncpg itself, at a fifth of the cost."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement, Dialect, func
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT: Dialect = PGDialect_asyncpg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


# The latter when the server's farewell comes just as a statement is sent.
_GONE = (asyncpg.InterfaceError, asyncpg.InternalClientError)
PLAN_ONCE = func.set_config("plan_cache_mode", "force_generic_plan", True)  # noqa: FBT003 - for this transaction
"""For statements that take longer to plan than to run, as those made of every room's sight do: milliseconds each time.
Not for those whose plan hangs on their parameters: a LIMIT, above all."""


class Statement:
    """One statement as asyncpg takes it, with the names of its parameters in their order."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)
        assert not compiled.post_compile_params, "an IN over a list changes the text: ask with `= ANY` instead"
        self.text = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._constants: Mapping[str, Any] = compiled.params

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the parameters."""
        return [values[name] if name in values else self._constants[name] for name in self._names]


async def fetch(connection: Any, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a statement; it fails as SQLAlchemy does, so that failures are told apart in one place."""
    try:
        rows: Sequence[Any] = await connection.fetch(statement.text, *statement.arguments(values))
    except (asyncpg.PostgresError, *_GONE) as error:
        gone = connection.is_closed() or isinstance(error, _GONE)
        raise DBAPIError(None, None, error, connection_invalidated=gone) from error
    return rows


async def run(session: AsyncSession, statement: Statement, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a statement run in the session's transaction, each to be read by position."""
    driver = session.info.get("driver")
    if driver is not None:
        try:
            return await fetch(driver, statement, values)
        except DBAPIError as error:
            if error.connection_invalidated:
                await (await session.connection()).invalidate(error)  # or it would be asked to roll back
            raise
    # SQLAlchemy begins the transaction with its first statement, so the first goes through it.
    connection = await session.connection()
    found = await connection.exec_driver_sql(statement.text, tuple(statement.arguments(values)))
    session.info["driver"] = (await connection.get_raw_connection()).driver_connection
    return found.all() if found.returns_rows else []
