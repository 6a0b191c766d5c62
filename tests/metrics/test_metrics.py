"""What is measured: shown to the machine's own Prometheus or to who has the token, and to nobody else."""

import asyncio
import os
import subprocess
import sys

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.kit.db import make_engine, make_reads
from app.metrics import heartbeat
from app.metrics.place import share
from tests import make
from tests.webhooks.posts import an_endpoint
from tests.wire.server import Server

TOKEN = "prometheus-reads-this"


def samples(text):
    """Name and labels -> value."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scraped(api, **headers):
    answer = await api.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


async def test_requests_are_counted_by_route_and_status_and_no_label_is_the_caller_s_own(world):
    caller = await world.as_(make.DISTRICT)
    before = await scraped(world.api)
    for _ in range(3):
        await caller.get("/v1/me")
    await world.api.request("PURGE", "/v1/there-is-nothing/of-this-name")
    found = await scraped(world.api)

    def more(name, *labels):
        return found[name, *labels] - before.get((name, *labels), 0)

    me = (("method", "GET"), ("route", "/v1/me"))
    assert more("ttdn_http_requests_total", *me, ("status", "200")) == 3
    assert more("ttdn_http_request_duration_seconds_count", *me) == 3
    assert more("ttdn_http_requests_total", ("method", "other"), ("route", "(no route)"), ("status", "404")) == 1
    assert found["ttdn_cache_builds_total", ("cache", "access")] > 0
    assert "there-is-nothing" not in str(found)


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "10.0.0.7"}, {"Forwarded": "for=10.0.0.7"}, {"X-Real-IP": "10.0.0.7"}, {"Via": "1.1 gateway"}],
)
async def test_who_comes_through_a_gateway_does_not_find_it(api, headers):
    answer = await api.get("/metrics", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 404), ("", 404)])
async def test_without_a_token_only_this_machine_reads_it(app, host, status):
    transport = httpx.ASGITransport(app, client=(host, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
        assert (await api.get("/metrics")).status_code == status


async def test_with_a_token_who_has_it_reads_it_from_anywhere(app, settings, monkeypatch):
    monkeypatch.setattr(app.state, "settings", settings.model_copy(update={"metrics_token": SecretStr(TOKEN)}))
    transport = httpx.ASGITransport(app, client=("10.0.0.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
        assert await scraped(api, Authorization=f"Bearer {TOKEN}")
        for wrong in ("Bearer x", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", ""):
            assert (await api.get("/metrics", headers={"Authorization": wrong})).status_code == 404
    local = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=local, base_url="http://test") as api:
        assert (await api.get("/metrics")).status_code == 404


@pytest.mark.real
async def test_what_waits_is_shown_with_its_age_and_whether_a_worker_lives(real_world, hands):
    api = real_world.api
    await hands.settle()
    before = await scraped(api)
    assert before["ttdn_log_unsealed",] == before["ttdn_workers",] == 0
    caller = await real_world.as_(make.DISTRICT)
    await an_endpoint(hands, caller, "http://127.0.0.1:9/")
    assert (await caller.post("/v1/plans", make.a_plan())).status_code == 201
    found = await scraped(api)
    assert found["ttdn_log_unsealed",] > 0
    assert 0 < found["ttdn_log_unsealed_age_seconds",] < 60
    assert found["ttdn_log_unsigned_age_seconds",] > 0
    worker = hands.worker()
    while await worker.seal_once():
        pass
    await worker.sweep_once()
    await heartbeat.Pulse(hands.sessions()).beat()
    found = await scraped(api)
    assert (found["ttdn_log_unsealed",], found["ttdn_log_unsigned_age_seconds",]) == (0, 0)
    assert (found["ttdn_webhook_pending",], found["ttdn_webhook_parked",]) == (1, 0)
    assert 0 < found["ttdn_webhook_oldest_pending_age_seconds",] < 60
    assert found["ttdn_webhook_endpoints", ("state", "active")] == 1
    assert found["ttdn_workers",] == 1
    assert found["ttdn_database_up",] == 1
    assert await worker.deliver_once() == 1
    await asyncio.gather(*worker._under_way)
    found = await scraped(api)
    (outcome,) = [key[1] for key in found if key[0] == "ttdn_webhook_attempts_5m"]
    assert outcome == ("outcome", "unreachable")
    for state in ("degraded", "disabled"):
        await hands.sql("UPDATE webhook_endpoint SET state = :state", state=state)
        found = await scraped(api)
        assert (found["ttdn_webhook_pending",], found["ttdn_webhook_parked",]) == (0, 1)
        assert found["ttdn_webhook_oldest_pending_age_seconds",] == 0
    await hands.sql("UPDATE webhook_endpoint SET state = 'active'")
    await hands.sql("UPDATE webhook_delivery SET state = 'parked'")
    found = await scraped(api)
    assert (found["ttdn_webhook_pending",], found["ttdn_webhook_parked",]) == (0, 1)
    await hands.sql("UPDATE worker_heartbeat SET seen_at = seen_at - interval '2 days'")
    assert (await scraped(api))["ttdn_worker_heartbeat_age_seconds",] > 100_000
    await heartbeat.Pulse(hands.sessions()).beat()
    assert len(await hands.sql("SELECT 1 FROM worker_heartbeat")) == 1


async def test_without_a_database_it_says_so(app, api, monkeypatch):
    engine = make_engine("postgresql://nobody@127.0.0.1:9/none", role=None, pool_size=1)
    monkeypatch.setattr(app.state, "reads", make_reads(engine))
    found = await scraped(api)
    assert found["ttdn_database_up",] == 0
    assert ("ttdn_workers",) not in found
    await engine.dispose()


@pytest.mark.real
async def test_processes_of_one_machine_count_together(own_database, tmp_path):
    servers = [Server(own_database, None, data_dir=tmp_path) for _ in range(2)]
    try:
        for server in servers:
            await asyncio.to_thread(server.start)
        async with httpx.AsyncClient(trust_env=False) as client:
            for server in servers:
                await client.get(f"{server.base}/v1/regulations")
            key = ("ttdn_http_requests_total", ("method", "GET"), ("route", "/v1/regulations"), ("status", "200"))
            found = samples((await client.get(f"{servers[0].base}/metrics")).text)
            assert found[key] == 2
            assert ("ttdn_db_pool_in_use",) in found
            assert ("ttdn_long_poll_waiters",) in found
            await asyncio.to_thread(servers[1].stop)
            # What an ended process has counted stays.
            assert samples((await client.get(f"{servers[0].base}/metrics")).text)[key] == 2
    finally:
        for server in servers:
            if server.process:
                server.end()


def test_what_ended_processes_left_is_cleared_away_in_time(tmp_path, monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = [f"{kind}_{pid}.db" for kind in ("counter", "gauge_livesum") for pid in (gone.pid, os.getpid())]
    for name in names:
        (tmp_path / name).touch()
    share(tmp_path)
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {f"counter_{gone.pid}.db", f"counter_{os.getpid()}.db", f"gauge_livesum_{os.getpid()}.db"}
    os.utime(tmp_path / f"counter_{gone.pid}.db", (0, 0))
    share(tmp_path)
    assert not (tmp_path / f"counter_{gone.pid}.db").exists()
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path)
    del os.environ["PROMETHEUS_MULTIPROC_DIR"]
