"""`make bench`: the service beside the bare floor, on one machine, in one run; only the ratios count.

The server has one core, PostgreSQL and the load generator share the other. Rounds are interleaved, medians are shown.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
from cryptography.fernet import Fernet
from sqlalchemy import text

from app import migrate
from app.access.actor import Actor
from app.access.grants import Scope
from app.kit.clock import now, today
from app.kit.db import make_engine, make_sessions, transaction
from app.kit.postgres import embedded
from app.kit.vault import Vault
from app.law.book import law
from app.oauth.service import create_client
from app.obligations.matrix import statement

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOALS = {"list of 50": 0.6, "GET one": 0.5, "304": 0.45, "create": 0.45}
BULK_GOAL, AGAIN_GOAL, LINES = 0.5, 2.0, 1000
"""Items a second beside the floor, and of the same call again beside the first."""
MATRIX_GOAL = 2.0
"""So many times its bare statement may the matrix of a year take."""
YEAR, AGENCIES, DUTIES = 2027, 200, 12
CONNECTIONS = 16
FLOOR_PORT, SERVICE_PORT = 8391, 8392
SERVER_CORE, OTHER_CORE = 0, 1

FILL = """
INSERT INTO plan (id, agency_id, state, version, created_at, updated_at, kind, year, title, objectives, shareable,
                  first_submitted_at, submitted_at, withdrawn_at, withdrawal_reason)
SELECT gen_random_uuid(), (SELECT id FROM agency WHERE slug = 'ubnd-buon-don'), 'withdrawn', 3, now(), now(),
       'agency_annual', 2014 + n % 80, 'Kế hoạch thông tin đối ngoại số ' || n, repeat('Mục tiêu. ', 20), false,
       now(), now(), now(), 'Lập lại'
FROM generate_series(1, :rows) AS n
"""
TASKS = """
INSERT INTO plan_task
    (id, plan_id, position, code, title, content_category, direction, audiences, cooperating_agency_ids)
SELECT gen_random_uuid(), plan.id, k, 'NV-' || k, 'Chuyên trang tiếng Anh giới thiệu du lịch',
       'image_promotion', 'outward', '{foreign_org_or_person}', '{}'
FROM plan, generate_series(0, 1) AS k
"""
MORE_AGENCIES = """
WITH made AS (
    INSERT INTO agency (id, slug, kind, valid_from, version)
    SELECT gen_random_uuid(), 'bench-' || n, 'department', '2013-11-04', 1
    FROM generate_series((SELECT count(*) FROM agency) + 1, :agencies) AS n RETURNING id, slug
)
INSERT INTO agency_name (id, agency_id, valid_from, name_vi, name_en, folded, sort_key)
SELECT gen_random_uuid(), id, '2013-11-04', slug, slug, slug, slug FROM made
"""
OBLIGATIONS = """
WITH owed AS (
    SELECT a.id, d.duty, (ARRAY['open', 'open', 'received', 'accepted', 'nil_return', 'waived'])[
        1 + (row_number() OVER (ORDER BY a.id, d.duty)) % 6] AS state
    FROM agency AS a, unnest(CAST(:duties AS text[])) AS d (duty)
)
INSERT INTO obligation (id, agency_id, state, version, created_at, updated_at, duty, period_key, year, period_start,
                        period_end, kind, due_rule, due_source, due_before, last_on_time_date, soon_at,
                        first_received_at, late)
SELECT gen_random_uuid(), id, state, 1, now(), now(), duty, '2027', :year, '2027-01-01', '2028-01-01', 'report.annual',
       'annual_before 12-15', 'clause', now() + interval '1 day', '2027-12-14', now() - interval '1 day',
       CASE WHEN received THEN now() END, CASE WHEN received THEN id::text < '8' END
FROM owed, LATERAL (SELECT state IN ('received', 'accepted', 'nil_return') AS received) AS came
"""
PLAN = {
    "year": 2027,
    "title": "Kế hoạch thông tin đối ngoại năm 2027",
    "no_budget_reason": "Kinh phí bố trí trong dự toán chi thường xuyên",
    "tasks": [
        {
            "code": "NV-01",
            "title": "Chuyên trang tiếng Anh giới thiệu du lịch Buôn Đôn",
            "content_category": "image_promotion",
            "audiences": ["foreign_org_or_person"],
        }
    ],
}


REPORT = {
    "kind": "interim",
    "year": 2027,
    "period_start": "2027-01-01",
    "period_end": "2027-06-30",
    "title": "Báo cáo sơ kết sáu tháng đầu năm 2027",
    "sections": [{"area": "QC.D5.K2", "text": "Hoàn thành 11 trong 12 nhiệm vụ."}],
}


@contextmanager
def server(command: list[str], environment: dict[str, str], port: int) -> Iterator[psutil.Process]:
    """One server on the server's core, up until the end."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, {SERVER_CORE})
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def load(url: str, requests: list, seconds: float, connections: int = CONNECTIONS) -> dict:
    """One round against one server."""
    plan = {"url": url, "requests": requests, "connections": connections, "seconds": seconds}
    done = subprocess.run(
        [sys.executable, str(HERE / "load.py")],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


async def prepare(url: str, vault: Vault, rows: int) -> tuple[dict[str, str], str, list[str]]:
    """Fill the database; credentials of a coordinator and a district, an agency, some ids to read."""
    await migrate.upgrade(url)
    await migrate.seed(url, vault)
    engine = make_engine(url, role=None, pool_size=1)
    async with transaction(make_sessions(engine)) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(text(FILL), {"rows": rows})
        await session.execute(text(TASKS))
        await session.execute(text(MORE_AGENCIES), {"agencies": AGENCIES})
        await session.execute(text(OBLIGATIONS), {"duties": list(law().duties)[:DUTIES], "year": YEAR})
        # Creating thousands of plans of one agency and year is what only a benchmark does.
        await session.execute(text("DROP INDEX uq_plan_live"))
        clients = {
            slug: await create_client(session, slug, "integration", "bench") for slug in ("so-tttt", "ubnd-buon-don")
        }
    async with make_sessions(engine)() as session:
        agency = str(await session.scalar(text("SELECT id FROM agency WHERE slug = 'ubnd-buon-don'")))
        ids = [str(row[0]) for row in await session.execute(text("SELECT id FROM plan LIMIT 1000"))]
        await session.execute(text("COMMIT"))
        await session.execute(text("VACUUM ANALYZE"))
    await engine.dispose()
    return {slug: (str(c.client_id), c.client_secret) for slug, c in clients.items()}, agency, ids


def token(credentials: tuple[str, str]) -> dict[str, str]:
    """The header of a fresh token."""
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(f"http://127.0.0.1:{SERVICE_PORT}/oauth/token", data=form, auth=credentials)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def cases(reader: dict[str, str], writer: dict[str, str], ids: list[str]) -> dict:
    """For each operation, the requests to the floor and to the service."""
    some = ids[:200]
    tags = {}
    for id in some:
        tags[id] = httpx.get(f"http://127.0.0.1:{SERVICE_PORT}/v1/plans/{id}", headers=reader).headers["ETag"]
    body = json.dumps(PLAN, ensure_ascii=False)
    kind = {"Content-Type": "application/json"}
    return {
        "list of 50": ([["GET", "/plans", {}, None]], [["GET", "/v1/plans", reader, None]]),
        "GET one": (
            [["GET", f"/plans/{id}", {}, None] for id in ids],
            [["GET", f"/v1/plans/{id}", reader, None] for id in ids],
        ),
        "304": (
            [["GET", f"/plans/{id}", {"If-None-Match": '"v3"'}, None] for id in some],
            [["GET", f"/v1/plans/{id}", reader | {"If-None-Match": tags[id]}, None] for id in some],
        ),
        "create": (
            [["POST", "/plans", kind, body]],
            [["POST", "/v1/plans", writer | kind | {"Idempotency-Key": "@KEY@"}, body]],
        ),
    }


async def bare(url: str, seconds: float) -> float:
    """The median time of the statement behind the matrix, prepared once, in milliseconds."""
    actor = Actor(None, None, frozenset({"COORD"}), frozenset({Scope.obligations_read}))
    made = statement(actor)
    values = made.arguments({"year": YEAR, "moment": now(), "day": today()})
    connection = await asyncpg.connect(url)
    prepared = await connection.prepare(made.text)
    times, stop = [], time.perf_counter() + seconds
    while time.perf_counter() < stop:
        asked = time.perf_counter()
        rows = await prepared.fetch(*values)
        times.append(time.perf_counter() - asked)
    await connection.close()
    assert len(rows) == (AGENCIES + 1) * (DUTIES + 1), len(rows)
    return statistics.median(times) * 1000


def measure_matrix(chosen: argparse.Namespace, credentials: dict, url: str) -> tuple[float, float]:
    """The matrix of a year asked for by one caller after the other, and its bare statement; medians."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(chosen.rounds):
        asked: list[Any] = [["GET", f"/v1/obligations/matrix?year={YEAR}", token(credentials["so-tttt"]), None]]
        theirs.append(asyncio.run(bare(url, chosen.seconds)))
        found = load(f"http://127.0.0.1:{SERVICE_PORT}", asked, chosen.seconds, connections=1)
        assert set(found["statuses"]) == {"200"}, found
        ours.append(found["p50_ms"])
    return statistics.median(ours), statistics.median(theirs)


def measure_bulk(chosen: argparse.Namespace, credentials: dict) -> tuple[float, float, float]:
    """Items a second: the floor, the service when all is new, and when all is unchanged; medians."""
    targets = {"floor": f"http://127.0.0.1:{FLOOR_PORT}/reports/bulk"}
    targets |= dict.fromkeys(("new", "unchanged"), f"http://127.0.0.1:{SERVICE_PORT}/v1/reports/bulk")
    found: dict[str, list[float]] = {name: [] for name in targets}
    with httpx.Client(timeout=60) as http:
        headers = token(credentials["ubnd-buon-don"]) | {"Content-Type": "application/x-ndjson"}
        for call in range(4 * chosen.rounds):
            for name, url in targets.items():
                source = "floor" if name == "floor" else "bench"
                items = [{"source": source, "external_id": f"{call}-{n}", "body": REPORT} for n in range(LINES)]
                body = "\n".join(json.dumps(item, ensure_ascii=False) for item in items).encode()
                began = time.perf_counter()
                answer = http.post(url, content=body, headers=headers)
                found[name].append(LINES / (time.perf_counter() - began))
                assert answer.status_code == 207, answer.text
                wanted = {"new": '"created"', "unchanged": '"unchanged"'}.get(name)
                assert wanted is None or answer.text.count(wanted) == LINES, answer.text[:500]
    floor, new, unchanged = (statistics.median(some) for some in found.values())
    return floor, new, unchanged


def main() -> None:
    """Run and print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--write", type=Path)
    chosen = options.parse_args()
    if (os.cpu_count() or 1) <= OTHER_CORE:
        sys.exit("Two cores are needed: the server has one, PostgreSQL and the load the other")
    key = Fernet.generate_key().decode()
    home = Path(tempfile.mkdtemp(prefix="ttdn-bench-"))
    home.chmod(0o755)
    os.sched_setaffinity(0, {OTHER_CORE})  # PostgreSQL and the load inherit it
    with embedded(home) as postgres:
        credentials, agency, ids = asyncio.run(prepare(postgres.url, Vault(key), chosen.rows))
        environment = {**os.environ, "BENCH_URL": postgres.url, "BENCH_AGENCY": agency}
        environment |= {"TTDN_DATABASE_URL": postgres.url, "TTDN_MASTER_KEY": key, "TTDN_PORT": str(SERVICE_PORT)}
        environment |= {"TTDN_RATE_LIMIT": "0", "TTDN_LOG_LEVEL": "warning", "PYTHONPATH": str(ROOT)}
        floor = [
            sys.executable,
            "-m",
            "uvicorn",
            "tests.bench.floor:app",
            "--port",
            str(FLOOR_PORT),
            "--log-level",
            "error",
        ]
        service = [sys.executable, "-m", "app.cli", "serve"]
        with (
            server([*floor, "--no-access-log"], environment, FLOOR_PORT),
            server(service, environment, SERVICE_PORT) as ours,
        ):
            rows = measure(chosen, credentials, ids)
            matrix = measure_matrix(chosen, credentials, postgres.url)
            bulk = measure_bulk(chosen, credentials)
            memory = ours.memory_info().rss / 2**20
    table = report(rows, matrix, bulk, memory, chosen)
    print(table)
    if chosen.write:
        chosen.write.write_text(HEAD + table, "utf-8")


def measure(chosen: argparse.Namespace, credentials: dict, ids: list[str]) -> dict:
    """Interleaved rounds of every case; medians."""
    found: dict[str, dict[str, list[dict]]] = {}
    for _ in range(chosen.rounds):
        reader, writer = token(credentials["so-tttt"]), token(credentials["ubnd-buon-don"])
        for name, (bare, ours) in cases(reader, writer, ids).items():
            entry = found.setdefault(name, {"floor": [], "service": []})
            entry["floor"].append(load(f"http://127.0.0.1:{FLOOR_PORT}", bare, chosen.seconds))
            entry["service"].append(load(f"http://127.0.0.1:{SERVICE_PORT}", ours, chosen.seconds))
    return found


HEAD = """# Benchmarks

What `make bench` printed: the service, with token, row rule, event and problem handling on, beside bare Starlette and
asyncpg whose JSON PostgreSQL makes and which checks nothing. One server process on one core; PostgreSQL and the load on
the other. Absolute figures drift from run to run; only the ratios of one run count.

"""


def report(
    rows: dict, matrix: tuple[float, float], bulk: tuple[float, float, float], memory: float, chosen: argparse.Namespace
) -> str:
    """The table, and what falls short."""
    lines = [
        f"{today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}: `make bench`",
        f"({chosen.rows:,} plans, {CONNECTIONS} connections, {chosen.rounds} rounds of {chosen.seconds:g} s)",
        "",
        "| operation | floor /s | service /s | ratio | goal | service p50 ms | service p99 ms | statuses |",
        "|---|---|---|---|---|---|---|---|",
    ]
    short = []
    for name, entry in rows.items():
        bare = statistics.median(round_["per_second"] for round_ in entry["floor"])
        ours = statistics.median(round_["per_second"] for round_ in entry["service"])
        p50, p99 = (statistics.median(round_[p] for round_ in entry["service"]) for p in ("p50_ms", "p99_ms"))
        statuses = ", ".join(entry["service"][0]["statuses"])
        ratio = f"{ours / bare:.2f} | {GOALS[name]}"
        lines.append(f"| {name} | {bare:.0f} | {ours:.0f} | {ratio} | {p50:.1f} | {p99:.1f} | {statuses} |")
        if ours / bare < GOALS[name]:
            short.append(f"{name}: {ours / bare:.2f} of {GOALS[name]}")
    ours, bare = matrix
    lines += [
        "",
        f"Matrix of a year, {AGENCIES} agencies × {DUTIES} duties, one caller: {ours:.1f} ms; its bare statement:",
    ]
    lines += [f"{bare:.1f} ms; {ours / bare:.2f} times (goal: {MATRIX_GOAL:g})."]
    if ours / bare > MATRIX_GOAL:
        short.append(f"matrix: {ours / bare:.2f} times its statement")
    floor, new, again = bulk
    lines += [
        "",
        f"Bulk, {LINES:,} lines a call, one caller: floor {floor:,.0f} items/s; all new {new:,.0f}",
        f"({new / floor:.2f}, goal: {BULK_GOAL:g}); all unchanged {again:,.0f}",
        f"({again / new:.2f} times, goal: {AGAIN_GOAL:g}).",
    ]
    if new / floor < BULK_GOAL or again / new < AGAIN_GOAL:
        short.append(f"bulk: {new / floor:.2f} of its floor, {again / new:.2f} times when unchanged")
    lines += ["", f"Memory of the service after the run: {memory:.0f} MiB (goal: 100)."]
    lines += [f"Falls short: {'; '.join(short)}." if short else "Every goal is met."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
