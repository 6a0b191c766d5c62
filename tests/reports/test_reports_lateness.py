"""On time or late: before 15 December of the province, fixed by the first time a report arrives (QC.D7.K3-a)."""

from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import pytest
import time_machine
from sqlmodel import select

from app.trail.models import Event
from tests import make

IN_TIME, TOO_LATE = "2027-12-14T23:59:59.999+07:00", "2027-12-15T00:00:00+07:00"


@asynccontextmanager
async def at(world, moment, *slugs):
    """Callers at an instant; their tokens are of that instant too."""
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        await world.refresh()
        world._tokens.clear()
        yield [await world.as_(slug) for slug in slugs]


@pytest.fixture
async def year(world):
    """2027 is opened: every member owes its plan and its report."""
    async with at(world, "2027-01-04T08:00:00+07:00", make.COORDINATOR) as (coordinator,):
        document = {"number": "12/STTTT-TTBCXB", "issued_on": "2027-01-04", "issuer": "Sở"}
        deadlines = [{"duty": "QC.D7.K1-a", "last_on_time_date": "2027-01-31"}]
        body = {"document": document, "deadlines": deadlines, "weekend_policy": "none"}
        opened = await coordinator.put("/v1/obligation-years/2027", body)
        assert opened.status_code == 201, opened.text


async def sent(caller, **changes):
    report = (await caller.post("/v1/reports", make.a_report(**changes))).json()
    answer = await caller.move(report, "submit", make.SUBMIT, "reports")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(world, report):
    async with world.sessions() as session:
        found = await session.scalars(select(Event).where(Event.resource_id == UUID(report["id"])).order_by(Event.id))
        return [event.type.removeprefix("report.") for event in found]


async def owed(world, moment, duty="QC.D7.K3-a"):
    """What the district owes for one duty of the year."""
    async with at(world, moment, make.DISTRICT) as (district,):
        agency = await world.agency_id(make.DISTRICT)
        found = (await district.get(f"/v1/obligations?agency={agency}&duty={duty}&year=2027")).json()["items"]
    (obligation,) = found
    return obligation


@pytest.mark.provision("QC.D7.K3")
@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(("moment", "late"), [(IN_TIME, False), (TOO_LATE, True)])
async def test_the_last_instant_on_time_is_the_one_before_15_december(world, moment, late):
    async with at(world, moment, make.DISTRICT) as (district,):
        report = await sent(district)
        assert report["late"] is late
        assert (await district.get(f"/v1/reports/{report['id']}")).json()["late"] is late
        (listed,) = (await district.get("/v1/reports")).json()["items"]
        assert listed["late"] is late
    assert await told(world, report) == ["created", "submitted", *(["late"] if late else [])]
    assert (await owed(world, moment))["state"] == ("received_late" if late else "received_on_time")


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(("moment", "late"), [(IN_TIME, False), (TOO_LATE, True)])
async def test_a_return_and_what_is_sent_again_change_no_lateness(world, moment, late):
    async with at(world, moment, make.DISTRICT) as (district,):
        report = await sent(district)
    async with at(world, "2027-12-18T09:00:00+07:00", make.COORDINATOR) as (coordinator,):
        returned = (await coordinator.move(report, "return", make.RETURN, "reports")).json()
        assert returned["late"] is late
    async with at(world, "2027-12-20T09:00:00+07:00", make.DISTRICT) as (district,):
        again = (await district.move(returned, "submit", make.SUBMIT, "reports")).json()
        assert again["late"] is late
    async with at(world, "2027-12-21T09:00:00+07:00", make.COORDINATOR) as (coordinator,):
        accepted = (await coordinator.move(again, "accept", {}, "reports")).json()
        assert (accepted["state"], accepted["late"]) == ("accepted", late)
    events = ["created", "submitted", *(["late"] if late else []), "returned", "submitted", "accepted"]
    assert await told(world, report) == events
    assert (await owed(world, "2027-12-21T10:00:00+07:00"))["state"] == "accepted"


@pytest.mark.usefixtures("year")
async def test_a_withdrawal_voids_it_and_what_is_then_sent_is_judged_anew(world):
    async with at(world, IN_TIME, make.DISTRICT) as (district,):
        report = await sent(district)
        withdrawn = (await district.move(report, "withdraw", make.WITHDRAW, "reports")).json()
        assert (withdrawn["state"], withdrawn["late"]) == ("withdrawn", None)
    assert (await owed(world, TOO_LATE))["state"] == "overdue"
    async with at(world, TOO_LATE, make.DISTRICT) as (district,):
        assert (await sent(district))["late"] is True
    assert await told(world, report) == ["created", "submitted", "withdrawn"]


@pytest.mark.usefixtures("year")
async def test_what_the_coordinator_sends_to_itself_is_received_and_accepted(world):
    async with at(world, TOO_LATE, make.COORDINATOR) as (coordinator,):
        report = await sent(coordinator)
        assert (report["state"], report["late"]) == ("accepted", True)
        agency = await world.agency_id(make.COORDINATOR)
        found = await coordinator.get(f"/v1/obligations?agency={agency}&duty=QC.D7.K3-a&year=2027")
        assert [item["state"] for item in found.json()["items"]] == ["accepted"]
    assert await told(world, report) == ["created", "submitted", "late", "accepted"]


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "interim", "period_start": "2027-01-01", "period_end": "2027-06-30"},
        {"year": 2026},
    ],
    ids=["an interim report", "a year that is not owed"],
)
async def test_what_nobody_owes_is_neither_late_nor_on_time(world, changes):
    async with at(world, TOO_LATE, make.DISTRICT) as (district,):
        report = await sent(district, **changes)
    assert report["late"] is None
    assert await told(world, report) == ["created", "submitted"]
    assert (await owed(world, TOO_LATE))["state"] == "overdue"


@pytest.mark.usefixtures("year")
async def test_who_owes_no_report_may_send_one_all_the_same(world):
    async with at(world, TOO_LATE, "bao-dak-lak") as (newspaper,):
        assert (await sent(newspaper))["late"] is None


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("year", {"year": 2028}),
        ("kind", {"kind": "interim", "period_start": "2027-01-01", "period_end": "2027-12-31"}),
    ],
)
async def test_what_a_report_answers_stays_once_it_was_sent(world, name, changes):
    async with at(world, IN_TIME, make.DISTRICT, make.COORDINATOR) as (district, coordinator):
        report = await sent(district)
        returned = (await coordinator.move(report, "return", make.RETURN, "reports")).json()
        path = f"/v1/reports/{report['id']}"
        refused = await district.put(path, make.a_report(**changes), returned["etag"])
        assert refused.status_code == 422
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(f"/{name}", "settled")]
        assert (await district.put(path, make.a_report(title="Sửa"), returned["etag"])).status_code == 200


@pytest.mark.usefixtures("year")
async def test_a_plan_meets_what_is_owed_for_its_year(world):
    early, late = "2027-01-31T23:59:59+07:00", "2027-02-01T00:00:00+07:00"
    assert (await owed(world, early, "QC.D7.K1-a"))["state"] == "due"
    async with at(world, late, make.DISTRICT) as (district,):
        plan = (await district.post("/v1/plans", make.a_plan())).json()
        plan = (await district.move(plan, "submit", make.SUBMIT)).json()
    assert (await owed(world, late, "QC.D7.K1-a"))["state"] == "received_late"
    async with at(world, late, make.COORDINATOR) as (coordinator,):
        returned = (await coordinator.move(plan, "return", make.RETURN)).json()
    async with at(world, late, make.DISTRICT) as (district,):
        refused = await district.put(f"/v1/plans/{plan['id']}", make.a_plan(year=2028), returned["etag"])
        assert refused.json()["errors"][0]["pointer"] == "/year"
        withdrawn = await district.move(returned, "withdraw", make.WITHDRAW)
        assert withdrawn.status_code == 200
    assert (await owed(world, late, "QC.D7.K1-a"))["state"] == "overdue"
