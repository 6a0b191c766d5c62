"""Sealing: every committed event gets the next number, once, with a body that never changes."""

import asyncio
import json
import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.kit.clock import now, today
from app.kit.db import run_last, transaction
from app.kit.roles import Role
from app.trail.audit import verify
from app.trail.feed import EventBody
from app.trail.models import Event, Ledger
from app.trail.sealer import LEADER, Sealing, seal
from tests import make
from tests.trail.hands import HOW, happen, nobody, running, seal_here, tell, until


class TornError(Exception):
    """What breaks a transaction in these tests."""


async def ledger(sessions):
    async with sessions() as session:
        return (await session.scalars(select(Ledger).order_by(Ledger.sequence))).all()


async def test_a_failed_transaction_leaves_no_event(sessions):
    id = uuid4()

    async def failing():
        async with transaction(sessions) as session:
            tell(session, resource=id)
            raise TornError

    with pytest.raises(TornError):
        await failing()
    async with sessions() as session:
        assert await session.scalar(select(Event).where(Event.resource_id == id)) is None


@pytest.mark.real
@pytest.mark.parametrize("table", ["event", "outbox"])
async def test_where_the_event_cannot_be_written_the_change_is_not_made(real_world, hands, table):
    caller = await real_world.as_(make.DISTRICT)
    await hands.sql(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more room'; END $$"
    )
    await hands.sql(f"CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION broken()")
    assert (await caller.post("/v1/plans", make.a_plan())).status_code >= 500
    assert await hands.sql("SELECT 1 FROM plan") == []
    await hands.sql(f"DROP TRIGGER broken ON {table}")
    assert (await caller.post("/v1/plans", make.a_plan())).status_code == 201
    assert await hands.sql("SELECT type FROM event WHERE resource_type = 'plan'") == [("plan.created",)]


@pytest.mark.real
async def test_numbers_have_no_gaps_though_transactions_fail_between(hands):
    async def one(n):
        try:
            async with transaction(hands.sessions(Role.app)) as session:
                tell(session)
                if n % 3 == 0:
                    run_last(session, torn)
        except TornError:
            return 0
        return 1

    async def torn(_):
        raise TornError

    before = await hands.seal()
    written = sum(await asyncio.gather(*(one(n) for n in range(60))))
    assert await hands.seal() == written == 40
    assert [row.sequence for row in await ledger(hands.sessions())] == list(range(1, before + 41))


@pytest.mark.real
async def test_sealers_that_run_at_once_seal_each_event_once(hands):
    total = 0

    async def sealer():
        nonlocal total
        while total < 300:
            async with transaction(hands.sessions()) as session:
                count = await seal(session, HOW, batch=7)
            total += count
            await asyncio.sleep(random.uniform(0, 0.002))

    await hands.seal()
    start = len(await ledger(hands.sessions()))
    async with asyncio.timeout(30):
        await asyncio.gather(*(sealer() for _ in range(4)), *(happen(hands.sessions(Role.app), 50) for _ in range(6)))
    assert total == 300
    rows = await ledger(hands.sessions())
    assert [row.sequence for row in rows] == list(range(1, start + 301))
    assert len({row.event_id for row in rows}) == len(rows)
    assert await hands.sql("SELECT 1 FROM outbox") == []
    async with transaction(hands.sessions()) as session:
        assert (await verify(session)).fault is None


@pytest.mark.real
async def test_nothing_is_sealed_while_another_process_leads(hands):
    await happen(hands.sessions(Role.app))
    async with transaction(hands.sessions()) as leader:
        await leader.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEADER})
        assert await hands.seal() == 0
    assert await hands.seal() > 0


@pytest.mark.real
async def test_a_sealer_that_breaks_midway_leaves_everything_for_the_next(hands):
    async def torn(session, sealed):
        raise TornError

    await happen(hands.sessions(Role.app), 3)
    waiting = await hands.sql("SELECT event_id FROM outbox ORDER BY position")
    with pytest.raises(TornError):
        await hands.seal(Sealing(HOW.base_url, HOW.paths, HOW.names, torn))
    assert await ledger(hands.sessions()) == []
    assert await hands.seal() == len(waiting)
    assert [(row.event_id,) for row in await ledger(hands.sessions())] == waiting


@pytest.mark.real
async def test_an_event_that_this_version_cannot_compose_stops_sealing_but_not_the_worker(hands):
    """As in a rolling upgrade: a newer process writes of a resource that this worker has never heard of."""
    await hands.settle()
    async with transaction(hands.sessions(Role.app)) as session:
        tell(session)
        session.info["rows"][Event.__table__][0]["resource_type"] = "invented_later"
    worker = hands.worker()
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    assert not task.done()
    worker.stop()
    await task
    assert len(await hands.sql("SELECT 1 FROM outbox")) == 1
    newer = Sealing(HOW.base_url, {**HOW.paths, "invented_later": None}, HOW.names, nobody)
    assert await hands.seal(newer) == 1


@pytest.mark.real
async def test_what_happens_to_one_row_is_sealed_in_the_order_it_happened(real_world, hands):
    caller = await real_world.as_(make.DISTRICT)
    plan = (await caller.post("/v1/plans", make.a_plan())).json()

    async def touch():
        for _ in range(10):
            async with transaction(hands.sessions(None)) as session:
                found = await session.execute(
                    text("UPDATE plan SET version = version + 1 WHERE id = :id RETURNING version"), {"id": plan["id"]}
                )
                tell(session, resource=UUID(plan["id"]), version=found.scalar_one())
                run_last(session, lambda _: asyncio.sleep(random.uniform(0, 0.004)))

    async with running(hands.worker(), hands.worker()):
        await asyncio.gather(*(touch() for _ in range(8)))
        await until(lambda: drained(hands))
    versions = [
        json.loads(row.body)["data"]["resource"]["version"]
        for row in await ledger(hands.sessions())
        if json.loads(row.body)["data"]["resource"]["id"] == plan["id"]
    ]
    assert versions == list(range(1, 82))


async def drained(hands):
    return not await hands.sql("SELECT 1 FROM outbox")


async def test_the_body_has_the_shape_that_is_published(world, sessions):
    caller = await world.as_(make.DISTRICT)
    plan = (await caller.post("/v1/plans", make.a_plan())).json()
    await seal_here(sessions)
    body = json.loads((await ledger(sessions))[-1].body)
    assert EventBody.model_validate(body).model_dump(mode="json") == body
    assert body["type"] == "plan.created"
    assert body["timestamp"].endswith("+07:00")
    sequence = body["data"]["sequence"]
    assert body["data"] | {"event_id": None, "agency": None, "actor": None} == {
        "event_id": None,
        "sequence": sequence,
        "test": False,
        "resource": {"type": "plan", "id": plan["id"], "version": 1, "url": f"http://test/v1/plans/{plan['id']}"},
        "agency": None,
        "actor": None,
        "on_behalf_of": None,
        "period": "2027",
        "state": "draft",
        "previous_state": None,
        "provisions": body["data"]["provisions"],
        "feed": f"http://test/v1/events?after={sequence - 1}",
    }
    assert body["data"]["agency"] == body["data"]["actor"]
    assert body["data"]["agency"]["id"] == str(await world.agency_id(make.DISTRICT))
    assert make.a_plan()["title"] not in json.dumps(body, ensure_ascii=False)


@pytest.mark.real
async def test_an_event_carries_the_name_of_its_own_day_and_keeps_it(real_world, hands):
    agency = await real_world.agency_id(make.DISTRICT)
    sessions, ids = hands.sessions(Role.app), []
    await renamed(hands, agency, today(), "Tên mới")
    for moment in (now() - timedelta(days=1), now()):
        async with transaction(sessions) as session:
            ids.append(tell(session, agency=agency))
            session.info["rows"][Event.__table__][0]["occurred_at"] = moment
    await hands.seal()
    older, newer = [await name_in_ledger(hands, resource) for resource in ids]
    assert older == "Ủy ban nhân dân huyện Buôn Đôn"
    assert newer == "Tên mới"
    before = [(row.body, row.hash) for row in await ledger(hands.sessions())]
    await hands.sql("UPDATE agency_name SET name_vi = 'Sửa về sau'")
    await hands.seal()
    assert [(row.body, row.hash) for row in await ledger(hands.sessions())] == before


async def renamed(hands, agency, day, name):
    await hands.sql("UPDATE agency_name SET valid_to = :day WHERE agency_id = :id", day=day, id=agency)
    await hands.sql(
        "INSERT INTO agency_name (id, agency_id, valid_from, name_vi, name_en, folded, sort_key) "
        "VALUES (gen_random_uuid(), :id, :day, :name, 'x', 'x', 'x')",
        id=agency,
        day=day,
        name=name,
    )


async def name_in_ledger(hands, resource):
    found = await hands.sql(
        "SELECT body FROM ledger JOIN event ON event.id = event_id WHERE resource_id = :id", id=resource
    )
    return json.loads(found[0][0])["data"]["agency"]["name"]
