"""Điều 7, khoản 1 đến 4: what every department and district owes the coordinator."""

import pytest

from app.kit.clock import now
from app.reports import request_service
from tests import make
from tests.obligations.hands import PLAN, REPORT, World, at, looked, opened, owed
from tests.provisions.hands import (
    COMMITTEE,
    OUTSIDER,
    PRESS,
    delivered,
    get,
    listening,
    post,
    status,
    submitted,
    told,
)
from tests.tasks import hands as tasks

OFFICE = {"no_state_secret": True, "kind": "organisation", "name": "Phòng Văn hóa và Thông tin"}


@pytest.fixture
async def world(sessions, api, app):
    return World(sessions, api, app)


@pytest.mark.provision("QC.D7.K1")
async def test_qc_d7_k1_a_plan_and_its_estimate_go_to_the_coordinator_together(world):
    """«Xây dựng kế hoạch … và dự toán kinh phí hàng năm …, đồng thời gửi cho Sở Thông tin và Truyền thông»."""
    async with at(world, "2026-06-01T08:00:00", make.COORDINATOR) as (coordinator,):
        await opened(coordinator, deadlines={PLAN: "2026-07-20", "QC.D7.K1-b": "2026-07-20"})
        await listening(world, make.COORDINATOR, make.OTHER_DISTRICT)
    async with at(world, "2026-07-20T23:59:59", make.DISTRICT) as (district,):
        plan = await post(world, make.DISTRICT, "/v1/plans", make.a_plan(no_budget_reason=None))
        alone = await district.move(plan, "submit", make.SUBMIT)
        assert alone.status_code == 422, "the estimate goes with it, or the reason for none"
        estimate = await post(world, make.DISTRICT, "/v1/budget-estimates", make.an_estimate(plan["id"]))
        assert (await district.move(plan, "submit", make.SUBMIT)).status_code == 200
        for row, kind in ((plan, "plan"), (estimate, "budget_estimate")):
            assert f"{kind}.submitted" in await told(world, make.COORDINATOR, row)
            assert await told(world, make.OTHER_DISTRICT, row) == {}
        assert "plan.submitted" in await delivered(world, make.COORDINATOR)
        assert await delivered(world, make.OTHER_DISTRICT) == []
        mine = await world.agency_id(make.DISTRICT)
        coordinator = await world.as_(make.COORDINATOR)
        assert {(await owed(coordinator, mine, duty))["state"] for duty in (PLAN, "QC.D7.K1-b")} == {"received_on_time"}
        await post(world, make.COORDINATOR, f"/v1/plans/{plan['id']}/accept", {}, 200)
        assert "plan.accepted" in await told(world, make.DISTRICT, plan)
        assert await status(world, COMMITTEE, f"/v1/plans/{plan['id']}") == 200


@pytest.mark.provision("QC.D7.K1")
async def test_qc_d7_k1_c_an_agency_carries_out_its_tasks_of_the_plan_of_the_province(world):
    """«Chỉ đạo và tổ chức thực hiện Kế hoạch hoạt động thông tin đối ngoại của tỉnh … trong phạm vi, địa bàn»."""
    async with at(world, "2027-01-11T08:00:00"):
        await tasks.issued(world, await tasks.a_task(world))
        row = await tasks.task(world)
        assert (await told(world, make.DISTRICT, row))["plan_task.assigned"][0] == "QC.D7.K1"
        row = await tasks.reported(world, await tasks.reported(world, row, "progress"), "complete")
        assert {"plan_task.progressed", "plan_task.completed"} <= (await told(world, make.COORDINATOR, row)).keys()
        assert (await tasks.owed(world, row))["state"] == "received_on_time"


@pytest.mark.provision("QC.D7.K2", "QC.D4.K4")
async def test_qc_d7_k2_an_agency_informs_the_press_of_its_own_field(world):
    """«Cung cấp thông tin cho báo chí trong và ngoài tỉnh về các vấn đề liên quan đến lĩnh vực và địa bàn quản lý»."""
    await listening(world, make.COORDINATOR)
    body = make.a_supply(press_body_ids=[str(await world.agency_id(PRESS))], other_press=["Báo ngoài tỉnh"])
    nobody = {name: value for name, value in body.items() if name != "spokesperson"}
    refused = await (await world.as_(make.DISTRICT)).post("/v1/information-supplies", nobody)
    assert refused.status_code == 422, "who speaks is named"
    given = await post(world, make.DISTRICT, "/v1/information-supplies", body)
    path = f"/v1/information-supplies/{given['id']}"
    assert (await get(world, PRESS, path))["spokesperson"]["name"] == make.SPEAKER["name"]
    assert await status(world, OUTSIDER, path) == 404
    assert "QC.D7.K2" in (await told(world, make.COORDINATOR, given))["information_supply.recorded"]
    assert await delivered(world, make.COORDINATOR) == ["information_supply.recorded"]
    event = await post(world, make.DISTRICT, "/v1/press-events", make.a_press_event(form="press_conference"))
    await post(world, make.DISTRICT, f"/v1/press-events/{event['id']}/announce", make.SUBMIT, 200)
    for slug in (make.COORDINATOR, PRESS):
        assert "press_event.announced" in await told(world, slug, event)


@pytest.mark.provision("QC.D7.K3")
async def test_qc_d7_k3_a_the_annual_report_arrives_before_15_december(world):
    """«gửi báo cáo về Sở Thông tin và Truyền thông trước ngày 15 tháng 12 hàng năm»: on that day it is late."""
    async with at(world, "2027-01-04T08:00:00", make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
        await listening(world, make.COORDINATOR)
    for slug, moment, state in (
        (make.DISTRICT, "2027-12-14T23:59:59.999", "received_on_time"),
        (make.OTHER_DISTRICT, "2027-12-15T00:00:00", "received_late"),
    ):
        async with at(world, moment, make.COORDINATOR) as (coordinator,):
            report = await submitted(world, slug, "/v1/reports", make.a_report())
            assert (await owed(coordinator, await world.agency_id(slug), REPORT))["state"] == state
            assert (await told(world, make.COORDINATOR, report))["report.submitted"] == ["QC.D7.K3"]
            assert await told(world, OUTSIDER, report) == {}
            assert "report.submitted" in await delivered(world, make.COORDINATOR)


@pytest.mark.provision("QC.D7.K3")
async def test_qc_d7_k3_b_a_report_is_made_on_request(world):
    """«hoặc báo cáo đột xuất theo yêu cầu»."""
    asked = await make.asked(world, make.DISTRICT, make.OTHER_DISTRICT)
    assert "report_request.issued" in await told(world, make.DISTRICT, asked)
    assert await told(world, OUTSIDER, asked) == {}
    body = make.a_report(kind="ad_hoc", request_id=asked["id"])
    for slug in (make.DISTRICT, make.OTHER_DISTRICT):
        report = await submitted(world, slug, "/v1/reports", body)
        assert "report.submitted" in await told(world, make.COORDINATOR, report)
    await looked(world, now().isoformat(), request_service.follow)
    found = await get(world, make.COORDINATOR, f"/v1/report-requests/{asked['id']}")
    assert found["state"] == "completed"
    assert "report_request.completed" in await told(world, make.COORDINATOR, asked)


@pytest.mark.provision("QC.D7.K4")
async def test_qc_d7_k4_an_agency_names_who_is_in_charge_and_the_coordinator_is_told(world):
    """«Phân công tổ chức hoặc cá nhân trực thuộc chịu trách nhiệm, …, gửi Sở Thông tin và Truyền thông theo dõi»."""
    await listening(world, make.COORDINATOR)
    path = f"/v1/agencies/{await world.agency_id(make.DISTRICT)}/focal-point"
    answer = await (await world.as_(make.DISTRICT)).put(path, OFFICE)
    assert answer.status_code == 201, answer.text
    shown = await get(world, make.COORDINATOR, path)
    # The district's office of culture and information helps it: it may be named, as a part of the district.
    assert (shown["name"], shown["kind"], shown["provisions"]) == (OFFICE["name"], "organisation", ["QC.D7.K4"])
    assert (await told(world, make.COORDINATOR, {"id": shown["agency_id"]}))["focal_point.changed"] == ["QC.D7.K4"]
    assert await delivered(world, make.COORDINATOR) == ["focal_point.changed"]
    duties = await get(world, make.DISTRICT, "/v1/responsibilities?provision=QC.D7.K4&limit=200")
    assert "QC.D7.K4-b" in {item["duty"] for item in duties["items"]}
