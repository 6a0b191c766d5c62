"""14 December 2031 is a Sunday: both weekend policies, holidays, days made working days, a host in any zone."""

import os
import time

import pytest
from sqlalchemy import text

from tests import make
from tests.obligations.hands import BECAUSE, PLAN, REPORT, all_of, at, opened, owed, sent, settings_of

pytestmark = pytest.mark.usefixtures("two_members")
OPENED, SUNDAY = "2031-01-06T08:00:00", "2031-12-14"
HOLIDAY, WORKING = "holiday", "working_day"


async def marked(coordinator, day, kind):
    answer = await coordinator.put(f"/v1/calendar-days/{day}", {"kind": kind, "title": "Theo thông báo"})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("policy", "days", "last"),
    [
        ("none", {}, SUNDAY),
        ("none", {SUNDAY: HOLIDAY}, SUNDAY),
        ("next_working_day", {}, "2031-12-15"),
        ("next_working_day", {"2031-12-15": HOLIDAY}, "2031-12-16"),
        ("next_working_day", {"2031-12-15": HOLIDAY, "2031-12-16": HOLIDAY}, "2031-12-17"),
        ("next_working_day", {SUNDAY: WORKING}, SUNDAY),
        ("next_working_day", {"2031-12-13": WORKING}, "2031-12-15"),
    ],
)
async def test_a_last_day_on_a_sunday_moves_only_where_the_policy_says(world, policy, days, last):
    """Marked before the year is opened or after it, the days lead to the same date; the instant is its midnight."""
    agency = await world.agency_id(make.DISTRICT)
    before, after = dict(list(days.items())[:1]), dict(list(days.items())[1:])
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        for day, kind in before.items():
            await marked(coordinator, day, kind)
        year = (await opened(coordinator, 2031, weekend_policy=policy)).json()
        for day, kind in after.items():
            await marked(coordinator, day, kind)
        deadline = (await owed(coordinator, agency, year=2031))["deadline"]
        assert deadline["last_on_time_date"] == last
        year = (await coordinator.get("/v1/obligation-years/2031")).json()
        (shown,) = [one for one in year["deadlines"] if one["duty"] == REPORT]
        assert (shown["last_on_time_date"], shown["due_before"]) == (last, deadline["due_before"])
        assert ("on_a_day_off" in [w["code"] for w in shown["warnings"]]) == (policy == "none")
    async with at(world, f"{last}T23:59:59.999", make.DISTRICT) as (district,):
        report = await sent(district, body=make.a_report(year=2031))
        assert report["late"] is False
        assert (await district.move(report, "withdraw", make.WITHDRAW, "reports")).status_code == 200
    async with at(world, deadline["due_before"], make.DISTRICT) as (district,):
        assert (await sent(district, body=make.a_report(year=2031)))["late"] is True


async def test_a_day_that_is_cleared_again_brings_the_date_back_and_judged_ones_stay(world):
    agency, other = await world.agency_id(make.DISTRICT), await world.agency_id(make.COORDINATOR)
    async with at(world, OPENED, make.COORDINATOR, make.DISTRICT) as (coordinator, district):
        await opened(coordinator, 2031, weekend_policy="next_working_day")
        await sent(district, body=make.a_report(year=2031))
        day = await marked(coordinator, "2031-12-15", HOLIDAY)
        assert (await owed(coordinator, other, year=2031))["deadline"]["last_on_time_date"] == "2031-12-16"
        path = "/v1/calendar-days/2031-12-15"
        cleared = await coordinator.request("DELETE", path, headers={"If-Match": day["etag"]})
        assert cleared.status_code == 204
        for one in (agency, other):
            assert (await owed(coordinator, one, year=2031))["deadline"]["last_on_time_date"] == "2031-12-15"


async def test_a_year_whose_dates_a_holiday_moved_is_not_answered_with_what_you_have_still_stands(world):
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        known = (await opened(coordinator, 2031, weekend_policy="next_working_day")).headers["ETag"]
        path, have = "/v1/obligation-years/2031", {"If-None-Match": known}
        assert (await coordinator.get(path, headers=have)).status_code == 304
        await marked(coordinator, "2031-12-15", HOLIDAY)
        read = await coordinator.get(path, headers=have)
        assert read.status_code == 200
        # It is the same version all the same: what the coordinator set has not changed.
        body = settings_of(weekend_policy="next_working_day")
        assert (await coordinator.put(path, body, known)).headers["ETag"] == read.headers["ETag"]


@pytest.mark.parametrize(
    ("day", "status"), [("1900-12-31", 422), ("1901-01-01", 200), ("2199-12-31", 200), ("2200-01-01", 422)]
)
async def test_the_farthest_days_that_a_body_may_name_are_read_back(world, day, status):
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        year = await opened(coordinator, 2031)
        body = settings_of() | {"deadlines": [{"duty": PLAN, "last_on_time_date": day, "locks_on": day}]}
        written = await coordinator.put("/v1/obligation-years/2031", body, year.headers["ETag"])
        assert written.status_code == status, written.text
        assert (await coordinator.get("/v1/obligation-years/2031")).status_code == 200
        found = await owed(coordinator, await world.agency_id(make.DISTRICT), year=2031)
        later = BECAUSE | {"last_on_time_date": day}
        extended = await coordinator.move(found, "extend", later, "obligations")
        assert extended.status_code == (200 if day == "2199-12-31" else 422), extended.text
        assert (await coordinator.get(f"/v1/obligations/{found['id']}")).status_code == 200


async def story(world):
    """What the service answers about a year, wherever it stands."""
    answers = []
    agency = await world.agency_id(make.DISTRICT)
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator, 2031, weekend_policy="next_working_day")
        answers.append((await coordinator.get("/v1/obligation-years/2031")).json()["deadlines"])
    for moment in ("2031-11-14T23:59:59.999", "2031-11-15T00:00:00", "2031-12-15T23:59:59.999", "2031-12-16T00:00:00"):
        async with at(world, moment, make.DISTRICT, make.COORDINATOR) as (district, coordinator):
            found = await owed(district, agency, year=2031)
            answers.append([found["state"], found["deadline"]["due_before"], found["deadline"]["last_on_time_date"]])
            report = await sent(district, body=make.a_report(year=2031))
            answers.append([report["late"], report["submitted_at"]])
            await district.move(report, "withdraw", make.WITHDRAW, "reports")
            chase = (await coordinator.get("/v1/obligations/chase-list")).json()
            answers.append([chase["as_of"], sorted((i["duty"], i["days_overdue"] or 0) for i in chase["items"])])
            matrix = (await coordinator.get("/v1/obligations/matrix?year=2031")).json()
            answers.append([matrix["as_of"], matrix["total"]])
            listed = await all_of(coordinator, "/v1/obligations?year=2031")
            answers.append(sorted([one["duty"], one["period"], one["state"], one["created_at"]] for one in listed))
            answers.append((await coordinator.get("/v1/obligations/chase-list?format=csv")).text)
    return answers


@pytest.fixture
def host(monkeypatch):
    """Puts the host into a zone."""

    def stand(zone):
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield stand
    monkeypatch.undo()
    time.tzset()


async def test_the_host_and_its_database_give_the_same_answers_in_every_zone(world, connection, host):
    found = {}
    for slug in (make.DISTRICT, make.COORDINATOR):
        await world.credentials(slug)
    for zone in ("UTC", "America/Los_Angeles", "Asia/Ho_Chi_Minh", "Pacific/Kiritimati"):
        host(zone)
        assert os.environ["TZ"] == zone
        once = await connection.begin_nested()
        await connection.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
        found[zone] = await story(world)
        await once.rollback()
    answers = found.pop("UTC")
    assert [one[0] for one in answers[1::6]] == ["not_due", "due", "due", "overdue"]
    assert [one[0] for one in answers[2::6]] == [False, False, False, True]
    assert list(found.values()) == [answers] * 3
