"""What is moved and moved back, taken back or extended, and two who change a year at once."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
import time_machine

from app.kit.db import transaction
from app.kit.roles import Role
from app.obligations import watch
from tests import make
from tests.trail.hands import Hands

OPENED = "2027-01-04T08:00:00+07:00"
PAPER = {"number": "12/STTTT-TTBCXB", "issued_on": "2027-01-04", "issuer": "Sở"}
REPORT, PLAN = "QC.D7.K3-a", "QC.D7.K1-a"


@asynccontextmanager
async def at(world, moment, *slugs):
    """Callers at an instant; their tokens are of that instant too."""
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        await world.refresh()
        world._tokens.clear()
        yield [await world.as_(slug) for slug in slugs]


async def opened(coordinator, year=2027, etag=None, **deadline):
    deadlines = [{"duty": PLAN, **deadline}] if deadline else []
    answer = await coordinator.put(f"/v1/obligation-years/{year}", {"document": PAPER, "deadlines": deadlines}, etag)
    assert answer.is_success, answer.text
    return answer.json()


async def owed(caller, agency, duty, year=2027):
    (found,) = (await caller.get(f"/v1/obligations?agency={agency}&duty={duty}&year={year}")).json()["items"]
    return found


async def test_a_deadline_that_is_moved_and_moved_back_is_not_reminded_of_twice_nor_stops_reminding(world):
    agency = await world.agency_id(make.DISTRICT)

    async def reminders(moment):
        with time_machine.travel(datetime.fromisoformat(moment), tick=False):
            async with transaction(world.sessions) as session:
                return await watch.remind(session, datetime.fromisoformat(moment))

    days = {"last_on_time_date": "2027-03-31"}
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        year = await opened(coordinator, **days)
    assert await reminders("2027-03-20T08:00:00+07:00") > 1
    async with at(world, "2027-03-21T08:00:00+07:00", make.COORDINATOR) as (coordinator,):
        year = await opened(coordinator, etag=year["etag"], last_on_time_date="2027-06-30")
        await opened(coordinator, etag=year["etag"], **days)
    assert await reminders("2027-03-21T09:00:00+07:00") == 0
    assert await reminders("2027-03-29T08:00:00+07:00") > 1  # the next stage
    async with at(world, "2027-03-29T09:00:00+07:00", make.DISTRICT) as (district,):
        plan = await owed(district, agency, PLAN)
        found = (await district.get(f"/v1/reminders?obligation={plan['id']}")).json()["items"]
    assert [one["day"] for one in found] == [-3, -14]


async def test_a_nil_return_can_no_more_be_taken_back_once_the_period_is_locked(world):
    agency, nil = await world.agency_id(make.DISTRICT), {"no_state_secret": True, "reason": "Không phát sinh"}
    async with at(world, OPENED, make.COORDINATOR, make.DISTRICT) as (coordinator, district):
        await opened(coordinator, last_on_time_date="2027-03-31", locks_on="2027-04-15")
        found = await owed(district, agency, PLAN)
        said = await district.post(f"/v1/obligations/{found['id']}/nil-return", nil, found["etag"])
        assert said.status_code == 200, said.text
        path, tag = f"/v1/obligations/{found['id']}/retract-nil-return", said.json()["etag"]
    async with at(world, "2027-04-15T00:00:00+07:00", make.DISTRICT) as (district,):
        refused = await district.post(path, {"reason": "Có phát sinh"}, tag)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    async with at(world, "2027-04-14T23:59:59+07:00", make.DISTRICT) as (district,):
        assert (await district.post(path, {"reason": "Có phát sinh"}, tag)).status_code == 200


async def test_an_extension_moves_the_day_from_which_it_is_due_along(world):
    agency = await world.agency_id(make.DISTRICT)
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
        found = await owed(coordinator, agency, REPORT)
        later = {"last_on_time_date": "2028-02-14", "reason": "Bão lũ"}
        answer = await coordinator.post(f"/v1/obligations/{found['id']}/extend", later, found["etag"])
        assert answer.status_code == 200, answer.text
    for moment, state in (("2028-01-14T23:59:59+07:00", "not_due"), ("2028-01-15T00:00:00+07:00", "due")):
        async with at(world, moment, make.DISTRICT) as (district,):
            assert (await owed(district, agency, REPORT))["state"] == state


@pytest.mark.real
@pytest.mark.parametrize("path", ["/v1/obligation-years/2027", "/v1/calendar-days/2027-09-02"])
async def test_of_two_changes_to_the_same_version_one_is_refused(real_world, path):
    coordinator = await real_world.as_(make.COORDINATOR)

    def body(number):
        return {"due_soon_days": number} if "year" in path else {"kind": "holiday", "title": f"Nghỉ {number}"}

    tag = (await coordinator.put(path, body(1))).json()["etag"]
    answers = await asyncio.gather(*(coordinator.put(path, body(number), tag) for number in range(2, 8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]


@pytest.mark.real
async def test_a_year_is_changed_while_workers_settle_it_and_nobody_waits_for_ever(real_world):
    """PostgreSQL ends a circle of waiting with an error: there is none."""
    coordinator, hands = await real_world.as_(make.COORDINATOR), Hands(real_world.url)
    year = datetime.now().astimezone().year
    path = f"/v1/obligation-years/{year}"

    async def settling():
        for _ in range(15):
            async with transaction(hands.sessions(Role.worker)) as session:
                await watch.expect(session, datetime.now().astimezone())

    async def changing():
        tag = None
        for number in range(15):
            answer = await coordinator.put(path, {"due_soon_days": number}, tag)
            assert answer.is_success, answer.text
            tag = answer.json()["etag"]

    async def days():
        for number in range(1, 15):
            day = {"kind": "holiday", "title": "Nghỉ"}
            answer = await coordinator.put(f"/v1/calendar-days/{year}-03-{number:02}", day)
            assert answer.is_success, answer.text

    await asyncio.gather(settling(), settling(), changing(), days())
    await hands.close()
