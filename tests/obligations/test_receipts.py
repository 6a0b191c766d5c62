"""What arrives, what is taken back, and what an agency was given meanwhile (QC.D7.K3-a)."""

import pytest

from tests import make
from tests.obligations.hands import BECAUSE, REPORT, at, moved, opened, owed, sent

pytestmark = pytest.mark.usefixtures("two_members")
OPENED, LATER = "2027-01-04T08:00:00", "2027-12-16T08:00:00"


async def test_what_a_report_says_of_itself_is_the_instant_that_is_judged(world):
    """Two looks at the clock could fall on both sides of midnight."""
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
    world._tokens.clear()
    agency, district = await world.agency_id(make.DISTRICT), await world.as_(make.DISTRICT)
    report = await sent(district)
    obligation = await owed(district, agency)
    assert obligation["submission"]["first_received_at"] == report["first_submitted_at"]


async def test_what_was_waived_is_not_owed_again_because_something_was_sent_and_taken_back(world):
    agency = await world.agency_id(make.DISTRICT)
    async with at(world, OPENED, make.COORDINATOR, make.DISTRICT) as (coordinator, district):
        await opened(coordinator)
        await moved(coordinator, await owed(coordinator, agency), "waive", BECAUSE)
        report = await sent(district)
        found = await owed(coordinator, agency)
        assert (found["state"], found["waiver"]) == ("received_on_time", None)
        assert (await district.move(report, "withdraw", make.WITHDRAW, "reports")).status_code == 200
    async with at(world, LATER, make.COORDINATOR) as (coordinator,):
        found = await owed(coordinator, agency)
        assert (found["state"], found["waiver"]["reason"]) == ("waived", BECAUSE["reason"])
        again = await moved(coordinator, found, "reinstate", BECAUSE)
        assert (again["state"], again["waiver"]) == ("overdue", None)


async def test_an_extension_outlives_a_later_date_for_all_that_is_taken_back(world):
    agency = await world.agency_id(make.DISTRICT)
    async with at(world, OPENED, make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
        later = BECAUSE | {"last_on_time_date": "2027-12-20"}
        await moved(coordinator, await owed(coordinator, agency), "extend", later)
        for common, own, source in (
            ("2027-12-31", "2027-12-31", "dispatch"),
            ("2027-12-10", "2027-12-20", "extension"),
            ("2027-12-20", "2027-12-20", "dispatch"),
        ):
            await opened(coordinator, deadlines={REPORT: common})
            deadline = (await owed(coordinator, agency))["deadline"]
            assert (deadline["last_on_time_date"], deadline["source"]) == (own, source)


async def test_what_is_taken_back_is_due_at_a_later_date_for_all_than_its_agencys_extension(world):
    agency = await world.agency_id(make.DISTRICT)
    async with at(world, OPENED, make.COORDINATOR, make.DISTRICT) as (coordinator, district):
        await opened(coordinator)
        later = BECAUSE | {"last_on_time_date": "2027-12-20"}
        await moved(coordinator, await owed(coordinator, agency), "extend", later)
        report = await sent(district)
        await opened(coordinator, deadlines={REPORT: "2027-12-31"})
        assert (await owed(coordinator, agency))["deadline"]["last_on_time_date"] == "2027-12-20"
        await district.move(report, "withdraw", make.WITHDRAW, "reports")
        assert (await owed(coordinator, agency))["deadline"]["last_on_time_date"] == "2027-12-31"
