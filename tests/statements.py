"""Watching the statements that reach the database, whichever way they go."""

from contextlib import contextmanager

from asyncpg import Connection
from sqlalchemy import event


@contextmanager
def watching(engine, note):
    """Each statement with its parameters is told to `note`: through SQLAlchemy's cursors, or past them."""

    def through(_connection, _cursor, statement, parameters, *_):
        note(statement, parameters)

    usual = Connection.fetch

    async def past(connection, query, *parameters, **more):
        note(query, parameters)
        return await usual(connection, query, *parameters, **more)

    event.listen(engine, "before_cursor_execute", through)
    Connection.fetch = past
    try:
        yield
    finally:
        Connection.fetch = usual
        event.remove(engine, "before_cursor_execute", through)


@contextmanager
def counting(engine):
    """The statements that reach the database meanwhile."""
    seen = []
    with watching(engine.sync_engine, lambda statement, _: seen.append(statement)):
        yield seen
