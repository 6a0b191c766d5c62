"""Why there is a ledger: a cursor over the order of insertion loses events that commit late; the ledger loses none."""

import asyncio
import random

import pytest
from sqlalchemy import text

from app.kit.db import run_last, transaction
from app.kit.roles import Role
from tests.trail.hands import running, tell, until

WRITERS, EACH = 10, 30

pytestmark = pytest.mark.real


class Cursor:
    """A reader that remembers only the last number it saw."""

    def __init__(self, sessions, statement):
        self._sessions, self._statement, self.at, self.read = sessions, text(statement), 0, []

    async def look(self):
        async with self._sessions() as session:
            for number, event in (await session.execute(self._statement, {"after": self.at})).all():
                self.read.append(event)
                self.at = number

    async def follow(self):
        while True:
            await self.look()
            await asyncio.sleep(0.001)


@pytest.fixture
async def readers(hands):
    """A naive reader over the order of insertion, and one over the ledger."""
    await hands.settle()
    await hands.sql("CREATE TABLE naive (number bigint GENERATED ALWAYS AS IDENTITY, event_id uuid)")
    await hands.sql(
        "CREATE FUNCTION naive() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
        "$$ BEGIN INSERT INTO public.naive (event_id) VALUES (NEW.id); RETURN NULL; END $$"
    )
    await hands.sql("CREATE TRIGGER naive AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION naive()")
    naive = Cursor(hands.sessions(None), "SELECT number, event_id FROM naive WHERE number > :after ORDER BY number")
    sealed = Cursor(
        hands.sessions(None), "SELECT sequence, event_id FROM ledger WHERE sequence > :after ORDER BY sequence"
    )
    await sealed.look()
    sealed.read.clear()
    return naive, sealed


async def test_one_late_commit_is_enough_to_lose_an_event_with_the_naive_cursor_and_not_with_the_ledger(hands, readers):
    naive, sealed = readers
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def late(_):
        written.set()
        await may_commit.wait()

    async def slow():
        async with transaction(hands.sessions(Role.app)) as session:
            tell(session)
            run_last(session, late)

    first = asyncio.create_task(slow())
    await written.wait()
    async with transaction(hands.sessions(Role.app)) as session:
        tell(session)
    for _ in range(2):
        await naive.look()
        await hands.seal()
        await sealed.look()
        may_commit.set()
        await first
    assert len(naive.read) == 1
    assert len(sealed.read) == len(set(sealed.read)) == 2


async def test_with_many_writers_the_naive_cursor_loses_events_and_the_ledger_none(hands, readers):
    naive, sealed = readers

    async def writer():
        for _ in range(EACH):
            async with transaction(hands.sessions(Role.app)) as session:
                tell(session)
                run_last(session, lambda _: asyncio.sleep(random.uniform(0, 0.01)))

    following = [asyncio.create_task(reader.follow()) for reader in readers]
    async with running(hands.worker(), hands.worker()):
        await asyncio.gather(*(writer() for _ in range(WRITERS)))
        await until(lambda: len(sealed.read) >= WRITERS * EACH)
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    await naive.look()
    events = {row[0] for row in await hands.sql("SELECT event_id FROM naive")}
    assert len(events) == WRITERS * EACH
    assert events - set(naive.read), "the naive reader lost nothing: this test proves nothing"
    assert set(sealed.read) == events
    assert len(sealed.read) == len(events)
