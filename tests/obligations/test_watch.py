"""The worker's watch with real commits: whatever time brings is told exactly once, by however many workers."""

import asyncio
import signal
import sys
from contextlib import asynccontextmanager

import pytest
import time_machine

from app.kit.db import transaction
from app.obligations import watch
from tests import make
from tests.obligations.hands import REPORT, instant
from tests.trail.hands import Hands, until

pytestmark = pytest.mark.real
BEGUN, SOON, REMINDED, OVERDUE, RAISED = (
    instant(written)
    for written in (
        "2027-01-04T08:00:00", "2027-11-14T00:00:00", "2027-11-30T08:00:00", "2027-12-15T00:00:00",
        "2028-01-04T08:00:00",
    )
)  # fmt: skip


@pytest.fixture
async def hands(own_database):
    """Sessions and workers on the test's own database."""
    hands = Hands(own_database)
    yield hands
    await hands.close()


async def once(hands, step, moment):
    """One look of one worker."""
    async with transaction(hands.sessions()) as session:
        return await step(session, moment)


async def together(hands, step, moment, workers=4):
    """Several workers look at the same time, until none finds anything; how much they told."""
    told = 0
    while found := sum(await asyncio.gather(*(once(hands, step, moment) for _ in range(workers)))):
        told += found
    return told


async def reports(hands):
    """The ids of all annual reports owed for 2027."""
    rows = await hands.sql("SELECT id FROM obligation WHERE duty = :duty AND year = 2027", duty=REPORT)
    return {row[0] for row in rows}


async def told(hands, type):
    """The resources that an event of this type was told of, each as often as it was."""
    statement = "SELECT resource_id FROM event WHERE type = :type ORDER BY resource_id"
    return [row[0] for row in await hands.sql(statement, type=type)]


async def numbers(hands, year=2027):
    """The numbers of the reminders of a year, in order."""
    statement = "SELECT number FROM reminder WHERE year = :year ORDER BY number"
    return [row[0] for row in await hands.sql(statement, year=year)]


async def every_row(hands):
    """Everything that a look may write."""
    return [
        await hands.sql(f"SELECT t::text FROM {table} AS t ORDER BY 1")
        for table in ("obligation", "reminder", "event", "outbox")
    ]


async def test_workers_that_look_together_make_and_tell_everything_once(hands):
    await together(hands, watch.expect, BEGUN)
    keys = await hands.sql("SELECT duty, agency_id, period_key FROM obligation")
    assert len(set(keys)) == len(keys) == len(await told(hands, "obligation.created"))
    owed = await reports(hands)
    assert len(owed) > 30
    for step, type, moment in (
        (watch.tell, "obligation.due_soon", SOON),
        (watch.tell, "obligation.overdue", OVERDUE),
    ):
        await together(hands, step, moment)
        found = [id for id in await told(hands, type) if id in owed]
        assert sorted(found) == sorted(owed)
        assert await together(hands, step, moment) == 0
    assert len(await told(hands, "obligation.due_soon")) == len(set(await told(hands, "obligation.due_soon")))


async def test_workers_that_remind_together_send_each_reminder_once_under_numbers_without_gaps(hands):
    await together(hands, watch.expect, BEGUN)
    owed = await reports(hands)
    for moment, stage in ((REMINDED, -14), (instant("2027-12-11T00:00:00"), -3), (OVERDUE, 1)):
        await together(hands, watch.remind, moment)
        rows = await hands.sql("SELECT obligation_id FROM reminder WHERE day = :day", day=stage)
        assert sorted(id for (id,) in rows if id in owed) == sorted(owed)
        assert await together(hands, watch.remind, moment) == 0
    assert await numbers(hands) == list(range(1, len(await told(hands, "reminder.sent")) + 1))
    await together(hands, watch.remind, instant("2028-01-01T00:00:00"))
    assert await numbers(hands, 2028) == list(range(1, len(await numbers(hands, 2028)) + 1))
    assert len(await numbers(hands, 2028)) >= len(owed)


async def test_workers_that_escalate_together_raise_each_matter_once(hands):
    await together(hands, watch.expect, BEGUN)
    owed = await reports(hands)
    for moment in (REMINDED, OVERDUE, RAISED):
        await together(hands, watch.remind, moment)
    assert await together(hands, watch.escalate, RAISED) > 0
    rows = await hands.sql(
        "SELECT obligation_id, number = (SELECT max(number) FROM reminder AS r WHERE r.obligation_id ="
        " reminder.obligation_id AND r.year = reminder.year) FROM reminder WHERE state = 'escalated'"
    )
    assert sorted(id for id, _ in rows if id in owed) == sorted(owed)
    assert all(newest for _, newest in rows)
    assert await together(hands, watch.escalate, RAISED) == 0


@pytest.mark.parametrize(
    "step", [watch.expect, watch.tell, watch.remind, watch.escalate], ids=lambda step: step.__name__
)
async def test_a_worker_that_fails_before_its_commit_leaves_nothing_and_the_next_does_it(hands, step):
    if step is not watch.expect:
        await once(hands, watch.expect, BEGUN)
    if step is watch.escalate:
        await together(hands, watch.remind, OVERDUE, 1)
    before = await every_row(hands)

    async def killed(session, moment):
        assert await step(session, moment) > 0
        await session.flush()
        message = "killed"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="killed"):
        await once(hands, killed, RAISED)
    assert await every_row(hands) == before
    assert await together(hands, step, RAISED) > 0
    assert await numbers(hands, 2028) == list(range(1, len(await numbers(hands, 2028)) + 1))


async def test_only_what_is_really_owed_is_told_reminded_of_and_raised(hands):
    await once(hands, watch.expect, BEGUN)
    settled = ("received", "accepted", "nil_return", "waived", "lapsed")
    ids = sorted(await reports(hands))
    for id, state in zip(ids, settled, strict=False):
        came = state in {"received", "accepted", "nil_return"}
        await hands.sql(
            "UPDATE obligation SET state = :state, first_received_at = CASE WHEN :came THEN now() END,"
            " late = CASE WHEN :came THEN false END WHERE id = :id",
            id=id, state=state, came=came,
        )  # fmt: skip
    open_now = set(ids[len(settled) :])
    for step in (watch.tell, watch.remind, watch.escalate):
        await together(hands, step, RAISED, 1)
    assert {id for id in await told(hands, "obligation.overdue") if id in ids} == open_now
    chased = await hands.sql("SELECT obligation_id, state FROM reminder")
    assert {id for id, _ in chased if id in ids} == open_now
    assert {id for id, state in chased if state == "escalated" and id in ids} == open_now


async def test_reminders_by_hand_and_by_the_clock_at_once_share_one_row_of_numbers(hands, real_world):
    await once(hands, watch.expect, BEGUN)
    ids = [str(id) for id in sorted(await reports(hands))]
    with time_machine.travel(REMINDED, tick=False):
        coordinator = await real_world.as_(make.COORDINATOR)

        async def by_hand(some):
            answer = await coordinator.post("/v1/reminders", {"obligation_ids": some})
            assert answer.status_code == 201, answer.text
            return len(answer.json()["sent"])

        by_clock = together(hands, watch.remind, REMINDED)
        sent = await asyncio.gather(by_clock, *(by_hand(ids[place : place + 6]) for place in range(0, 30, 3)))
    assert await numbers(hands) == list(range(1, sum(sent) + 1))


@asynccontextmanager
async def processes(hands, moment, number=2):
    """Workers in processes of their own, at an instant; stopped as an operator stops them."""
    command = (sys.executable, "-m", "tests.obligations.worker_process", hands.url, make.MASTER_KEY, moment.isoformat())
    children = [await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE) for _ in range(number)]
    try:
        for child in children:
            while b"worker.started" not in (line := await child.stderr.readline()):
                assert line
        yield
        for child in children:
            child.send_signal(signal.SIGTERM)
        await asyncio.gather(*(asyncio.wait_for(child.communicate(), 10) for child in children))
        assert [child.returncode for child in children] == [0] * number
    finally:
        for child in children:
            if child.returncode is None:
                child.kill()
                await child.communicate()


async def test_two_worker_processes_make_tell_and_remind_once_and_the_next_finds_nothing_left(hands):
    async def done():
        rows = await hands.sql(
            "SELECT count(*) FROM obligation WHERE duty = :duty AND year = 2027 AND overdue_told_at IS NOT NULL"
            " AND reminded_day = 1",
            duty=REPORT,
        )
        return rows[0][0] > 30

    moment = instant("2027-12-15T08:00:00")
    async with processes(hands, moment):
        await until(done, 60)
        await asyncio.sleep(0.3)  # some more looks
    with time_machine.travel(moment):
        worker = hands.worker()
        while await worker.watch_once():
            pass  # what they were stopped in the midst of
    owed, overdue = await reports(hands), await told(hands, "obligation.overdue")
    assert sorted(id for id in overdue if id in owed) == sorted(owed)
    assert len(overdue) == len(set(overdue))
    keys = await hands.sql("SELECT duty, agency_id, period_key FROM obligation")
    assert len(set(keys)) == len(keys)
    sent = await hands.sql("SELECT obligation_id, day FROM reminder")
    assert len(set(sent)) == len(sent) == len(await told(hands, "reminder.sent"))
    assert await numbers(hands) == list(range(1, len(sent) + 1))
