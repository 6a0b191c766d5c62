"""The database edge: one request or task is one transaction, committed once, before anybody is answered."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy import URL, DateTime, MetaData, make_url
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from app.kit.problems import NotFound, OutcomeUnknown

T = TypeVar("T")
Sessions = async_sessionmaker[AsyncSession]
POSTGRES_PORT = 5432

# Names for every constraint, so that migrations and `failures.CONSTRAINTS` can speak of them.
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def async_url(url: str) -> URL:
    """An operator's postgresql:// address as SQLAlchemy's asyncpg dialect wants it."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+asyncpg")
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return parsed.set(query=query)


Server = tuple[str, int]
"""A host, by name or address, and a port."""


def servers(url: str) -> list[Server]:
    """The machines that an operator's address of a database names; none where it is reached by a Unix socket."""
    _, options = PGDialect_asyncpg().create_connect_args(async_url(url))  # type: ignore[no-untyped-call]
    hosts, ports = (
        given if isinstance(given, list) else [given] for given in (options.get("host"), options.get("port"))
    )
    named = zip(hosts, ports, strict=True)
    return [(host, port or POSTGRES_PORT) for host, port in named if host and not host.startswith("/")]


def make_engine(url: str, *, role: str | None, pool_size: int = 10, name: str = "ttdn") -> AsyncEngine:
    """An engine whose sessions act in `role` and cannot wait for ever: 4 s for a lock, 10 s for a statement."""
    settings = {
        "application_name": name,
        "timezone": "UTC",
        "jit": "off",
        "lock_timeout": "4s",
        "statement_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    }
    if role:
        settings["role"] = str(role)  # asyncpg takes no subclass of str
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        hide_parameters=True,  # an error's text must not carry a body into a log
        connect_args={"server_settings": settings, "timeout": 5},
    )


def make_sessions(engine: AsyncEngine, poke: Callable[[], None] | None = None) -> Sessions:
    """Sessions that never load anything behind the caller's back; `poke` runs after a commit that recorded events."""
    return async_sessionmaker(engine, expire_on_commit=False, info={"poke": poke})


def make_reads(engine: AsyncEngine) -> Sessions:
    """Sessions for reading: every statement by itself."""
    return async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)


@asynccontextmanager
async def transaction(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction: what was put off runs last, then the only COMMIT; what waits for it runs after."""
    async with sessions() as session:
        try:
            yield session
            while tasks := session.info.pop("last", None):  # one of them may put something off itself
                for task in tasks:
                    await task(session)
            await session.flush()
        except BaseException:
            await session.rollback()
            raise
        try:
            await session.commit()
        except Exception as error:
            if _refused(error):
                raise
            raise OutcomeUnknown from error
        for after in session.info.pop("after", ()):
            after()


def _refused(error: Exception) -> bool:
    """Whether PostgreSQL itself said no to a COMMIT and lives on: only then is it certain that nothing was kept."""
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "08")
    # 57P: the server or this connection was being shut down; a COMMIT waiting for a standby may stand all the same.
    return not state.startswith(("08", "57P"))


def run_last(session: AsyncSession, task: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Run `task` as the last statement before COMMIT."""
    session.info.setdefault("last", []).append(task)


def run_after(session: AsyncSession, task: Callable[[], None]) -> None:
    """Run `task` once the transaction is committed, and only then."""
    session.info.setdefault("after", []).append(task)


async def found_row(session: AsyncSession, statement: SelectOfScalar[T]) -> T:
    """The one row of a statement that is narrowed to what the actor may know: what is not theirs is not there (404)."""
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's transaction: its own, or the one that already stands round the operation."""
    standing: AsyncSession | None = request.scope.get("session")
    if standing is not None:
        yield standing
        return
    if request.method == "GET":
        # Reading changes nothing: each statement sees what was committed, and BEGIN and COMMIT are two trips saved.
        async with request.app.state.reads() as session:
            yield session
        return
    async with transaction(request.app.state.sessions) as session:
        yield session


# scope="function": the transaction ends before the answer is sent; FastAPI's default would commit after the 200.
SessionDep = Annotated[AsyncSession, Depends(open_session, scope="function")]


class Timestamptz(DateTime):
    """An instant with its zone, as a column type that mixins can name."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)


class Json(JSONB):
    """A document, as a column type that mixins can name; None is NULL."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)
