"""Long polls: woken by the next event, without a connection, bounded, fair, over when the process is."""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx
import pytest

from app.kit.db import make_engine
from app.kit.roles import Role
from app.trail.waiting import Waiting
from tests import make
from tests.trail.hands import running, until
from tests.trail.test_feed import end, read
from tests.wire.server import Server


@pytest.fixture
async def listening(real_world):
    """The service's own listener, as one process has it."""
    engine = make_engine(real_world.url, role=Role.app, pool_size=1)
    task = asyncio.create_task(real_world.app.state.waiting.follow(engine))
    yield real_world
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await engine.dispose()


@asynccontextmanager
async def polling(world, *callers, after, **query):
    """Long polls that wait already."""
    asked = [asyncio.create_task(read(caller, after, wait=20, **query)) for caller in callers]
    await until(lambda: len(world.app.state.waiting) == len(callers))
    yield asked
    for task in asked:
        task.cancel()


@pytest.mark.real
async def test_a_long_poll_is_answered_by_the_next_event_that_its_caller_may_see(listening, hands):
    world = listening
    slugs = (make.DISTRICT, make.COORDINATOR, make.OTHER_DISTRICT)
    district, coordinator, other = [await world.as_(slug) for slug in slugs]
    await hands.settle()
    at = await end(district)
    pool = world.app.state.sessions.kw["bind"].pool
    async with polling(world, district, *[coordinator] * 4, other, after=at) as asked, running(hands.worker()):
        assert pool.checkedout() == 0
        began = time.monotonic()
        assert (await district.post("/v1/plans", make.a_plan())).status_code == 201
        told = await asyncio.gather(*asked[:-1])
        assert time.monotonic() - began < 5
        for page in told:
            assert [item["type"] for item in page["items"]] == ["plan.created"]
        # It was looked for the other district, too, which goes on waiting.
        await asyncio.sleep(0.2)
        assert not asked[-1].done()
        assert pool.checkedout() == 0
        (made,) = [client for client in await world.clients() if client.agency_id == await world.agency_id(slugs[2])]
        await hands.sql("UPDATE client SET revoked_at = now() WHERE id = :id", id=made.id)
        await world.refresh()
        assert (await district.post("/v1/plans", make.a_plan(year=2028))).status_code == 201
        with pytest.raises(AssertionError, match="invalid-token"):
            await asked[-1]


@pytest.mark.real
async def test_the_listener_comes_back_when_its_connection_is_cut(listening, hands):
    world = listening
    district = await world.as_(make.DISTRICT)
    await hands.settle()
    at = await end(district)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    )
    await until(lambda: hands.sql(cut))
    async with polling(world, district, after=at) as (asked,), running(hands.worker()):
        assert (await district.post("/v1/plans", make.a_plan())).status_code == 201
        assert (await asked)["items"]


async def test_a_wait_ends_empty_when_the_time_is_up(world):
    caller = await world.as_(make.DISTRICT)
    at = await end(caller)
    began = time.monotonic()
    page = await read(caller, at, wait=1)
    assert page == {"items": [], "last_sequence": at, "more": False}
    assert 0.9 < time.monotonic() - began < 5
    answer = await caller.get(f"/v1/events?after={at}", headers={"Prefer": "wait=1, handling=strict"})
    assert sorted(answer.headers.get_list("Preference-Applied")) == ["handling=strict", "wait=1"]
    for senseless in ("wait=x", "wait=-1", "wait", "wait=\u0663"):
        headers = [(b"authorization", f"Bearer {caller.token}".encode()), (b"prefer", senseless.encode())]
        answer = await world.api.get(f"/v1/events?after={at}", headers=headers)
        assert answer.status_code == 200
        assert "Preference-Applied" not in answer.headers


async def test_places_are_bounded_and_who_has_waited_longest_makes_room():
    waiting = Waiting(None, places=4, of_one=2)
    one, *others = uuid4(), uuid4(), uuid4(), uuid4()
    over = []

    async def wait(name, client):
        assert not await waiting.past(0, client, 60)
        over.append(name)

    async def joins(name, client):
        task = asyncio.create_task(wait(name, client))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return task

    tasks = [await joins(name, client) for name, client in (("a1", one), ("b", others[0]), ("a2", one), ("a3", one))]
    await asyncio.sleep(0)
    assert over == ["a1"]
    tasks += [await joins(name, client) for name, client in (("c", others[1]), ("d", others[2]))]
    await asyncio.sleep(0)
    assert over == ["a1", "b"]
    assert len(waiting) == 4
    waiting.close()
    await asyncio.gather(*tasks)
    assert over == ["a1", "b", "a2", "a3", "c", "d"]
    assert len(waiting) == 0
    assert not await waiting.past(0, one, 60)


@pytest.mark.real
async def test_a_process_that_stops_answers_who_waits(own_database, hands, real_world):
    """Empty and in good order, long before the time that running requests are given."""
    made = await real_world.credentials(make.DISTRICT)
    await hands.settle()
    server = Server(own_database, None, shutdown_seconds=20)
    try:
        await asyncio.to_thread(server.start)
        async with httpx.AsyncClient(base_url=server.base, timeout=30, trust_env=False) as client:
            form = {"grant_type": "client_credentials"}
            answer = await client.post("/oauth/token", data=form, auth=(str(made.client_id), made.client_secret))
            caller = make.Caller(client, answer.json()["access_token"])
            at = await end(caller)
            asked = asyncio.create_task(caller.get(f"/v1/events?after={at}&wait=30"))
            await asyncio.sleep(0.5)
            began = time.monotonic()
            assert await asyncio.to_thread(server.stop) == 0
            answer = await asked
            assert (answer.status_code, answer.json()["items"]) == (200, [])
            assert time.monotonic() - began < 10
    finally:
        server.end()
