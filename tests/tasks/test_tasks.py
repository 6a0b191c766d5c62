"""Reports on tasks, checks, and how a year's plan is carried out (QC.D7.K1, QC.D8.K2)."""

import csv
from datetime import datetime
from io import BytesIO, StringIO

import pytest
import time_machine
from openpyxl import load_workbook

from tests import make
from tests.shape import assert_problem
from tests.tasks import hands
from tests.tasks.hands import COMMITTEE, OUTSIDER, PARTNER

ON_TIME, LATE = "2027-06-30T23:59:59.999+07:00", "2027-07-01T00:00:00+07:00"


def at(moment):
    """The service at an instant."""
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


@pytest.fixture(autouse=True)
async def january(world):
    """The tests begin in January 2027."""
    with at("2027-01-11T08:00:00+07:00"):
        await world.refresh()
        yield


async def test_progress_is_kept_report_by_report(world):
    await hands.issued(world, await hands.a_task(world))
    row = await hands.task(world)
    outputs = [{"title": "Phóng sự", "quantity": 2, "unit": "phóng sự"}]
    evidence = [{"title": "Danh mục", "url": "https://buondon.daklak.gov.vn/1", "sha256": None}]
    row = await hands.reported(world, row, "progress", {**hands.PROGRESS, "outputs": outputs, "evidence": evidence})
    assert (row["state"], row["percent"], row["pace"]) == ("in_progress", 40, "on_track")
    row = await hands.reported(world, row, "progress", {**hands.PROGRESS, "percent": 30, "pace": "blocked"})
    assert [(r["percent"], r["pace"]) for r in row["reports"]] == [(40, "on_track"), (30, "blocked")]
    assert (row["reports"][0]["outputs"], row["reports"][0]["evidence"]) == (outputs, evidence)
    assert row == await hands.read(world, row)
    (listed,) = await hands.tasks_of(world, make.DISTRICT)
    assert listed == {name: row[name] for name in listed}


@pytest.mark.parametrize(("moment", "state"), [(ON_TIME, "received_on_time"), (LATE, "received_late")])
async def test_a_task_is_on_time_through_its_last_day(world, moment, state):
    await hands.issued(world, await hands.a_task(world))
    row = await hands.task(world)
    with at(moment):
        world._tokens.clear()
        await world.refresh()
        if moment == LATE:
            assert (await hands.owed(world, row))["state"] == "overdue"
        row = await hands.reported(world, row, "complete")
        assert (row["state"], row["percent"], row["allowed_moves"]) == ("completed", 100, [])
        assert (await hands.owed(world, row))["state"] == state


async def test_a_check_accepts_what_is_done_or_sends_it_back_and_lateness_stays_as_first_judged(world):
    await hands.issued(world, await hands.a_task(world))
    row = await hands.reported(world, await hands.task(world), "complete")
    row = await hands.checked(world, row, finding="needs_correction", note="Thiếu phụ đề.")
    assert (row["state"], row["percent"], row["completed_at"]) == ("in_progress", 100, None)
    assert [check["finding"] for check in row["checks"]] == ["needs_correction"]
    assert (await hands.owed(world, row))["state"] == "received_on_time"
    with at(LATE):
        world._tokens.clear()
        await world.refresh()
        row = await hands.reported(world, await hands.read(world, row), "complete")
        assert (await hands.owed(world, row))["state"] == "received_on_time"
        row = await hands.checked(world, row)
        assert (row["state"], len(row["checks"])) == ("completed", 2)
        assert (await hands.owed(world, row))["state"] == "accepted"


async def test_an_extension_counts_for_a_task_as_for_anything_owed(world):
    await hands.issued(world, await hands.a_task(world))
    row = await hands.task(world)
    owed, coordinator = await hands.owed(world, row), await world.as_(make.COORDINATOR)
    later = {"last_on_time_date": "2027-07-31", "reason": "Bão lũ"}
    done = await coordinator.post(f"/v1/obligations/{owed['id']}/extend", later, owed["etag"])
    assert done.status_code == 200, done.text
    with at(LATE):
        world._tokens.clear()
        await world.refresh()
        row = await hands.reported(world, row, "complete")
        assert (await hands.owed(world, row))["state"] == "received_on_time"


@pytest.mark.parametrize(
    ("move", "change", "pointer", "code"),
    [
        ("progress", {"percent": 100}, "/percent", "less_than_equal"),
        ("progress", {"percent": -1}, "/percent", "greater_than_equal"),
        ("progress", {"percent": 40.0}, "/percent", "int_type"),
        ("progress", {"no_state_secret": False}, "/no_state_secret", None),
        ("progress", {"outputs": [{"title": "x", "quantity": -1, "unit": "bài"}]}, "/outputs/0/quantity", None),
        ("progress", {"evidence": [{"title": "x", "url": "javascript:alert(1)"}]}, "/evidence/0/url", None),
        ("progress", {"evidence": [{"title": "x", "sha256": "AB" * 32}]}, "/evidence/0/sha256", None),
        ("complete", {"percent": 100}, "/percent", None),
    ],
)
async def test_what_does_not_fit_is_refused_and_changes_nothing(world, move, change, pointer, code):
    await hands.issued(world, await hands.a_task(world))
    row = await hands.task(world)
    body = hands.BODIES[move] | change
    refused = await (await world.as_(make.DISTRICT)).move(row, move, body, "plan-tasks")
    (error,) = (await assert_problem(world.api, refused, "validation-failed"))["errors"]
    assert error["pointer"] == pointer
    assert code in {None, error["code"]}
    assert await hands.read(world, row) == row


async def test_nobody_checks_tomorrow_and_the_checker_names_the_version_it_saw(world):
    await hands.issued(world, await hands.a_task(world))
    row, coordinator = await hands.task(world), await world.as_(make.COORDINATOR)
    path = f"/v1/plan-tasks/{row['id']}/checks"
    ahead = await coordinator.post(path, {**hands.CHECK, "checked_on": "2027-01-12"}, row["etag"])
    (error,) = (await assert_problem(world.api, ahead, "validation-failed"))["errors"]
    assert (error["pointer"], error["code"]) == ("/checked_on", "in_the_future")
    await assert_problem(world.api, await coordinator.post(path, hands.CHECK), "precondition-required")
    await hands.reported(world, row, "progress")
    await assert_problem(world.api, await coordinator.post(path, hands.CHECK, row["etag"]), "precondition-failed")


@pytest.mark.provision("QC.D6.K1")
async def test_one_more_agency_may_be_asked_and_then_reads_and_contributes(world):
    await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    row, lead = await hands.task(world), await world.as_(make.DISTRICT)
    path = f"/v1/plan-tasks/{row['id']}/cooperations"
    other = str(await world.agency_id(OUTSIDER))
    asked = await lead.post(path, {"partner_agency_id": other, "request": "Hiệu đính."}, row["etag"])
    assert asked.status_code == 201, asked.text
    row = asked.json()
    assert [one["state"] for one in row["cooperations"]] == ["asked", "asked"]
    one, caller = await hands.cooperation(world, OUTSIDER), await world.as_(OUTSIDER)
    assert (one["request"], one["asked_by_agency_id"]) == ("Hiệu đính.", row["agency_id"])
    assert (await hands.task(world, OUTSIDER))["id"] == row["id"]
    for body, code in (
        ({"partner_agency_id": other}, "partner_asked"),
        ({"partner_agency_id": row["agency_id"]}, "unknown_agency"),
    ):
        refused = await lead.post(path, {"request": "Nữa.", **body}, row["etag"])
        (error,) = (await assert_problem(world.api, refused, "validation-failed"))["errors"]
        assert (error["pointer"], error["code"]) == ("/partner_agency_id", code)
    given = (await caller.move(one, "contribute", hands.CONTRIBUTION, "cooperations")).json()
    assert (given["state"], [c["text"] for c in given["contributions"]]) == ("accepted", ["Bản phụ đề đã hiệu đính."])
    declined = (await caller.move(given, "decline", {"answer": "Hết người."}, "cooperations")).json()
    assert (declined["state"], declined["answer"], len(declined["contributions"])) == ("declined", "Hết người.", 1)
    again = await lead.post(
        path, {"partner_agency_id": other, "request": "Xin giúp thêm."}, (await hands.read(world, row))["etag"]
    )
    assert again.status_code == 201, again.text
    assert (await hands.cooperation(world, OUTSIDER))["state"] == "asked"
    assert (await lead.get(f"/v1/cooperations/{one['id']}")).status_code == 200


async def test_only_the_lead_asks_and_only_while_the_task_is_under_way(world):
    await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    row = await hands.task(world)
    path = f"/v1/plan-tasks/{row['id']}/cooperations"
    body = {"partner_agency_id": str(await world.agency_id(OUTSIDER)), "request": "Cùng làm."}
    for slug, code in ((PARTNER, "not-permitted"), (make.COORDINATOR, "not-permitted"), (OUTSIDER, "not-found")):
        await assert_problem(world.api, await (await world.as_(slug)).post(path, body, row["etag"]), code)
    row = await hands.reported(world, row, "complete")
    refused = await (await world.as_(make.DISTRICT)).post(path, body, row["etag"])
    await assert_problem(world.api, refused, "wrong-state")


async def a_year(world):
    """Tasks of three agencies in every state."""
    tasks = [
        await hands.a_task(world, "A-1", provision="QC.D15.K1"),
        await hands.a_task(world, "A-2", content_category="rebuttal"),
        await hands.a_task(world, "A-3"),
        await hands.a_task(world, "B-1", lead=make.OTHER_DISTRICT, ends_on="2027-12-01"),
        await hands.a_task(
            world, "C-1", lead=OUTSIDER, starts_on="2027-01-15", ends_on="2027-02-01", partners=(make.DISTRICT,)
        ),
    ]
    await hands.issued(world, *tasks)
    rows = {row["code"]: row for row in await hands.tasks_of(world, make.COORDINATOR)}
    await hands.reported(world, rows["A-1"], "complete")
    await hands.reported(world, rows["A-2"], "progress")
    return rows


async def execution(world, slug, query="year=2027"):
    answer = await (await world.as_(slug)).get(f"/v1/plan-tasks/execution?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


NAMES = ("planned", "not_started", "in_progress", "completed", "cancelled", "overdue", "late", "percent")


def counts(row):
    return tuple(row[name] for name in NAMES)


async def test_plan_against_actual_by_agency_area_and_category(world):
    await a_year(world)
    with at("2027-07-05T08:00:00+07:00"):
        world._tokens.clear()
        await world.refresh()
        found = await execution(world, make.COORDINATOR)
        assert {row["title"]: counts(row) for row in found["items"]} == {
            "Sở Nội vụ": (1, 1, 0, 0, 0, 1, 0, 0),
            "Ủy ban nhân dân huyện Buôn Đôn": (3, 1, 1, 1, 0, 2, 0, 46),
            "Ủy ban nhân dân huyện Cư Kuin": (1, 1, 0, 0, 0, 0, 0, 0),
        }
        assert counts(found["total"]) == (5, 3, 1, 1, 0, 3, 0, 28)
        by_category = await execution(world, make.COORDINATOR, "year=2027&by=category")
        assert {row["key"]: row["planned"] for row in by_category["items"]} == {"image_promotion": 4, "rebuttal": 1}
        by_area = await execution(world, COMMITTEE, "year=2027&by=area")
        assert sum(row["planned"] for row in by_area["items"]) == 5
        assert counts(by_area["total"]) == counts(found["total"])
        assert (await execution(world, make.COORDINATOR, "year=2028"))["total"]["planned"] == 0


async def test_an_agency_counts_what_it_may_see(world):
    await a_year(world)
    mine = await execution(world, make.DISTRICT)
    assert {row["title"]: row["planned"] for row in mine["items"]} == {
        "Sở Nội vụ": 1, "Ủy ban nhân dân huyện Buôn Đôn": 3,
    }  # fmt: skip
    assert (await execution(world, "bao-dak-lak"))["items"] == []


async def test_plan_against_actual_as_a_table(world):
    await a_year(world)
    caller, path = await world.as_(make.COORDINATOR), "/v1/plan-tasks/execution?year=2027"
    found = (await caller.get(path)).json()
    wanted = [[row["title"], *(str(value) for value in counts(row))] for row in (*found["items"], found["total"])]
    answer = await caller.get(f"{path}&format=csv")
    assert list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))[1:] == wanted
    sheet = load_workbook(BytesIO((await caller.get(f"{path}&format=xlsx")).content)).active
    assert [[str(cell) for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)] == wanted


EVERYBODY = (
    "ubnd-tinh", "vp-ubnd", "so-tttt", "so-ngoai-vu", "so-khdt", "so-vhttdl", "so-tai-chinh", "cong-an-tinh",
    "bch-bdbp", "cuc-hai-quan", "ban-tuyen-giao", "bao-dak-lak", "tt-cong-ttdt", "ubnd-buon-don", "vhtt-buon-don",
    "so-noi-vu",
)  # fmt: skip
WITHOUT_WRITING = {"ubnd-tinh", "vp-ubnd", "tt-cong-ttdt", "vhtt-buon-don"}
OVERSEERS = {"ubnd-tinh", "vp-ubnd", "so-tttt"}
# QC.D7.K1: its lead reports and completes; QC.D8.K2: only a check opens it again, only the plan cancels it.
TASK_TABLE = {
    ("assigned", "progress"): "in_progress",
    ("assigned", "complete"): "completed",
    ("in_progress", "progress"): "in_progress",
    ("in_progress", "complete"): "completed",
}
# QC.D6.K1: the agency asked answers, may think again, and agrees by giving.
COOPERATION_TABLE = {
    ("asked", "accept"): "accepted",
    ("asked", "decline"): "declined",
    ("asked", "contribute"): "accepted",
    ("accepted", "decline"): "declined",
    ("accepted", "contribute"): "accepted",
    ("declined", "accept"): "accepted",
}
ANSWERS = {"accept": {}, "decline": {"answer": "Không có người."}, "contribute": hands.CONTRIBUTION}


async def brought(world, state):
    """A task, and the request to cooperate on it, where the task is in this state."""
    plan = await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
    row = await hands.task(world)
    if state == "cancelled":
        await hands.amended(world, plan, await hands.a_task(world, "KHAC-01", lead="so-vhttdl"))
    elif state != "assigned":
        await hands.reported(world, row, "progress" if state == "in_progress" else "complete")
    return await hands.read(world, row)


@pytest.mark.parametrize("state", ["assigned", "in_progress", "completed", "cancelled"])
async def test_each_move_on_a_task_by_each_function_does_as_the_table_says(world, state):
    row = await brought(world, state)
    assert row["state"] == state
    seeing = {make.DISTRICT} | OVERSEERS | ({PARTNER} if state != "cancelled" else set())
    for move, body in hands.BODIES.items():
        for slug in EVERYBODY:
            caller = await world.as_(slug)
            if slug == make.DISTRICT:
                continue
            assert (await caller.get(f"/v1/plan-tasks/{row['id']}")).status_code == (200 if slug in seeing else 404)
            wanted = (
                "insufficient-scope" if slug in WITHOUT_WRITING else "not-permitted" if slug in seeing else "not-found"
            )
            await assert_problem(world.api, await caller.move(row, move, body, "plan-tasks"), wanted)
        allowed = {item["move"] for item in row["allowed_moves"]}
        assert (move in allowed) == ((state, move) in TASK_TABLE)
        if (state, move) not in TASK_TABLE:
            refused = await (await world.as_(make.DISTRICT)).move(row, move, body, "plan-tasks")
            assert (await assert_problem(world.api, refused, "wrong-state"))["state"] == state
    for move in (move for at, move in TASK_TABLE if at == state):
        row = await hands.reported(world, row, move)
        assert row["state"] == TASK_TABLE[state, move]


@pytest.mark.parametrize("state", ["asked", "accepted", "declined", "released"])
async def test_each_answer_to_a_request_by_each_function_does_as_the_table_says(world, state):
    await brought(world, "cancelled" if state == "released" else "assigned")
    partner = await world.as_(PARTNER)
    row = await hands.cooperation(world)
    if state in {"accepted", "declined"}:
        move = {"accepted": "accept", "declined": "decline"}[state]
        row = (await partner.move(row, move, ANSWERS[move], "cooperations")).json()
    assert row["state"] == state
    seeing = {make.DISTRICT} | OVERSEERS
    for move, body in ANSWERS.items():
        for slug in set(EVERYBODY) - {PARTNER}:
            caller = await world.as_(slug)
            assert (await caller.get(f"/v1/cooperations/{row['id']}")).status_code == (200 if slug in seeing else 404)
            wanted = (
                "insufficient-scope" if slug in WITHOUT_WRITING else "not-permitted" if slug in seeing else "not-found"
            )
            await assert_problem(world.api, await caller.move(row, move, body, "cooperations"), wanted)
        mine = (await partner.get(f"/v1/cooperations/{row['id']}")).json()
        assert (move in {item["move"] for item in mine["allowed_moves"]}) == ((state, move) in COOPERATION_TABLE)
        if (state, move) not in COOPERATION_TABLE:
            await assert_problem(world.api, await partner.move(row, move, body, "cooperations"), "wrong-state")
    move = next((move for at, move in COOPERATION_TABLE if at == state), None)
    if move:
        done = await partner.move(row, move, ANSWERS[move], "cooperations")
        assert done.json()["state"] == COOPERATION_TABLE[state, move]
