"""The stages of chasing one agency: before its date, after it, up to the committee; anew after an extension."""

import pytest

from tests import make
from tests.obligations.hands import BECAUSE, REPORT, all_of, at, looked, moved, opened, owed, sent

pytestmark = pytest.mark.usefixtures("two_members")
OPENED = "2027-01-04T08:00:00"


@pytest.fixture
async def chased(world):
    """The year is opened, and the coordinator's own report is there: only the district is chased."""
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
        await sent(coordinator)
    return await world.agency_id(make.DISTRICT)


async def reminders(world, moment, agency_id):
    """What the district was reminded of, oldest first: the stage, the state and the deadline as it then stood."""
    async with at(world, moment, make.COORDINATOR) as (coordinator,):
        found = await owed(coordinator, agency_id)
        items = await all_of(coordinator, f"/v1/reminders?obligation={found['id']}")
    return [(one["day"], one["state"], one["due_before"][:10]) for one in reversed(items)]


async def test_each_stage_is_sent_on_its_day_and_a_worker_that_was_away_sends_only_the_newest(world, chased):
    for moment in ("2027-11-29T23:59:59", "2027-11-30T00:00:00", "2027-12-22T08:00:00", "2028-01-04T00:00:00"):
        await looked(world, moment)
    found = await reminders(world, "2028-01-05T08:00:00", chased)
    assert found == [(-14, "sent", "2027-12-15"), (7, "escalated", "2027-12-15")]


async def test_after_an_extension_the_stages_begin_anew_up_to_the_committee(world, chased):
    for moment in ("2027-11-30T08:00:00", "2027-12-11T08:00:00", "2027-12-15T08:00:00", "2027-12-21T08:00:00"):
        await looked(world, moment)
    await looked(world, "2028-01-04T08:00:00")
    first = [(day, "sent", "2027-12-15") for day in (-14, -3, 1)] + [(7, "escalated", "2027-12-15")]
    assert await reminders(world, "2028-01-05T08:00:00", chased) == first
    async with at(world, "2028-01-05T08:00:00", make.COORDINATOR) as (coordinator,):
        later = BECAUSE | {"last_on_time_date": "2028-02-14"}
        await moved(coordinator, await owed(coordinator, chased), "extend", later)
    # Nothing is due yet, and what went up before the extension does not go up again.
    assert set((await looked(world, "2028-01-06T08:00:00")).values()) == {0}
    for moment in ("2028-01-31T08:00:00", "2028-02-11T08:00:00", "2028-02-15T08:00:00", "2028-02-21T08:00:00"):
        await looked(world, moment)
    await looked(world, "2028-03-06T08:00:00")
    second = [(day, "sent", "2028-02-15") for day in (-14, -3, 1)] + [(7, "escalated", "2028-02-15")]
    assert await reminders(world, "2028-03-07T08:00:00", chased) == first + second


async def test_nobody_is_reminded_of_what_came_and_again_of_what_was_taken_back(world, chased):
    await looked(world, "2027-11-30T08:00:00")
    async with at(world, "2027-12-01T08:00:00", make.DISTRICT) as (district,):
        report = await sent(district)
    await looked(world, "2027-12-11T08:00:00")
    async with at(world, "2027-12-12T08:00:00", make.DISTRICT) as (district,):
        assert (await district.move(report, "withdraw", make.WITHDRAW, "reports")).status_code == 200
    await looked(world, "2027-12-12T09:00:00")
    await looked(world, "2027-12-12T10:00:00")
    found = await reminders(world, "2027-12-13T08:00:00", chased)
    assert [day for day, _, _ in found] == [-14, -3]


async def test_a_year_is_chased_by_its_own_settings_and_not_at_all_where_they_say_so(world, chased):
    async with at(world, "2027-01-05T08:00:00", make.COORDINATOR) as (coordinator,):
        await opened(coordinator, reminder_days=[0], escalate_after_days=None)
    for moment in ("2027-12-13T23:59:59", "2027-12-14T00:00:00", "2028-06-01T00:00:00"):
        await looked(world, moment)
    assert await reminders(world, "2028-06-01T08:00:00", chased) == [(0, "sent", "2027-12-15")]
    async with at(world, "2028-06-01T08:00:00", make.COORDINATOR) as (coordinator,):
        await opened(coordinator, reminder_days=[], escalate_after_days=None, deadlines={REPORT: "2028-06-30"})
    for moment in ("2028-06-29T08:00:00", "2028-08-01T08:00:00"):
        assert (await looked(world, moment))["remind"] == 0
