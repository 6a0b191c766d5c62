"""What issuing, amending and ending a plan of the province does to its tasks (QC.D7.K1, QC.D6.K1)."""

from datetime import datetime

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import make
from tests.provincial import hands as provincial
from tests.shape import assert_problem
from tests.sync.copying import Copy
from tests.tasks import hands
from tests.tasks.hands import OUTSIDER, PARTNER
from tests.trail.hands import seal_here


@pytest.fixture(autouse=True)
async def january(world):
    """The tests stand at the beginning of 2027."""
    with time_machine.travel(datetime.fromisoformat("2027-01-11T08:00:00+07:00"), tick=False):
        await world.refresh()
        yield


async def told(world, slug, *types):
    """The types of the events an agency may know of, among these."""
    found = await (await world.as_(slug)).get("/v1/events", params={"limit": 200, "type": types})
    return [item["type"] for item in found.json()["items"]]


async def test_issuing_puts_each_task_into_the_hands_of_its_lead_and_asks_its_partners(world):
    one = await hands.a_task(world, "NV-01", partners=(PARTNER,))
    two = await hands.a_task(world, "NV-02", lead=make.OTHER_DISTRICT, ends_on=None)
    plan = await hands.issued(world, one, two)
    row = await hands.task(world)
    assert (row["code"], row["title"], row["plan_id"]) == ("NV-01", one["title"], plan["id"])
    assert (row["state"], row["percent"], row["pace"], row["version"]) == ("assigned", 0, None, 1)
    assert [move["move"] for move in row["allowed_moves"]] == ["progress", "complete"]
    partner = await hands.task(world, PARTNER)
    assert (partner["id"], partner["allowed_moves"]) == (row["id"], [])
    asked = await hands.cooperation(world)
    assert (asked["task_id"], asked["state"]) == (row["id"], "asked")
    assert asked["lead_agency_id"] == str(await world.agency_id(make.DISTRICT))
    other = await hands.task(world, make.OTHER_DISTRICT)
    assert (other["code"], other["ends_on"]) == ("NV-02", "2027-12-31")
    assert [row["code"] for row in await hands.tasks_of(world, make.COORDINATOR)] == ["NV-01", "NV-02"]
    assert await hands.tasks_of(world, OUTSIDER) == []


async def test_who_has_no_part_in_a_task_is_answered_as_if_it_never_existed(world):
    await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    row, asked = await hands.task(world), await hands.cooperation(world)
    outsider, missing = await world.as_(OUTSIDER), "01a00000-0000-7000-8000-000000000000"
    for path, id in (("/v1/plan-tasks/{}", row["id"]), ("/v1/cooperations/{}", asked["id"])):
        hidden, never = await outsider.get(path.format(id)), await outsider.get(path.format(missing))
        assert hidden.status_code == never.status_code == 404
        assert {**hidden.json(), "instance": ""} == {**never.json(), "instance": ""}


async def test_a_task_is_owed_by_its_last_day_whatever_is_reported_later(world):
    await hands.issued(world, await hands.a_task(world))
    row = await hands.task(world)
    owed = await hands.owed(world, row, make.DISTRICT)
    assert (owed["duty"], owed["state"], owed["request_id"]) == ("QC.D7.K1-c", "not_due", row["id"])
    assert owed["deadline"]["source"] == "plan"
    assert owed["deadline"]["last_on_time_date"] == "2027-06-30"
    assert owed["deadline"]["due_before"] == "2027-07-01T00:00:00+07:00"


async def test_an_amendment_carries_tasks_over_with_all_that_was_reported(world):
    one = await hands.a_task(world, "NV-01", partners=(PARTNER,))
    two = await hands.a_task(world, "NV-02")
    three = await hands.a_task(world, "NV-03")
    plan = await hands.issued(world, one, two, three)
    before = {row["code"]: row for row in await hands.tasks_of(world, make.DISTRICT)}
    await hands.reported(world, before["NV-01"], "progress")
    later = {**one, "title": "Đổi tên", "ends_on": "2027-09-30", "cooperating_agency_ids": []}
    moved_on = {**two, "lead_agency_id": str(await world.agency_id(make.OTHER_DISTRICT))}
    fresh = await hands.a_task(world, "NV-04", lead=make.OTHER_DISTRICT)
    amendment = await hands.amended(world, plan, later, moved_on, fresh)
    after = {row["code"]: await hands.read(world, row) for row in await hands.tasks_of(world, make.DISTRICT)}
    kept = after["NV-01"]
    assert (kept["id"], kept["title"], kept["plan_id"]) == (before["NV-01"]["id"], "Đổi tên", amendment["id"])
    assert (kept["state"], kept["percent"], len(kept["reports"])) == ("in_progress", 40, 1)
    assert (await hands.owed(world, kept))["deadline"]["last_on_time_date"] == "2027-09-30"
    assert [one["state"] for one in kept["cooperations"]] == ["released"]
    assert await hands.tasks_of(world, PARTNER) == []
    for gone in ("NV-02", "NV-03"):
        assert (after[gone]["state"], after[gone]["allowed_moves"]) == ("cancelled", [])
        assert (await hands.owed(world, after[gone]))["state"] == "lapsed"
    new = {row["code"]: row for row in await hands.tasks_of(world, make.OTHER_DISTRICT)}
    assert {code: row["state"] for code, row in new.items()} == {"NV-02": "assigned", "NV-04": "assigned"}
    assert new["NV-02"]["id"] != before["NV-02"]["id"]


async def test_a_completed_task_stays_so_when_its_plan_is_amended_without_it(world):
    plan = await hands.issued(world, await hands.a_task(world, "NV-01"), await hands.a_task(world, "NV-02"))
    first, _ = await hands.tasks_of(world, make.DISTRICT)
    await hands.reported(world, first, "complete")
    await hands.amended(world, plan, await hands.a_task(world, "NV-02"))
    states = {row["code"]: row["state"] for row in await hands.tasks_of(world, make.DISTRICT)}
    assert states == {"NV-01": "completed", "NV-02": "assigned"}


async def test_a_plan_that_is_superseded_takes_its_tasks_with_it_and_one_that_is_closed_does_not(world):
    old = await hands.issued(world, await hands.a_task(world, "CU-01", partners=(PARTNER,)))
    new = await hands.issued(world, await hands.a_task(world, "MOI-01"))
    body = {"by_plan_id": new["id"], "reason": "Thay bằng kế hoạch khác."}
    assert (await provincial.moved(world, old, "supersede", body)).status_code == 200
    await provincial.made(world, new, "close")
    states = {row["code"]: row["state"] for row in await hands.tasks_of(world, make.DISTRICT)}
    assert states == {"CU-01": "cancelled", "MOI-01": "assigned"}
    assert (await hands.cooperation(world))["state"] == "released"


async def test_the_lead_its_partners_and_the_overseers_are_told_and_nobody_else(world, sessions):
    await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    row = await hands.reported(world, await hands.task(world), "progress")
    asked = await hands.cooperation(world)
    partner = await world.as_(PARTNER)
    assert (await partner.move(asked, "contribute", hands.CONTRIBUTION, "cooperations")).status_code == 200
    await hands.reported(world, row, "complete")
    await seal_here(sessions)
    happened = [
        "plan_task.assigned", "cooperation.requested", "plan_task.progressed", "cooperation.contributed",
        "plan_task.completed",
    ]  # fmt: skip
    for slug in (make.DISTRICT, make.COORDINATOR, PARTNER):
        assert await told(world, slug, *happened) == happened, slug
    assert await told(world, OUTSIDER, *happened) == []


async def test_what_was_reported_found_and_given_cannot_be_changed(world, connection):
    await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    row = await hands.reported(world, await hands.task(world), "progress")
    await hands.checked(world, row)
    partner = await world.as_(PARTNER)
    asked = await hands.cooperation(world)
    assert (await partner.move(asked, "contribute", hands.CONTRIBUTION, "cooperations")).status_code == 200
    for statement in (
        "UPDATE task_report SET percent = 99", "DELETE FROM task_report", "UPDATE task_check SET note = 'x'",
        "DELETE FROM task_check", "UPDATE contribution SET text = 'x'", "DELETE FROM contribution",
        "DELETE FROM assigned_task", "DELETE FROM cooperation",
    ):  # fmt: skip
        nested = await connection.begin_nested()
        await connection.execute(text("SET LOCAL ROLE ttdn_app"))
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text(statement))
        await nested.rollback()


async def test_a_draft_assigns_nothing(world):
    plan = await hands.drafted(world, await hands.a_task(world))
    for move in hands.WAY[:2]:
        assert await hands.tasks_of(world, make.COORDINATOR) == []
        plan = await provincial.made(world, plan, move)
    refused = await (await world.as_(make.DISTRICT)).get("/v1/plan-tasks/01a00000-0000-7000-8000-000000000000")
    await assert_problem(world.api, refused, "not-found")


async def test_a_copy_follows_who_works_on_a_task(world):
    plan = await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    theirs = Copy(await world.as_(PARTNER), world, types="plan_task,cooperation")
    assert {item["type"] for item in (await theirs.pull()).has.values()} == {"plan_task", "cooperation"}
    row = await hands.reported(world, await hands.task(world), "progress")
    assert ("plan_task", row["id"], None) in (await theirs.pull()).told
    assert theirs.has[row["id"]]["resource"]["percent"] == 40
    plan = await hands.amended(world, plan, await hands.a_task(world))
    assert ("plan_task", row["id"], "no_longer_visible") in (await theirs.pull()).told
    assert {item["resource"]["state"] for item in theirs.has.values()} == {"released"}
    await hands.amended(world, plan, await hands.a_task(world, partners=(PARTNER,)))
    assert row["id"] in (await theirs.pull()).has
    outsiders = Copy(await world.as_(OUTSIDER), world, types="plan_task,cooperation")
    assert (await outsiders.pull()).told == []
