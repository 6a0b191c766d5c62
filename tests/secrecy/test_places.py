"""A marking is refused wherever it stands in whatever operation, and before any statement that carries the content."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.access.limits import Limiter
from app.records.kinds import KINDS
from tests import make
from tests.records import hands as records
from tests.secrecy.asked import (
    CALLERS,
    COMMITTEE,
    FOREIGN,
    PRESS,
    Asked,
    leading,
    members,
    names,
    places,
    put,
    requests,
    ways,
)
from tests.shape import CANARY, assert_problem
from tests.statements import watching


@pytest.fixture
async def callers(world):
    return {slug: await world.as_(slug) for slug in CALLERS}


@pytest.fixture
async def asked(callers):
    return await requests(
        callers[make.DISTRICT], callers[make.COORDINATOR], callers[COMMITTEE], callers[PRESS], callers[FOREIGN]
    )


async def send(callers, one, key=True):
    headers = {"Idempotency-Key": str(uuid4())} if key and one.method == "POST" else {}
    caller = callers[one.who]
    return await caller.request(one.method, one.path, json=one.body, headers={**headers, **one.headers})


async def test_every_operation_that_takes_a_body_is_tried_with_every_member_it_takes(app, asked):
    document = app.openapi()
    taking = {
        operation["operationId"]: operation["requestBody"]["content"]
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "requestBody" in operation and path.startswith("/v1/")  # what /oauth is sent are tokens, and none is kept
    }
    assert taking.keys() == {one.operation for one in asked}
    for one in asked:
        content, *_ = taking[one.operation].values()  # what is also taken line by line has the same members
        schemas = document["components"]["schemas"]
        assert members(content["schema"], schemas) <= names(one.body), one.operation
        # What may be one of several has all of its members tried below.
        several = {way[-1] for way in ways(content["schema"], schemas) if str(way[-1]).startswith("#")}
        assert several in (set(), {f"#{kind.details.__name__}" for kind in KINDS.values()}), one.operation


async def test_each_of_these_requests_would_be_taken_if_nothing_were_marked(callers, asked):
    for one in asked:
        answer = await send(callers, one)
        assert answer.is_success, (one.operation, answer.text)


@pytest.mark.parametrize("marking", ["MẬT", "Độ mật: Tối mật", "t u y e t  m a t"])
async def test_a_marking_is_refused_in_every_string_and_name_of_every_body(world, callers, asked, marking):
    tried = 0
    for one in asked:
        bodies = [put(one.body, at, marking) for at in places(one.body)]
        bodies += [put(one.body, at, f"{CANARY}\n{marking}\n{CANARY}") for at in places(one.body)]
        bodies += [{**one.body, marking: CANARY}, {**one.body, "ghi_chu": {"a": [{"b": marking}]}}]
        for body in bodies:
            answer = await send(callers, one.with_body(body))
            document = await assert_problem(world.api, answer, "state-secret-refused")
            assert document["provisions"] == ["QC.D4.K5", "QC.D7.K6"]
            assert "errors" not in document  # not even where it stands
            tried += 1
    assert tried > 130


async def test_a_marking_is_refused_in_every_member_of_every_kind_of_record(app, callers):
    """Also where the kind wants a number, a date or a list: what was sent is looked through, not what it should be."""
    schemas, tried = app.openapi()["components"]["schemas"], 0
    for name, kind in KINDS.items():
        for way in ways(schemas[kind.details.__name__], schemas):
            details = kind.example["details"] | leading(way, "MẬT")
            body = records.a_body(name, details=details)
            answer = await send(callers, Asked("create_record", FOREIGN, "POST", "/v1/records", body, {}))
            assert answer.json()["code"] == "state-secret-refused", (name, way)
            tried += 1
    assert tried > len(KINDS) * 5


@pytest.mark.parametrize(("source", "key"), [("MAT", "1"), ("qlvb", "TUYET-MAT"), ("qlvb", "do:mat:mat")])
async def test_an_external_id_is_stored_and_so_may_not_be_a_marking(world, callers, source, key):
    answer = await callers[make.DISTRICT].put(f"/v1/plans/by-external-id/{source}/{key}", make.a_plan())
    await assert_problem(world.api, answer, "state-secret-refused")


async def test_what_is_only_asked_is_answered_because_nothing_keeps_it(callers):
    """A search is stored nowhere and the log has the route's template alone: `mật` may be looked for."""
    for path in ("/v1/agencies", "/v1/responsibilities", "/v1/provisions"):
        with capture_logs() as logs:
            answer = await callers[make.DISTRICT].get(path, params={"q": "Tối mật", "note": CANARY})
        assert answer.status_code == 200, answer.text
        assert "mật" not in str(logs)
        assert CANARY not in str(logs)
        assert CANARY not in str(answer.json()["items"])


async def test_a_refusal_writes_nothing_and_runs_no_statement_with_the_content(real_world):
    """Nothing is written, as the rule asks, and next to nothing is read.

    Without an Idempotency-Key not one statement runs. With one, `Once` has opened the transaction before the body is
    judged: it asks for a lock and looks the key up. It only reads, by the client and the key; the digest of the body
    stays in memory, no statement takes it, and the transaction rolls back.
    """
    world = real_world
    callers = {slug: await world.as_(slug) for slug in CALLERS}
    asked = await requests(
        callers[make.DISTRICT], callers[make.COORDINATOR], callers[COMMITTEE], callers[PRESS], callers[FOREIGN]
    )
    sessions = world.app.state.sessions
    world.app.state.limiter = Limiter(sessions, 0)  # counting requests writes, and knows nothing of content
    engine = sessions.kw["bind"].sync_engine
    before = await rows(world)
    ran = []

    def note(statement, parameters):
        ran.append(statement)
        assert CANARY not in f"{statement} {parameters}"

    with watching(engine, note):
        for one in asked:
            body = {**one.body, "note": f"{CANARY}\nTUYỆT MẬT"}
            for key in (False, True):
                await world.refresh()
                ran.clear()
                answer = await send(callers, one.with_body(body), key)
                unkeyed = not key and answer.status_code == 400
                assert answer.json()["code"] == ("idempotency-key-required" if unkeyed else "state-secret-refused")
                if ran:
                    lock, lookup = ran
                    assert key
                    assert "pg_try_advisory_xact_lock" in lock
                    assert "FROM idempotency_key" in lookup
    assert await rows(world) == before


async def rows(world):
    """How many rows each table has; none of them may hold the canary."""
    counted = {}
    async with world.sessions() as session:
        tables = (await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).all()
        assert len(tables) >= 15
        for table in tables:
            counted[table] = await session.scalar(text(f'SELECT count(*) FROM "{table}"'))
            found = text(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE :canary')
            assert await session.scalar(found, {"canary": f"%{CANARY}%"}) == 0, table
    return counted
