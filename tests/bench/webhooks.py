"""`make test-reliability`: workers and API processes killed by the hundred, bad receivers, a week away, a recovery.

Each part runs on an embedded PostgreSQL of its own and prints what came out; what must never be ends with status 1.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest import mock

import httpx
import psutil
from sqlalchemy import text

from app import migrate
from app.access.snapshot import Snapshot
from app.access.tokens import issue
from app.kit.db import make_engine, make_sessions, transaction
from app.kit.logs import configure
from app.kit.postgres import embedded
from app.kit.roles import Role
from app.oauth.service import create_client
from app.trail.checkpoints import Signer, audit
from app.trail.poke import Poker
from app.webhooks import recovery
from app.webhooks.addresses import AddressRules
from app.webhooks.claims import Places
from app.webhooks.lines import Lines
from app.webhooks.sending import Letter, post
from app.webhooks.signing import sign_all
from tests import make
from tests.trail.hands import Hands
from tests.webhooks import crash
from tests.webhooks.posts import turn

NEVER = (
    *("never received", "not recorded", "repeats with another body", "held by two at once"),
    *("acknowledged and lost", "made twice or unasked", "events that do not match", "out of order"),
)
HEALTHY_P99_SECONDS = 2.0


@asynccontextmanager
async def poked(url):
    """Sessions of the API's role whose commits wake the worker."""
    engine = make_engine(url, role=Role.app, pool_size=4)
    poker = Poker(engine)
    task = asyncio.create_task(poker.run())
    yield make_sessions(engine, poke=poker.poke)
    task.cancel()
    await engine.dispose()


async def kills(url, chosen):
    """Workers killed before sending, after sending and after recording."""
    return await crash.killed_workers(url, chosen.rounds * len(crash.POINTS), limit=180.0)


async def api(url, chosen):
    """API processes killed at random moments under load."""
    engine = make_engine(url, role=Role.owner, pool_size=2)
    sessions = make_sessions(engine)
    async with transaction(sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        await create_client(session, "ubnd-buon-don", "integration", "reliability")
    snapshot = Snapshot(sessions, make.vault())
    await snapshot.refresh()
    ((client_id, known),) = snapshot.state.clients.items()
    scopes, life = frozenset({"webhooks:manage"}), timedelta(minutes=15)
    token = issue(snapshot.state.signing, "http://test", client_id, known.agency_id, scopes, life)
    await engine.dispose()
    return await crash.killed_apis(url, token, chosen.rounds * 2)


class Bad(crash.Counter):
    """A receiver that hangs, drips or refuses."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    async def answer(self, writer):
        """Answer badly."""
        if self.kind == "refuses":
            writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" if self.kind == "drips" else b"")
        for _ in range(100):
            await asyncio.sleep(0.3)
            writer.write(b"x" if self.kind == "drips" else b"")
            await writer.drain()


def note(committed, id):
    """When it was committed."""
    committed[id] = time.perf_counter()


def cpu(pid):
    """Seconds of CPU that a process and all it has started have spent."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(one.cpu_times()[:4]) for one in family)


def server():
    """The PostgreSQL of this part."""
    (found,) = (one for one in psutil.Process().children(recursive=True) if one.name() == "postgres" and one.children())
    return found.pid


def waits(receiver, committed):
    """Seconds from the commit to the first byte, of each delivery of these events."""
    return [at - committed[id] for (_, id), at in receiver.times.items() if id in committed]


async def quiet(sessions):
    """Wait until everything from before is sent."""
    for _ in range(600):
        if not await crash.undelivered(sessions):
            return
        await asyncio.sleep(0.1)


def spread(seconds):
    """Median and 99th percentile, in milliseconds."""
    found = sorted(seconds)
    return {"p50 ms": round(statistics.median(found) * 1000), "p99 ms": round(found[int(len(found) * 0.99)] * 1000)}


async def bad(url, chosen):
    """Ten endpoints, four of them bad; how long the six healthy ones wait from commit to first byte."""
    work = crash.nest("worker", url, make.MASTER_KEY, -1, env=os.environ | {"DEADLINE": "15"})
    async with (
        crash.Counter() as healthy, Bad("hangs") as hangs, Bad("drips") as drips, Bad("refuses") as refuses,
        poked(url) as sessions, work as worker,
    ):  # fmt: skip
        wrong = [hangs.url, drips.url, refuses.url, "http://127.0.0.1:9/"]
        await crash.endpoints(sessions, [*wrong, *(f"{healthy.url}{n}" for n in range(6))])
        await settled(lambda: {f"/{n}" for n in range(6)} == {path for path, _ in healthy.times})
        await asyncio.sleep(chosen.warm)
        committed, spent = {}, (cpu(worker.pid), cpu(server()))
        began = time.perf_counter()
        for at in range(int(chosen.seconds * chosen.per_second)):
            await asyncio.sleep(max(0, began + at / chosen.per_second - time.perf_counter()))
            await crash.happens(sessions, 1, partial(note, committed))
        await settled(lambda: len(waits(healthy, committed)) == 6 * len(committed))
        spent = [now - before for now, before in zip((cpu(worker.pid), cpu(server())), spent, strict=True)]
    found = {"events a second": chosen.per_second, "healthy": len(waits(healthy, committed))}
    found |= {"worker CPU s": round(spent[0], 1), "database CPU s": round(spent[1], 1)}
    return found | spread(waits(healthy, committed)) | {"never received": 6 * len(committed) - found["healthy"]}


async def idle(url, chosen):
    """From commit to first byte, one event at a time, nothing else going on."""
    async with crash.Counter() as receiver, poked(url) as sessions:
        await crash.endpoints(sessions, [receiver.url])
        async with crash.nest("worker", url, make.MASTER_KEY, -1):
            await quiet(sessions)
            committed = {}
            for _ in range(chosen.events):
                await crash.happens(sessions, 1, partial(note, committed))
                await settled(lambda: len(waits(receiver, committed)) == len(committed))
                await asyncio.sleep(0.05)
    return {"deliveries": len(waits(receiver, committed)), **spread(waits(receiver, committed))}


async def rate(url, chosen):
    """Deliveries a second of one worker to ten receivers, and posts a second of the bare client to the same."""
    hands = Hands(url)
    async with crash.Counter() as receiver:
        await crash.endpoints(hands.sessions(Role.app), [f"{receiver.url}{n}" for n in range(10)])
        await crash.happens(hands.sessions(Role.app), chosen.events // 10)
        worker = hands.worker(webhook_rate=10_000)
        while await worker.seal_once():
            pass
        began = time.perf_counter()
        while len(receiver.times) < chosen.events // 10 * 10:
            if not await worker.deliver_once():
                await asyncio.sleep(0.002)
        ours = len(receiver.times) / (time.perf_counter() - began)
        await asyncio.gather(*worker._under_way)
        letter = Letter(receiver.url + "bare", ["whsec_" + "A" * 43 + "="], "id", b"{}" * 300)
        async with aclosing(Lines()) as lines:
            attempts = await often(lambda: post(letter, AddressRules.of([], dev=True), lines, 15.0), chosen.events)
        limits = httpx.Limits(max_connections=40, max_keepalive_connections=40)
        async with httpx.AsyncClient(trust_env=False, limits=limits) as client:

            async def bare():
                timestamp = int(time.time())
                signature = sign_all(letter.secrets, letter.id, timestamp, letter.body)
                headers = {"webhook-id": letter.id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
                await client.post(letter.url, content=letter.body, headers=headers)

            floor = await often(bare, chosen.events)
    await hands.close()
    found = {"delivered a second": round(ours), "attempts a second": round(attempts), "bare posts": round(floor)}
    return found | {"delivered to bare": round(ours / floor, 2)}


async def claim(url, chosen):
    """Deliveries claimed in a second, of a hundred endpoints with much to send that have ten places each free."""
    hands = Hands(url)
    await crash.endpoints(hands.sessions(Role.app), [f"http://127.0.0.1:9/{n}" for n in range(100)])
    await crash.happens(hands.sessions(Role.app), chosen.events)
    worker = hands.worker()
    while await worker.seal_once():
        pass
    await hands.sql("ANALYZE")
    counts, began = [], time.perf_counter()
    while claimed := await replace(
        worker._courier, places=Places(in_flight=10 * (len(counts) + 1), rate=10**6, reserve=0)
    ).claim(1000):
        counts.append(len(claimed))
    spent = time.perf_counter() - began
    await hands.close()
    return {"claimed": sum(counts), "statements": len(counts), "rows a second": round(sum(counts) / spent)}


async def often(act, number):
    """How often a second, 40 at a time."""
    places = asyncio.Semaphore(40)

    async def one():
        async with places:
            await act()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(number)))
    return number / (time.perf_counter() - began)


async def week(url, chosen):
    """A receiver away for a simulated week: every hour something happens, and a worker looks; then it comes back."""
    hands = Hands(url)
    async with crash.Counter() as receiver:
        where = receiver.url
    await crash.endpoints(hands.sessions(Role.app), [where])
    worker, ids = hands.worker(), []
    for _ in range(7 * 24):
        ids += await crash.happens(hands.sessions(Role.app), chosen.hourly)
        await turn(worker)
        await worker.watch_once()
        await hands.sql(
            "UPDATE webhook_endpoint SET probe_at = probe_at - interval '1 hour',"
            " failing_since = failing_since - interval '1 hour'"
        )
        await hands.sql(
            "UPDATE webhook_delivery SET next_at = next_at - interval '1 hour',"
            " leased_until = leased_until - interval '1 hour' WHERE state = 'pending'"
        )
    ((state,),) = await hands.sql("SELECT state FROM webhook_endpoint")
    async with crash.Counter() as receiver:
        await hands.sql(
            "UPDATE webhook_endpoint SET url = :url, state = 'active', failures = 0, last_success_at = now()",
            url=receiver.url,
        )
        await hands.sql("UPDATE webhook_delivery SET next_at = now() WHERE state = 'pending'")
        while await turn(worker):
            pass
    await hands.close()
    got = [key[1] for key in receiver.bodies]
    places = {id: at for at, id in enumerate(ids)}
    order = [places[id] for id in got if id in places]
    # Four are under way at a time: within that, any order.
    jumps = sum(later < max(order[:at], default=0) - 8 for at, later in enumerate(order))
    missing = len(set(ids) - set(got))
    return {"after a week": state, "events": len(ids), "never received": missing, "out of order": jumps}


async def recover(url, chosen):
    """Everything in the log queued again for one endpoint, window by window."""
    hands = Hands(url)
    sessions = hands.sessions(Role.app)
    async with transaction(sessions) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        for _ in range(chosen.events):
            crash.fact(session)
    await hands.seal()
    await crash.endpoints(sessions, ["http://127.0.0.1:9/"])
    ((id,),) = await hands.sql("SELECT id FROM webhook_endpoint")
    job = "INSERT INTO webhook_recovery (id, endpoint_id, state, since, until, event_types, states, dry_run,"
    job += " looked_until, counted, queued, created_at, looked_at) VALUES (gen_random_uuid(), :id, 'counting',"
    job += " '2020-01-01', '2100-01-01', '{}', '{parked,missing}', false, 0, 0, 0, now(), now())"
    await hands.sql(job, id=id)
    worker = hands.worker()
    began = time.perf_counter()
    with mock.patch.object(recovery, "AHEAD", 10**9):
        while await worker.tend_once():
            pass
    ((state, counted),) = await hands.sql("SELECT state, counted FROM webhook_recovery")
    ((rows,),) = await hands.sql("SELECT count(*) FROM webhook_delivery WHERE state = 'pending'")
    await hands.close()
    spent = round(time.perf_counter() - began, 1)
    return {"state": state, "counted": counted, "queued": rows, "seconds": spent, "not recorded": counted - rows}


FACTS = """
INSERT INTO event (id, type, occurred_at, request_id, client_id, actor_agency_id, resource_type, resource_id,
    resource_version, agency_id, period, state, previous_state, provisions, data)
SELECT uuidv7(), 'plan.submitted', now(), gen_random_uuid()::text, gen_random_uuid(), a.id, 'plan', gen_random_uuid(),
    3, a.id, '2027', 'submitted', 'draft', '{QC.D7.K1,QC.D12}', '{}'
FROM generate_series(1, :number) JOIN agency AS a ON a.slug = 'ubnd-buon-don'
"""


async def verify(url, chosen):
    """Sealing a long log, and going through all of it as `ttdn audit verify` does."""
    hands = Hands(url)
    await hands.sql(FACTS, number=chosen.events)
    began = time.perf_counter()
    sealed = await hands.seal()
    sealing = time.perf_counter() - began
    await hands.sql("ANALYZE")
    async with transaction(hands.sessions(Role.owner)) as session:
        began = time.perf_counter()
        verdict = await audit(session, Signer(make.vault()))
        verifying = time.perf_counter() - began
    await hands.close()
    found = {"sealed a second": round(sealed / sealing), "verified": verdict.verified}
    found |= {"verified a second": round(verdict.verified / verifying)}
    return found | {"not recorded": sealed - verdict.verified}


async def settled(condition, seconds=60.0):
    """Wait until it holds, or no longer."""
    give_up = time.monotonic() + seconds
    while not condition() and time.monotonic() < give_up:  # noqa: ASYNC110 - the other side is another process
        await asyncio.sleep(0.002)


PARTS = {one.__name__: one for one in (idle, rate, claim, verify, bad, week, recover, kills, api)}
LONG = {"recover": 20_000, "verify": 50_000}


def main():
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them if none is named")
    parser.add_argument(
        "--rounds", type=int, default=100, help="kills at each point of a worker; twice that of the API"
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--per-second", type=float, default=100, help="events in a second, each for ten endpoints")
    parser.add_argument("--events", type=int, default=0, help="default: 200; 20000 to recover, 50000 to verify")
    parser.add_argument("--hourly", type=int, default=2)
    parser.add_argument("--warm", type=float, default=6)
    chosen = parser.parse_args()
    configure("error", readable=False)
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    wanted, bad_ones = chosen.events, []
    for name in chosen.parts or PARTS:
        chosen.events = wanted or LONG.get(name, 200)
        with tempfile.TemporaryDirectory(prefix="ttdn-reliability-") as home:
            Path(home).chmod(0o755)
            with embedded(Path(home), version=18, options={"fsync": "off"}) as server:
                found = asyncio.run(prepared(PARTS[name], server.url, chosen))
        print(f"{name}: {json.dumps(found)}", flush=True)
        bad_ones += [name for never in NEVER if found.get(never)]
        bad_ones += [name] if name == "bad" and found["p99 ms"] > HEALTHY_P99_SECONDS * 1000 else []
    sys.exit(f"what must never be: {bad_ones}" if bad_ones else 0)


async def prepared(part, url, chosen):
    """One part on a fresh database."""
    await migrate.upgrade(url)
    await migrate.seed(url, make.vault())
    return await part(url, chosen)


if __name__ == "__main__":
    main()
