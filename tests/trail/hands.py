"""What tests of the log and the webhooks work with: sessions in any role, workers, facts, and sealing by hand."""

import asyncio
import inspect
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from sqlalchemy import text

from app.access.actor import OPERATOR
from app.kit.db import make_engine, make_sessions, transaction
from app.kit.roles import Role
from app.rooms import PATHS, names_of
from app.trail.record import EventType, Subject, record
from app.trail.sealer import Sealing, seal
from app.worker import Worker
from tests import make

# About the register, which everybody may read: every caller sees these.
HAPPENED = EventType("agency.registered", "agency", "", "")


async def nobody(session, sealed):
    """Tell no one."""


HOW = Sealing("http://test", PATHS, names_of, nobody)


class Hands:
    """Engines on one database: `None` is the superuser who logs in."""

    def __init__(self, url):
        self.url, self._engines, self._workers = url, {}, []

    def sessions(self, role=Role.worker):
        if role not in self._engines:
            self._engines[role] = make_engine(self.url, role=role, pool_size=20, name="test")
        return make_sessions(self._engines[role])

    def worker(self, **changes):
        values = {"worker_poll_seconds": 0.02, "webhook_timeout_seconds": 5.0} | changes
        self._workers.append(Worker(self.sessions(), make.settings(self.url, **values), make.vault()))
        return self._workers[-1]

    async def sql(self, statement, role=None, **values):
        """Run one statement and commit it; as the superuser where nothing is said."""
        async with transaction(self.sessions(role)) as session:
            result = await session.execute(text(statement), values)
            return result.all() if result.returns_rows else []

    async def settle(self):
        """What a worker makes of the clock and the register when it first looks, made and sealed."""
        worker = self.worker()
        while await worker.watch_once():
            pass
        await self.seal()

    async def seal(self, how=HOW):
        """Seal until nothing is left."""
        total = 0
        while True:
            async with transaction(self.sessions()) as session:
                count = await seal(session, how)
            if not count:
                return total
            total += count

    async def close(self):
        for worker in self._workers:
            await worker._courier.lines.aclose()
        for engine in self._engines.values():
            await engine.dispose()


@asynccontextmanager
async def running(*workers):
    """Workers at work; stopped as a SIGTERM would stop them."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)


async def until(condition, seconds=60.0):
    """Wait until a condition holds; it is an error when it never does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                found = condition()
                if await found if inspect.isawaitable(found) else found:
                    return
                await asyncio.sleep(0.01)
    message = f"not within {seconds} s"
    raise AssertionError(message)


def tell(session, *, resource=None, version=1, agency=None, type=HAPPENED):
    """Record one fact in this session."""
    subject = Subject(resource or uuid4(), version, agency)
    record(session, OPERATOR, type, subject)
    return subject.id


async def happen(sessions, number=1):
    """Facts, each in a transaction of its own."""
    for _ in range(number):
        async with transaction(sessions) as session:
            tell(session)


async def seal_here(sessions):
    """Seal inside the test's own transaction."""
    async with transaction(sessions) as session:
        await session.execute(text("SET LOCAL ROLE ttdn_worker"))
        while await seal(session, HOW):
            pass
        await session.execute(text("SET LOCAL ROLE ttdn_app"))


async def behind_its_back(connection, statements):
    """Run statements as a superuser who has switched every trigger off."""
    await connection.execute(text("SET LOCAL ROLE NONE"))
    await connection.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in filter(str.strip, statements.split(";")):
        await connection.exec_driver_sql(
            statement.format(at_5="(SELECT event_id FROM ledger WHERE sequence = 5)"), None
        )
    await connection.execute(text("SET LOCAL session_replication_role = origin"))
    await connection.execute(text("SET LOCAL ROLE ttdn_app"))
