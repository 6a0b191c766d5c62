"""A reader takes connections past SQLAlchemy, and fails as everybody else does."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.kit.db import make_engine
from app.kit.driver import Statement
from app.kit.problems import Unavailable
from app.kit.reader import Reader
from tests.trail.hands import until

WHO = Statement(text("SELECT pg_backend_pid()"))
SLEEP = Statement(text("SELECT pg_backend_pid(), pg_sleep(0.05)"))


@pytest.fixture
async def two(own_database):
    """A reader with two connections at the most, and its engine."""
    engine = make_engine(own_database, role=None, pool_size=2)
    reader = Reader(engine, keep=2)
    yield reader, engine
    reader.close()
    await engine.dispose()


async def pid(reader, statement=WHO):
    return (await reader.rows(statement, {}))[0][0]


@pytest.mark.real
async def test_the_connection_that_was_used_last_is_used_again_and_not_fetched_from_the_pool(two):
    reader, engine = two
    found = {await pid(reader) for _ in range(5)}
    assert (len(found), engine.pool.checkedout(), reader.in_use) == (1, 1, 0)
    reader.close()
    assert engine.pool.checkedout() == 0


@pytest.mark.real
async def test_who_comes_when_all_are_in_use_gets_the_one_that_is_given_back_first(two):
    reader, engine = two
    found = await asyncio.gather(*(pid(reader, SLEEP) for _ in range(9)))
    assert (len(found), len(set(found))) == (9, 2)
    assert reader.in_use == 0
    assert await pid(reader) in found
    assert engine.pool.checkedout() <= 2


@pytest.mark.real
async def test_who_gives_up_leaves_the_connection_to_others(two):
    reader, _ = two
    for _ in range(4):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await pid(reader, SLEEP)
    assert len({await pid(reader) for _ in range(3)}) == 1
    assert reader.in_use == 0


@pytest.mark.real
async def test_connections_that_the_server_has_closed_are_replaced(two, own_database):
    reader, _ = two
    other = make_engine(own_database, role=None, pool_size=1)
    old = set(await asyncio.gather(pid(reader, SLEEP), pid(reader, SLEEP)))
    async with other.connect() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM unnest(CAST(:pids AS int[])) AS pid"), {"pids": list(old)}
        )
    await other.dispose()
    await until(lambda: all(held.driver_connection.is_closed() for held in reader._idle._queue), 5.0)
    new = set(await asyncio.gather(pid(reader, SLEEP), pid(reader, SLEEP)))
    assert (len(new), len(old & new)) == (2, 0)


@pytest.mark.parametrize("error", [asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError])
async def test_a_server_that_is_starting_is_away(error):
    async def connect(*_, **__):
        raise error("the database system is starting up")

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    with pytest.raises(Unavailable):
        await Reader(engine).rows(None, {})
    await engine.dispose()
