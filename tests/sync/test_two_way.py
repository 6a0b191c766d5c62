"""Two systems that write, are moved, and sync with faults, end identical to the service; a second sync does nothing."""

import json
import subprocess
import sys
import tempfile
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from live import SCRIPT, Live, System

from tests import make

pytestmark = pytest.mark.real

SLUGS = (make.DISTRICT, make.OTHER_DISTRICT)
# The worker tells of deadlines meanwhile.
TOLD = "event WHERE resource_type = 'plan'"
YEARS = range(2027, 2031)
FAULTS = ("fine", "fine", "fine", "request lost", "answer lost", "killed before", "killed after")

who, year = st.sampled_from(SLUGS), st.sampled_from(YEARS)
steps = st.one_of(
    st.tuples(st.just("write"), who, year, st.integers(0, 3), st.booleans(), st.booleans()),
    st.tuples(st.just("move"), who, year, st.sampled_from(["submit", "withdraw", "return", "accept", "delete"])),
    st.tuples(st.just("sync"), who, st.lists(st.sampled_from(FAULTS), max_size=12)),
)


@pytest.fixture
async def live(own_database, real_world):
    credentials = {slug: await real_world.credentials(slug) for slug in (*SLUGS, make.COORDINATOR)}
    ids = {slug: str(await real_world.agency_id(slug)) for slug in SLUGS}
    live = Live(own_database, credentials).start()
    live.agencies = ids
    yield live
    live.end()


def do(live, systems, coordinator, callers, step):
    """One step of a day."""
    kind, slug, *more = step
    other = SLUGS[1 - SLUGS.index(slug)]
    if kind == "sync":
        systems[slug].sync(more[0])
        return
    key = f"KH-{more[0]}"
    if kind == "write":
        at, title, asked, shareable = more
        tasks = [make.a_task(cooperating_agency_ids=[live.agencies[other]] if asked else [])]
        systems[slug].write(key, make.a_plan(year=at, title=f"Tên {title}", tasks=tasks, shareable=shareable))
        return
    found = callers[slug].get("/v1/plans", params={"agency": live.agencies[slug], "year": more[0]}).json()["items"]
    rows = [row for row in found if row["state"] != "withdrawn"]
    for row in rows:
        path, version = f"/v1/plans/{row['id']}", {"If-Match": row["etag"]}
        if more[1] == "delete":
            callers[slug].delete(path, headers=version)
        else:
            caller = coordinator if more[1] in {"return", "accept"} else callers[slug]
            caller.post(f"{path}/{more[1]}", json=make.BODIES[more[1]], headers=version)


def test_any_day_with_any_faults_ends_identical_and_the_second_sync_does_nothing(live):
    callers = {slug: live.caller(slug) for slug in (*SLUGS, make.COORDINATOR)}
    coordinator, days, stop = callers[make.COORDINATOR], [], time.monotonic() + 35

    @settings(
        max_examples=12, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=True,
    )  # fmt: skip
    @given(st.lists(steps, min_size=4, max_size=14))
    def day(done):
        if time.monotonic() > stop:
            return  # a slow machine sees fewer days
        with tempfile.TemporaryDirectory() as home:
            systems = {slug: System(live, slug, f"{home}/{slug}") for slug in SLUGS}
            for step in done:
                do(live, systems, coordinator, callers, step)
            first = {slug: system.sync() for slug, system in systems.items()}
            live.settle()
            for system in systems.values():
                system.sync()
                assert system.copy() == system.server_has()
            before = live.count(TOLD)
            for slug, system in systems.items():
                second = system.sync()
                assert set(second) <= {"unchanged", "failed"}
                assert second.get("failed") == first[slug].get("failed")
                assert system.copy() == system.server_has()
            assert live.count(TOLD) == before
            days.append(len(done))

    day()
    assert len(days) >= 3


def test_the_script_as_a_process_killed_in_the_middle_and_run_again(live, tmp_path):
    system = System(live, make.DISTRICT, tmp_path)
    for at in range(2027, 2057):
        system.write(f"KH-{at}", make.a_plan(year=at))
    command, environment = [sys.executable, str(SCRIPT), str(tmp_path)], live.environment(make.DISTRICT)
    killed = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    give_up = time.monotonic() + 30
    while not live.count("plan"):
        assert time.monotonic() < give_up
    killed.kill()
    killed.wait()
    live.settle()

    def run():
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    done = run()
    assert (done.returncode, json.loads(done.stdout)) == (0, {"unchanged": 30}), done.stderr
    assert system.copy() == system.server_has()
    assert len(system.copy()) == 30
    system.write("KH-2057", make.a_plan(year=2030))
    refused = run()
    assert (refused.returncode, json.loads(refused.stdout)) == (1, {"unchanged": 30, "failed": 1})
    assert "KH-2057" in refused.stderr
