"""One request is one transaction: nobody is told of success before it is certain, and failure leaves nothing."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from app.kit.db import SessionDep, run_after, run_last, transaction
from app.kit.problems import NotFound
from tests import make
from tests.shape import assert_problem

pytestmark = [pytest.mark.real, pytest.mark.own_app]

PROBE = """
CREATE TABLE probe (
    id int PRIMARY KEY,
    other int CONSTRAINT fk_probe REFERENCES probe DEFERRABLE INITIALLY DEFERRED
)
"""
INSERT = text("INSERT INTO probe VALUES (:id, :other)")


@pytest.fixture
async def probing(real_world):
    """A world with a table whose constraint speaks only at COMMIT, and a list of what ran after commits."""
    async with transaction(real_world.sessions) as session:
        await session.execute(text(PROBE))
        await session.execute(text("GRANT SELECT, INSERT ON probe TO ttdn_app"))
    real_world.after = []
    return real_world


async def stored(world):
    async with world.sessions() as session:
        return list(await session.scalars(text("SELECT id FROM probe ORDER BY id")))


def route(world, path, work):
    """POST `path` inserts row 1, then does the work."""

    async def endpoint(session: SessionDep):
        run_after(session, lambda: world.after.append(path))
        await session.execute(INSERT, {"id": 1, "other": None})
        await work(session)
        return {"done": True}

    world.app.add_api_route(path, endpoint, methods=["POST"], status_code=201)


async def test_a_commit_that_the_database_refuses_is_no_success(probing):
    async def dangle(session):
        await session.execute(INSERT, {"id": 2, "other": 99})

    route(probing, "/dangle", dangle)
    answer = await probing.api.post("/dangle")
    await assert_problem(probing.api, answer, "internal")
    assert await stored(probing) == []
    assert probing.after == []


async def test_a_function_left_without_a_holder_is_refused_at_commit(probing):
    async def end(session):
        await session.execute(text("SET LOCAL ROLE NONE"))
        await session.execute(
            text("UPDATE function_held SET valid_to = '2031-01-01' WHERE function = 'COORD' AND valid_to IS NULL")
        )

    route(probing, "/end", end)
    answer = await probing.api.post("/end")
    await assert_problem(probing.api, answer, "internal")
    assert await stored(probing) == []
    assert probing.after == []


async def kill(world, session):
    """End the session's connection from outside, as a failover would."""
    await session.flush()
    pid = await session.scalar(text("SELECT pg_backend_pid()"))
    async with world.sessions() as other:
        await other.execute(text("SET LOCAL ROLE NONE"))
        await other.execute(text("SELECT pg_terminate_backend(:pid, 2000)"), {"pid": pid})


async def test_a_connection_killed_before_commit_leaves_the_outcome_unknown(probing):
    async def die(session):
        run_last(session, lambda session: kill(probing, session))

    route(probing, "/die", die)
    for _ in range(3):
        answer = await probing.api.post("/die")
        await assert_problem(probing.api, answer, "outcome-unknown")
        assert int(answer.headers["Retry-After"]) > 0
    assert await stored(probing) == []
    assert probing.after == []
    assert (await probing.api.get("/readyz")).status_code == 200


async def test_a_plan_whose_commit_is_lost_is_no_success(real_world):
    district = await real_world.as_(make.DISTRICT)
    sessions = real_world.app.state.sessions

    async def at_the_end(session):
        run_last(session, lambda session: kill(real_world, session))  # after the events are written

    def losing():
        session = sessions()
        run_last(session, at_the_end)
        return session

    real_world.app.state.sessions = losing
    answer = await district.post("/v1/plans", make.a_plan())
    await assert_problem(real_world.api, answer, "outcome-unknown")
    real_world.app.state.sessions = sessions
    assert (await district.get("/v1/plans")).json()["items"] == []
    async with real_world.sessions() as session:
        assert not await session.scalar(text("SELECT count(*) FROM event WHERE type = 'plan.created'"))


async def test_the_answer_is_sent_only_when_the_row_is_there_for_everybody(probing):
    async def nothing(session):
        pass

    route(probing, "/store", nothing)
    seen = []

    async def probe(scope, receive, send):
        async def watched(message):
            if message["type"] == "http.response.start":
                seen.append(await stored(probing))
            await send(message)

        await probing.app(scope, receive, watched)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(probe), base_url="http://test") as api:
        assert (await api.post("/store")).status_code == 201
    assert seen == [[1]]
    assert probing.after == ["/store"]


async def test_a_plan_is_there_for_everybody_before_its_answer_is_sent(real_world):
    district = await real_world.as_(make.DISTRICT)
    seen = []

    async def probe(scope, receive, send):
        async def watched(message):
            if message["type"] == "http.response.start":
                async with real_world.sessions() as other:
                    seen.append(await other.scalar(text("SELECT count(*) FROM plan")))
                    seen.append(await other.scalar(text("SELECT count(*) FROM event WHERE type = 'plan.created'")))
            await send(message)

        await real_world.app(scope, receive, watched)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(probe), base_url="http://test") as api:
        answer = await make.Caller(api, district.token).post("/v1/plans", make.a_plan())
        assert answer.status_code == 201
    assert seen == [1, 1]


async def test_a_refusal_after_writing_leaves_nothing(probing):
    async def refuse(session):
        raise NotFound

    route(probing, "/refuse", refuse)
    await assert_problem(probing.api, await probing.api.post("/refuse"), "not-found")
    assert await stored(probing) == []
    assert probing.after == []


async def test_a_last_statement_that_fails_leaves_nothing(probing):
    async def fail_last(session):
        run_last(session, lambda session: session.execute(INSERT, {"id": 1, "other": None}))

    route(probing, "/fail-last", fail_last)
    await assert_problem(probing.api, await probing.api.post("/fail-last"), "internal")
    assert await stored(probing) == []
    assert probing.after == []


async def test_a_cancelled_request_leaves_nothing_and_gives_its_connection_back(probing):
    arrived = asyncio.Event()

    async def hang(session):
        arrived.set()
        await session.execute(text("SELECT pg_sleep(30)"))

    route(probing, "/hang", hang)
    for _ in range(5):
        arrived.clear()
        request = asyncio.create_task(probing.api.post("/hang"))
        await arrived.wait()
        await asyncio.sleep(0.02)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
    assert await stored(probing) == []
    assert probing.after == []
    engine = probing.app.state.sessions.kw["bind"]
    assert engine.pool.checkedout() == 0
    async with probing.sessions() as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30%' AND state = 'active'"
        assert await session.scalar(text(busy)) == 0


async def test_a_request_cancelled_while_it_computes_leaves_nothing(probing):
    arrived = asyncio.Event()

    async def wait(session):
        arrived.set()
        await asyncio.sleep(30)

    route(probing, "/wait", wait)
    request = asyncio.create_task(probing.api.post("/wait"))
    await arrived.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert await stored(probing) == []
    assert probing.app.state.sessions.kw["bind"].pool.checkedout() == 0


async def test_a_task_of_the_command_line_has_the_same_edge(probing):
    async def fail():
        async with transaction(probing.sessions) as session:
            await session.execute(INSERT, {"id": 7, "other": None})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await stored(probing) == []
    async with transaction(probing.sessions) as session:
        run_after(session, lambda: probing.after.append("told"))
        await session.execute(INSERT, {"id": 7, "other": None})
        assert probing.after == []
    assert await stored(probing) == [7]
    assert probing.after == ["told"]
