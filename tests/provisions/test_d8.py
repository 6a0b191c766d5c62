"""Điều 8, what the coordinator does with plans, the press, the year's report and the money."""

import pytest

from tests import make
from tests.budgets import hands as budgets
from tests.obligations.hands import DISPATCH, World, at, looked
from tests.press.hands import an_event, guided
from tests.provincial import hands as provincial
from tests.provisions.hands import COMMITTEE, FOREIGN, OUTSIDER, PRESS, get, post, status, told
from tests.tasks import hands as tasks

OTHER_PRESS = "dai-ptth"
FORMS = ("periodic_briefing", "press_conference", "direct_supply", "provincial_portal", "other")


@pytest.fixture
async def world(sessions, api, app):
    return World(sessions, api, app)


@pytest.mark.provision("QC.D8.K1", "QC.D8.K8")
async def test_qc_d8_k1_the_coordinator_puts_proposals_before_the_committee_which_decides(world):
    """«Tham mưu, giúp Ủy ban nhân dân tỉnh»: it reads all and proposes; what is decided is the committee's."""
    async with at(world, "2026-12-20T08:00:00"):
        mine = await post(world, make.DISTRICT, "/v1/plans", make.a_plan())
        assert await status(world, make.COORDINATOR, f"/v1/plans/{mine['id']}") == 200
        assert await status(world, OUTSIDER, f"/v1/plans/{mine['id']}") == 404
        body = {"year": 2026, "title": "Báo cáo tổng hợp năm 2026"}
        report = await post(world, make.COORDINATOR, "/v1/consolidated-reports", body)
        plan = await provincial.own(world)
        for row, path, kind in (
            (report, f"/v1/consolidated-reports/{report['id']}", "consolidated_report"),
            (plan, f"{provincial.PATH}/{plan['id']}", "provincial_plan"),
        ):
            await post(world, make.COORDINATOR, f"{path}/submit", make.SUBMIT | {"document": DISPATCH}, 200)
            assert f"{kind}.submitted" in await told(world, COMMITTEE, row)
            assert await told(world, OUTSIDER, row) == {}
            shown = await get(world, make.COORDINATOR, path)
            assert shown["allowed_moves"] == [], "the coordinator decides nothing itself"
        directed = {"direction": "Nhân rộng mô hình.", "document": DISPATCH}
        await post(world, COMMITTEE, f"/v1/consolidated-reports/{report['id']}/direct", directed, 200)
        assert "consolidated_report.directed" in await told(world, make.COORDINATOR, report)


@pytest.mark.provision("QC.D8.K2", "QC.D4.K1", "QC.D4.K3")
async def test_qc_d8_k2_a_the_plan_of_the_province_is_built_of_the_agencies_plans_and_issued(world):
    """«xây dựng và trình Ủy ban nhân dân tỉnh ban hành kế hoạch, chương trình»."""
    async with at(world, "2026-12-01T08:00:00"):
        absorbed = await provincial.accepted(world, make.DISTRICT)
        plan = await provincial.drafted(world, term="annual", priorities=["Du lịch", "Cà phê"])
        assert [item["plan_id"] for item in plan["absorbed"]] == [absorbed["id"]]
        plan = await provincial.made(world, plan, "submit")
        assert "provincial_plan.submitted" in await told(world, COMMITTEE, plan)
        refused = await provincial.moved(world, plan, "approve", slug=make.COORDINATOR)
        assert refused.status_code == 403, "it is the committee that approves"
        plan = await provincial.made(world, plan, "approve", "issue")
        for slug in (make.DISTRICT, make.OTHER_DISTRICT, FOREIGN):
            assert "provincial_plan.issued" in await told(world, slug, plan)


@pytest.mark.provision("QC.D8.K2")
async def test_qc_d8_k2_b_the_coordinator_checks_and_urges_what_the_plan_asks(world):
    """«Kiểm tra, đôn đốc việc thực hiện Kế hoạch thông tin đối ngoại này»."""
    async with at(world, "2027-01-11T08:00:00"):
        await tasks.issued(world, await tasks.a_task(world))
        row = await tasks.task(world)
    await looked(world, "2027-07-01T00:00:00")
    async with at(world, "2027-07-01T08:00:00"):
        due = await tasks.owed(world, row)
        assert due["state"] == "overdue"
        (reminder,) = (await post(world, make.COORDINATOR, "/v1/reminders", {"obligation_ids": [due["id"]]}))["sent"]
        assert "QC.D8.K2" in (await told(world, make.DISTRICT, reminder))["reminder.sent"]
        row = await tasks.reported(world, await tasks.read(world, row), "complete")
        checked = await tasks.checked(world, row, checked_on="2027-07-01", finding="needs_correction", note="Thiếu ảnh")
        assert checked["state"] == "in_progress"
        assert "plan_task.reopened" in await told(world, make.DISTRICT, checked)


@pytest.mark.provision("QC.D8.K3", "QC.D4.K4")
async def test_qc_d8_k3_b_the_domestic_press_is_informed_in_five_forms(world):
    """«Chủ trì cung cấp thông tin đối ngoại cho các cơ quan thông tấn, báo chí trong nước thông qua các hình thức»."""
    for form in FORMS:
        event = await an_event(world, "announce", slug=make.COORDINATOR, form=form, visibility="press")
        for slug in (PRESS, OTHER_PRESS):
            assert "QC.D8.K3" in (await told(world, slug, event))["press_event.announced"]
        assert await status(world, PRESS, f"/v1/press-events/{event['id']}") == 200
    silent = await post(world, make.COORDINATOR, "/v1/press-events", make.a_press_event(spokesperson=None))
    refused = await (await world.as_(make.COORDINATOR)).post(
        f"/v1/press-events/{silent['id']}/announce", make.SUBMIT, "*"
    )
    assert refused.status_code in {409, 422}, "nobody is announced to speak"


@pytest.mark.provision("QC.D8.K3")
async def test_qc_d8_k3_a_the_press_is_guided_and_the_world_informed(world):
    """«định hướng cho báo chí …; cung cấp thông tin cho báo chí nước ngoài, cộng đồng người Việt Nam ở nước ngoài»."""
    addressee = [str(await world.agency_id(PRESS))]
    body = make.a_guidance(all_press=False, addressee_ids=addressee)
    guidance = await post(world, make.COORDINATOR, "/v1/press-guidance", body)
    assert "press_guidance.issued" in await told(world, PRESS, guidance)
    for stranger in (OTHER_PRESS, OUTSIDER):
        assert await told(world, stranger, guidance) == {}, "orientation is internal"
        assert await status(world, stranger, f"/v1/press-guidance/{guidance['id']}") == 404
    body = make.a_supply(audiences=["foreign_press", "overseas_vietnamese"], other_press=["Hãng thông tấn nước ngoài"])
    given = await post(world, make.COORDINATOR, "/v1/information-supplies", body)
    assert "QC.D8.K3" in (await told(world, make.COORDINATOR, given))["information_supply.recorded"]
    shown = await get(world, COMMITTEE, f"/v1/information-supplies/{given['id']}")
    assert shown["audiences"] == ["foreign_press", "overseas_vietnamese"]


@pytest.mark.provision("QC.D8.K7")
async def test_qc_d8_k7_the_press_is_guided_at_the_monthly_briefing(world):
    """«hướng dẫn thông tin đối ngoại cho báo chí trong các cuộc họp báo, giao ban báo chí định kỳ hàng tháng»."""
    async with at(world, "2027-03-10T11:00:00"):
        when = {"starts_at": "2027-03-10T08:30:00+07:00", "ends_at": None}
        event = await an_event(world, "announce", "hold", slug=make.COORDINATOR, **when)
        addressee = [str(await world.agency_id(PRESS))]
        guidance = await guided(world, event, addressee_ids=addressee)
        assert "QC.D8.K7" in (await told(world, PRESS, guidance))["press_guidance.issued"]
        body = {"attendance": [], "minutes": "Biên bản."}
        await post(world, make.COORDINATOR, f"/v1/press-events/{event['id']}/conclude", body, 200)
        assert "press_event.concluded" in await told(world, make.COORDINATOR, event)


@pytest.mark.provision("QC.D8.K9")
async def test_qc_d8_k9_b_the_yearly_funds_go_to_finance_and_on_to_the_committee(world):
    """«dự trù kinh phí hàng năm gửi Sở Tài chính trình Ủy ban nhân dân tỉnh phê duyệt»."""
    coordinator = await world.as_(make.COORDINATOR)
    budget = await budgets.made(coordinator, f"/v1/{budgets.BUDGETS}", budgets.a_budget())
    path = f"/v1/{budgets.BUDGETS}/{budget['id']}"
    assert await status(world, make.FINANCE, path) == 404, "it is not sent yet"
    await budgets.to(world, budget["id"], "with_finance")
    assert "budget.submitted" in await told(world, make.FINANCE, budget)
    assert (await get(world, make.FINANCE, path))["totals"]["requested_vnd"] == 120_000_000
    assert await status(world, OUTSIDER, path) == 404


@pytest.mark.provision("QC.D8.K9")
async def test_qc_d8_k9_a_the_half_year_is_reviewed(world):
    """«Sơ kết, tổng kết»: an interim report of an agency comes in without owing anything."""
    async with at(world, "2027-07-10T08:00:00", make.COORDINATOR) as (coordinator,):
        body = make.a_report(kind="interim", period_start="2027-01-01", period_end="2027-06-30")
        report = await post(world, make.COORDINATOR, "/v1/reports", body)
        answer = await coordinator.move(report, "submit", make.SUBMIT, "reports")
        assert answer.json()["state"] == "accepted", "what it sends to itself is received"
        assert "report.submitted" in await told(world, COMMITTEE, report)
        assert (await get(world, COMMITTEE, f"/v1/reports/{report['id']}"))["kind"] == "interim"
