"""Workers and API processes that are killed again and again, and what must be true afterwards.

A parent process has everything imported and forks a child for each round, so that a round costs a tenth of a second.
The suite runs a few rounds; `make test-reliability` runs hundreds.
"""

import asyncio
import os
import random
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import httpx
from sqlalchemy import text

from app.access.actor import OPERATOR
from app.kit.clock import now
from app.kit.db import make_engine, make_sessions, transaction
from app.kit.roles import Role
from app.trail.record import Subject, record
from app.webhooks.models import WebhookEndpoint
from tests import make
from tests.trail.hands import HAPPENED

POINTS = ("before_send", "after_send", "after_record")
DEADLINE, SPARE = 2.0, 1.0


@asynccontextmanager
async def nest(*arguments, **more):
    """A parent of children that are killed; `arguments`: see `tests.webhooks.nest`."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.webhooks.nest", *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        **more,
    )
    try:
        yield parent
    finally:
        if parent.returncode is None:
            parent.terminate()
        await parent.wait()


class Counter:
    """A receiver in this process: every request by its id, and how many of one id were under way at once."""

    def __init__(self, seconds=0.0):
        self.seconds, self.bodies, self.times, self.overlaps, self._under_way = seconds, {}, {}, 0, set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        try:
            while not writer.is_closing():
                await self._take(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the worker was killed, or needs this connection no more; or all is over
        finally:
            writer.close()

    async def _take(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        key = (head.split(" ", 2)[1], fields["webhook-id"])
        body = await reader.readexactly(int(fields["content-length"]))
        self.overlaps += key in self._under_way
        self._under_way.add(key)
        self.bodies.setdefault(key, []).append(body)
        self.times.setdefault(key, time.perf_counter())
        try:
            await self.answer(writer)
        finally:
            self._under_way.discard(key)

    async def answer(self, writer):
        """Answer 204, after the time it takes."""
        if self.seconds:
            await asyncio.sleep(self.seconds)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()


async def endpoints(sessions, urls, **more):
    """Endpoints of one agency for everything, each proven."""
    async with transaction(sessions) as session:
        (agency,) = (await session.execute(text("SELECT id FROM agency WHERE slug = 'ubnd-buon-don'"))).one()
        for url in urls:
            values = {"agency_id": agency, "state": "active", "event_types": ["agency.*"], "url": url} | more
            session.add(
                WebhookEndpoint(
                    **values,
                    secret_locked=make.vault().lock("whsec_" + "A" * 43 + "="),
                    verified_at=now(),
                    last_success_at=now(),
                )
            )


def fact(session):
    """One fact that everybody may know of; its id."""
    return str(record(session, OPERATOR, HAPPENED, Subject(uuid4(), 1, None)))


async def happens(sessions, number, each=None):
    """So many facts that everybody may know of, each in a transaction of its own; their ids."""
    ids = []
    for _ in range(number):
        async with transaction(sessions) as session:
            ids.append(fact(session))
        if each:
            each(ids[-1])
    return ids


async def killed_workers(url, rounds, workers=2, receivers=4, limit=180.0):
    """Kill workers, `rounds` times in all; what the receivers had, and what stands in the database."""
    engine = make_engine(url, role=Role.app, pool_size=2)
    sessions = make_sessions(engine)
    async with Counter(0.01) as receiver:
        await endpoints(sessions, [f"{receiver.url}{n}" for n in range(receivers)])
        each = -(-rounds // workers)
        async with AsyncExitStack() as stack:
            nests = [
                await stack.enter_async_context(nest("worker", url, make.MASTER_KEY, each)) for _ in range(workers)
            ]
            ids = []
            # Something to do as long as there are rounds to come.
            while any(parent.returncode is None for parent in nests):
                ids += await happens(sessions, 1)
                await asyncio.sleep(0.25)
        async with nest("worker", url, make.MASTER_KEY, -1):
            give_up = time.monotonic() + limit
            left = 1
            while left and time.monotonic() < give_up:
                await asyncio.sleep(0.1)
                left = await undelivered(sessions)
    await engine.dispose()
    keys = {(f"/{n}", id) for n in range(receivers) for id in ids}
    return {
        "kills": each * workers,
        "deliveries": len(keys),
        "never received": len(keys - receiver.bodies.keys()),
        "not recorded": left,
        "sent more than once": sum(len(bodies) > 1 for bodies in receiver.bodies.values()),
        "repeats with another body": sum(len(set(bodies)) > 1 for bodies in receiver.bodies.values()),
        "held by two at once": receiver.overlaps,
    }


async def killed_apis(world_url, token, rounds):
    """Kill API processes at random while clients register endpoints; the clients' journal beside the database."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    journal, stop = {}, asyncio.Event()

    async def client(number):
        async with httpx.AsyncClient(base_url=base, timeout=3, trust_env=False) as http:
            for at in range(1_000_000):
                if stop.is_set():
                    return
                url = f"http://127.0.0.1:9/{number}/{at}"
                await keep_asking(http, url, journal)

    async def keep_asking(http, url, journal):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        body = {"url": url, "event_types": ["plan.created"]}
        while True:
            try:
                answer = await http.post("/v1/webhook-endpoints", json=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 201:
                journal[url] = answer.json()["id"]
                return
            await asyncio.sleep(0.05)

    more = {"pass_fds": [listening.fileno()]}
    async with nest("api", world_url, make.MASTER_KEY, listening.fileno(), rounds, **more) as parent:
        clients = [asyncio.create_task(client(number)) for number in range(4)]
        out = await parent.stdout.readline() if parent.stdout else b""
        assert out.strip() == b"rounds over", out
        stop.set()
        await asyncio.gather(*clients)
    listening.close()
    engine = make_engine(world_url, role=None, pool_size=1)
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT url, id::text FROM webhook_endpoint"))).all()
        told = text("SELECT resource_id::text FROM event WHERE type = 'webhook_endpoint.created'")
        events = (await connection.execute(told)).scalars().all()
    await engine.dispose()
    return {
        "kills": rounds,
        "answered 201": len(journal),
        "in the database": len(rows),
        "acknowledged and lost": len(journal.items() - {tuple(row) for row in rows}),
        "made twice or unasked": len(rows) - len(journal),
        "events that do not match": len(set(events) ^ {row[1] for row in rows}) + len(events) - len(set(events)),
    }


async def undelivered(sessions):
    async with sessions() as session:
        open_ = "(SELECT count(*) FROM outbox) + (SELECT count(*) FROM webhook_delivery WHERE state <> 'delivered')"
        return (await session.execute(text(f"SELECT {open_}"))).scalar_one()


def dies(point):
    """In a child: be killed at this point, at a delivery of the first few."""
    from app.webhooks import delivery

    at = random.randint(1, 6)

    def pass_by():
        nonlocal at
        at -= 1
        if not at:
            os.kill(os.getpid(), signal.SIGKILL)

    send, deliver = delivery.post, delivery.Courier.deliver

    async def post(*given):
        if point == "before_send":
            pass_by()
        attempt = await send(*given)
        if point == "after_send":
            pass_by()
        return attempt

    async def delivered(*given):
        await deliver(*given)
        if point == "after_record":
            pass_by()

    delivery.post, delivery.Courier.deliver = post, delivered
