"""Requests for ad hoc reports: asked of many, answered one by one, closed with the missing named (QC.D7.K3)."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.kit.clock import now, today
from app.kit.db import transaction
from app.reports import request_service
from app.trail.models import Event
from tests import make
from tests.shape import assert_problem

COMMITTEE, OUTSIDER = "ubnd-tinh", "so-noi-vu"
TEMPLATE = {
    "sections": ["QC.D5.K5"],
    "indicators": [{"code": "doan", "title": "Đoàn phóng viên nước ngoài", "unit": "đoàn"}],
}


def answer(request, **changes):
    figure = {"code": "doan", "title": "Đoàn phóng viên nước ngoài", "number": "3", "unit": "đoàn"}
    section = {"area": "QC.D5.K5", "text": "Ba đoàn."}
    more = {"sections": [section], "indicators": [figure], "effect_evaluation": None}
    return make.a_report(kind="ad_hoc", request_id=request["id"], **more) | changes


async def answered(world, slug, request, **changes):
    caller = await world.as_(slug)
    report = await caller.post("/v1/reports", answer(request, **changes))
    assert report.status_code == 201, report.text
    return await caller.move(report.json(), "submit", make.SUBMIT, "reports")


async def seen(world, request, slug=make.COORDINATOR):
    found = await (await world.as_(slug)).get(f"/v1/report-requests/{request['id']}")
    assert found.status_code == 200, found.text
    return found.json()


async def owed(world, slug, request):
    found = await (await world.as_(slug)).get(f"/v1/obligations?request={request['id']}")
    (item,) = found.json()["items"]
    return item


async def moved(world, request, move, body, slug=make.COORDINATOR):
    caller, now_ = await world.as_(slug), await seen(world, request)
    return await caller.post(f"/v1/report-requests/{request['id']}/{move}", body, now_["etag"])


async def followed(world):
    async with transaction(world.sessions) as session:
        return await request_service.follow(session, now())


async def told(world, request):
    async with world.sessions() as session:
        found = await session.scalars(
            select(Event.type).where(Event.resource_id == request["id"]).order_by(Event.occurred_at, Event.id)
        )
        return [type.removeprefix("report_request.") for type in found]


async def test_all_kinds_functions_and_names_are_asked_each_once_and_the_asker_only_by_name(world):
    coordinator = await world.as_(make.COORDINATOR)
    district, press = await world.agency_id(make.DISTRICT), await world.agency_id("bao-dak-lak")
    own = await world.agency_id(make.COORDINATOR)
    functions = (await coordinator.get("/v1/functions")).json()["items"]
    holders = {f["function"]: {h["agency"]["id"] for h in f["holders"]} for f in functions}
    districts, members = holders["DISTRICT"], holders["MEMBER"] | holders["DISTRICT"]
    for targets, wanted in (
        ({"functions": ["DISTRICT"]}, districts),
        ({"functions": ["DISTRICT"], "agency_ids": [str(district)]}, districts),
        ({"all": True}, members - {str(own)}),
        ({"all": True, "agency_ids": [str(own)]}, members | {str(own)}),
        ({"agency_ids": [str(press)]}, {str(press)}),
    ):
        made = await coordinator.post("/v1/report-requests", make.a_request(targets=targets))
        assert made.status_code == 201, made.text
        assert set(made.json()["progress"]["missing_agency_ids"]) == wanted
        assert made.json()["progress"]["expected"] == len(wanted)


async def test_agencies_of_a_kind_are_asked(world):
    coordinator = await world.as_(make.COORDINATOR)
    kind = (await coordinator.get(f"/v1/agencies/{await world.agency_id(make.DISTRICT)}")).json()["kind"]
    of_kind = (await coordinator.get(f"/v1/agencies?kind={kind}&limit=200")).json()["items"]
    made = await coordinator.post("/v1/report-requests", make.a_request(targets={"kinds": [kind]}))
    assert set(made.json()["progress"]["missing_agency_ids"]) == {item["id"] for item in of_kind}


async def test_requests_are_numbered_and_each_agency_owes_one_obligation_of_its_own(world):
    one, two = [await make.asked(world, make.DISTRICT) for _ in range(2)]
    assert [int(r["number"].split("/")[0]) for r in (one, two)] == [1, 2]
    for request in (one, two):
        found = await owed(world, make.DISTRICT, request)
        assert (found["duty"], found["kind"], found["period"]) == ("QC.D7.K3-b", "report.ad_hoc", request["number"])
        assert found["deadline"]["source"] == "request"
        assert found["deadline"]["due_before"] == request["due_before"] == "2099-04-11T00:00:00+07:00"
        assert found["state"] == "not_due"


async def test_an_answer_must_hold_what_the_request_asks_for(world):
    request = await make.asked(world, make.DISTRICT, template=TEMPLATE)
    district = await world.as_(make.DISTRICT)
    report = (await district.post("/v1/reports", answer(request, sections=[], indicators=[]))).json()
    for pointer, code, change in (
        ("/sections", "section_asked", {}),
        ("/indicators", "indicator_asked", {"indicators": []}),
        ("/indicators", "indicator_asked", {"indicators": [make.an_indicator(code="doan", unit="người")]}),
    ):
        if change:
            put = await district.put(f"/v1/reports/{report['id']}", answer(request, **change), report["etag"])
            report = put.json()
        refused = await district.move(report, "submit", make.SUBMIT, "reports")
        document = await assert_problem(world.api, refused, "validation-failed")
        assert [(e["pointer"], e["code"]) for e in document["errors"]] == [(pointer, code)]
    report = (await district.put(f"/v1/reports/{report['id']}", answer(request), report["etag"])).json()
    assert (await district.move(report, "submit", make.SUBMIT, "reports")).status_code == 200


async def test_a_request_is_answered_by_some_then_by_all_and_that_is_told_once(world):
    request = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    first = (await answered(world, make.DISTRICT, request)).json()
    assert (await seen(world, request))["state"] == "partially_answered"
    assert (await seen(world, request))["progress"]["missing_agency_ids"] == [
        str(await world.agency_id(make.OTHER_DISTRICT))
    ]
    assert await followed(world) == 0
    other = await world.as_(make.OTHER_DISTRICT)
    mine = await owed(world, make.OTHER_DISTRICT, request)
    nil = {"no_state_secret": True, "reason": "Không có đoàn nào"}
    assert (await other.post(f"/v1/obligations/{mine['id']}/nil-return", nil, mine["etag"])).status_code == 200
    assert [await followed(world), await followed(world)] == [1, 0]
    assert (await seen(world, request))["state"] == "completed"
    await (await world.as_(make.DISTRICT)).move(first, "withdraw", make.WITHDRAW, "reports")
    assert [await followed(world), await followed(world)] == [1, 0]
    assert (await seen(world, request))["state"] == "partially_answered"
    assert await told(world, request) == ["issued", "completed", "reopened"]


async def test_a_later_date_reaches_those_who_have_not_answered_and_an_answer_taken_back(world):
    request = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    report = (await answered(world, make.DISTRICT, request)).json()
    later = {"last_on_time_date": "2099-05-10", "reason": "Mưa lũ"}
    extended = await moved(world, request, "extend", later)
    assert extended.status_code == 200, extended.text
    dates = [
        (await owed(world, slug, request))["deadline"]["last_on_time_date"]
        for slug in (make.DISTRICT, make.OTHER_DISTRICT)
    ]
    assert dates == ["2099-04-10", "2099-05-10"]
    await (await world.as_(make.DISTRICT)).move(report, "withdraw", make.WITHDRAW, "reports")
    assert (await owed(world, make.DISTRICT, request))["deadline"]["last_on_time_date"] == "2099-05-10"
    refused = await moved(world, request, "extend", {"last_on_time_date": "2099-05-10", "reason": "x"})
    assert refused.json()["errors"][0]["code"] == "no_later_date"


async def test_closing_names_the_missing_and_cancelling_lets_what_is_open_lapse(world):
    missing = str(await world.agency_id(make.OTHER_DISTRICT))
    closed, cancelled, full = [await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT) for _ in range(3)]
    for request in (closed, cancelled, full):
        await answered(world, make.DISTRICT, request)
    await answered(world, make.OTHER_DISTRICT, full)
    shown = (await moved(world, closed, "close", {})).json()
    assert (shown["state"], shown["progress"]["missing_agency_ids"]) == ("closed_with_missing", [missing])
    assert (await moved(world, full, "close", {})).json()["state"] == "completed"
    shown = (await moved(world, cancelled, "cancel", {"reason": "Trùng"})).json()
    assert (shown["state"], shown["ended"]["reason"]) == ("cancelled", "Trùng")
    assert (await owed(world, make.OTHER_DISTRICT, cancelled))["state"] == "lapsed"
    assert (await owed(world, make.DISTRICT, cancelled))["state"] == "received_on_time"


async def test_where_hours_count_the_instant_decides(world):
    soon = now() + timedelta(hours=5)
    request = await make.asked(world, make.DISTRICT, last_on_time_date=None, due_before=soon.isoformat())
    found = await owed(world, make.DISTRICT, request)
    assert found["state"] == "due"
    assert found["deadline"]["last_on_time_date"] in {str(today()), str(today() + timedelta(days=1))}


async def test_who_is_asked_sees_the_request_and_nobody_else_who_is(world):
    request = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    assert (await seen(world, request, make.DISTRICT))["progress"] is None
    assert (await seen(world, request, COMMITTEE))["progress"]["expected"] == 2
    outsider = await world.as_(OUTSIDER)
    await assert_problem(world.api, await outsider.get(f"/v1/report-requests/{request['id']}"), "not-found")
    assert (await outsider.get("/v1/report-requests")).json()["items"] == []
    listed = (await (await world.as_(make.DISTRICT)).get("/v1/report-requests")).json()["items"]
    assert [item["id"] for item in listed] == [request["id"]]


async def test_only_a_request_that_asks_the_agency_is_answered(world):
    request = await make.asked(world, make.OTHER_DISTRICT)
    refused = await (await world.as_(make.DISTRICT)).post("/v1/reports", answer(request))
    document = await assert_problem(world.api, refused, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in document["errors"]] == [("/request_id", "unknown_request")]


TRANSITIONS = {
    ("open", "extend"): "open",
    ("open", "close"): "closed_with_missing",
    ("open", "cancel"): "cancelled",
}
BODIES = {
    "extend": {"last_on_time_date": "2099-06-01", "reason": "x"},
    "close": {},
    "cancel": {"reason": "x"},
}


@pytest.mark.parametrize("move", BODIES)
@pytest.mark.parametrize("state", ["open", "completed", "closed_with_missing", "cancelled"])
async def test_each_move_from_each_state_by_each_function_does_as_the_table_says(world, state, move):
    request = await make.asked(world, make.DISTRICT)
    if state == "completed":
        await answered(world, make.DISTRICT, request)
        assert await followed(world) == 1
    elif state != "open":
        way = {"closed_with_missing": "close", "cancelled": "cancel"}[state]
        assert (await moved(world, request, way, BODIES[way])).status_code == 200
    for slug, code in ((make.DISTRICT, "insufficient-scope"), (OUTSIDER, "insufficient-scope")):
        await assert_problem(world.api, await moved(world, request, move, BODIES[move], slug), code)
    done = await moved(world, request, move, BODIES[move], COMMITTEE)
    if (state, move) in TRANSITIONS:
        assert done.json()["state"] == TRANSITIONS[state, move]
    else:
        await assert_problem(world.api, done, "wrong-state")


@pytest.mark.parametrize(
    ("pointer", "code", "changes"),
    [
        ("/targets", "nobody_asked", {"targets": {"kinds": ["khong-co"]}}),
        ("/targets", "missing", {"targets": {}}),
        (
            "/targets/agency_ids/0",
            "unknown_agency",
            {"targets": {"agency_ids": ["01a00000-0000-7000-8000-000000000001"]}},
        ),
        ("/last_on_time_date", "not_in_the_future", {"last_on_time_date": "2020-01-01"}),
        ("", "one_date", {"due_before": "2099-01-01T00:00:00+07:00"}),
        ("", "period_reversed", {"period_end": "2026-01-01"}),
        ("/targets/functions/0", "unknown_function", {"targets": {"functions": ["NOBODY"]}}),
        ("/template/sections/0", "unknown_area", {"template": {"sections": ["QC.D7"]}}),
    ],
)
async def test_a_request_that_does_not_fit_is_refused_where_it_is_wrong(world, pointer, code, changes):
    coordinator = await world.as_(make.COORDINATOR)
    district = await world.agency_id(make.DISTRICT)
    refused = await coordinator.post("/v1/report-requests", make.a_request(district) | changes)
    document = await assert_problem(world.api, refused, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in document["errors"]] == [(pointer, code)]
    assert (await coordinator.get("/v1/report-requests")).json()["items"] == []
