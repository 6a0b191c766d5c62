"""The Decision itself: the coordinator follows, urges, inspects and reports (Điều 2)."""

import pytest

from tests import make
from tests.obligations.hands import DISPATCH, REPORT, World, at, looked, opened, owed
from tests.provisions.hands import COMMITTEE, OUTSIDER, get, post, told


@pytest.fixture
async def world(sessions, api, app):
    return World(sessions, api, app)


@pytest.mark.provision("QD.D2")
async def test_qd_d2_the_coordinator_follows_urges_and_reports_to_the_committee(world):
    """«theo dõi, đôn đốc, kiểm tra việc thực hiện Quy chế này, định kỳ báo cáo kết quả với UBND tỉnh»."""
    async with at(world, "2027-01-04T08:00:00", make.COORDINATOR) as (coordinator,):
        await opened(coordinator)
    await looked(world, "2027-12-15T00:00:00")
    async with at(world, "2027-12-16T08:00:00", make.COORDINATOR) as (coordinator,):
        # Follows: who has not reported stands there by itself, and both sides are told.
        mine = await owed(coordinator, await world.agency_id(make.DISTRICT))
        assert (mine["duty"], mine["state"]) == (REPORT, "overdue")
        for slug, knows in ((make.DISTRICT, True), (make.COORDINATOR, True), (COMMITTEE, True), (OUTSIDER, False)):
            found = await told(world, slug, mine)
            assert ("obligation.overdue" in found) == knows, slug
        assert found == {}
        # Urges: by a numbered letter, which the agency answers, and which goes up where that does not help.
        batch = await post(world, make.COORDINATOR, "/v1/reminders", {"obligation_ids": [mine["id"]]})
        (reminder,) = batch["sent"]
        assert (await told(world, make.DISTRICT, reminder))["reminder.sent"] == ["QD.D2", "QC.D8.K2"]
        path = f"/v1/reminders/{reminder['id']}"
        await post(world, make.DISTRICT, f"{path}/acknowledge", {"answer": "Đang hoàn thiện."}, 200)
        await post(world, make.COORDINATOR, f"{path}/escalate", {"reason": "Đã nhắc nhiều lần."}, 200)
        assert (await get(world, COMMITTEE, path))["state"] == "escalated"
        assert "reminder.escalated" in await told(world, COMMITTEE, reminder)
        # Reports: what came, what did not, to the committee, which answers.
        body = {"year": 2027, "title": "Báo cáo kết quả thực hiện Quy chế năm 2027"}
        report = await post(world, make.COORDINATOR, "/v1/consolidated-reports", body)
        assert mine["agency_id"] in {item["agency_id"] for item in report["content"]["absent"]}
        path = f"/v1/consolidated-reports/{report['id']}"
        await post(world, make.COORDINATOR, f"{path}/submit", make.SUBMIT | {"document": DISPATCH}, 200)
        assert "QD.D2" in (await told(world, COMMITTEE, report))["consolidated_report.submitted"]
        await post(world, COMMITTEE, f"{path}/acknowledge", {}, 200)
        assert (await owed(coordinator, await world.agency_id(make.COORDINATOR), "QC.D8.K8"))["state"] == "accepted"
