"""Counting the statements that reach the database."""

from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def counting(engine):
    """The statements that reach the database meanwhile."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
