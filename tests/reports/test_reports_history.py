"""What was written of a report stays, is compared, is remarked on; and a department syncs under its own key."""

import pytest

from tests import make


async def sent(district, **changes):
    report = (await district.post("/v1/reports", make.a_report(**changes))).json()
    return (await district.move(report, "submit", make.SUBMIT, "reports")).json()


async def test_every_version_the_agency_wrote_is_kept_and_two_are_compared(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    report = await sent(district, title="Một")
    path = f"/v1/reports/{report['id']}"
    returned = (await coordinator.move(report, "return", make.RETURN, "reports")).json()
    indicators = [make.an_indicator(number="49"), make.an_indicator(code="KP")]
    await district.put(path, make.a_report(title="Hai", indicators=indicators), returned["etag"])
    listed = (await coordinator.get(f"{path}/versions")).json()["items"]
    assert [version["version"] for version in listed] == [1, 4]
    assert (await coordinator.get(f"{path}/versions/3")).json()["title"] == "Một"
    assert (await coordinator.get(f"{path}/versions/4")).json()["indicators"] == indicators
    assert (await coordinator.get(f"{path}/versions/5")).status_code == 404
    changes = (await coordinator.get(f"{path}/difference?from=1&to=4")).json()["changes"]
    assert {(change["op"], change["path"]) for change in changes} == {
        ("replace", "/title"), ("replace", "/indicators/0/number"), ("add", "/indicators/1"),
    }  # fmt: skip
    assert (await coordinator.get(f"{path}/difference?from=2&to=3")).json()["changes"] == []


async def test_a_return_carries_remarks_that_are_answered_and_resolved(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    report = await sent(district)
    path = f"/v1/reports/{report['id']}"
    remarks = [{"pointer": "/sections/0/text", "text": "Nêu rõ"}, {"pointer": "/indicators/0", "text": "Nguồn?"}]
    returned = await coordinator.move(report, "return", make.RETURN | {"remarks": remarks}, "reports")
    assert returned.status_code == 200, returned.text
    first, second = (await district.get(f"{path}/remarks")).json()["items"]
    assert (first["pointer"], first["state"], first["resource_version"]) == ("/sections/0/text", "open", 2)
    answered = await district.post(f"{path}/remarks/{first['id']}/answer", {"text": "Đã nêu"}, first["etag"])
    assert answered.json()["state"] == "answered"
    refused = await district.post(f"{path}/remarks/{second['id']}/resolve", None, second["etag"])
    assert refused.status_code == 403
    resolved = await coordinator.post(f"{path}/remarks/{first['id']}/resolve", None, answered.json()["etag"])
    assert resolved.json()["state"] == "resolved"
    again = await district.post(f"{path}/remarks/{first['id']}/answer", {"text": "X"}, resolved.json()["etag"])
    assert again.status_code == 409
    listed = (await coordinator.get(f"{path}/remarks")).json()["items"]
    assert [remark["state"] for remark in listed] == ["resolved", "open"]


async def test_remarks_on_a_plan_are_not_a_report_s(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    report, plan = await sent(district), (await district.post("/v1/plans", make.a_plan())).json()
    await district.move(plan, "submit", make.SUBMIT)
    remark = (await coordinator.post(f"/v1/plans/{plan['id']}/remarks", {"pointer": "", "text": "X"})).json()
    path = f"/v1/reports/{report['id']}/remarks"
    assert (await district.get(path)).json()["items"] == []
    assert (await coordinator.post(f"{path}/{remark['id']}/resolve", None, remark["etag"])).status_code == 404


@pytest.mark.parametrize("pointer", ["/sections/7/text", "/late", "/indicators/-", "/title/0"])
async def test_a_remark_points_at_something_that_was_sent(world, pointer):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    report = await sent(district)
    remark = {"pointer": pointer, "text": "X"}
    refused = await coordinator.post(f"/v1/reports/{report['id']}/remarks", remark)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/pointer"
    refused = await coordinator.move(report, "return", make.RETURN | {"remarks": [remark]}, "reports")
    assert refused.json()["errors"][0]["pointer"] == "/remarks/0/pointer"
    assert (await coordinator.get(f"/v1/reports/{report['id']}")).json()["state"] == "submitted"


async def test_only_what_was_sent_is_remarked_on(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    report = (await district.post("/v1/reports", make.a_report())).json()
    refused = await coordinator.post(f"/v1/reports/{report['id']}/remarks", {"pointer": "/title", "text": "X"})
    assert (refused.status_code, refused.json()["state"]) == (409, "draft")


async def test_a_nightly_sync_under_the_departments_own_key_changes_only_what_changed(world):
    district = await world.as_(make.DISTRICT)
    path = "/v1/reports/by-external-id/qlvb/BC-2027.1"
    first = await district.put(path, make.a_report())
    assert first.status_code == 201
    assert first.json()["external"] == {"source": "qlvb", "id": "BC-2027.1"}
    assert first.headers["Location"].endswith(f"/v1/reports/{first.json()['id']}")
    same = await district.put(path, make.a_report())
    assert same.status_code == 200
    assert (same.json()["version"], same.headers["ETag"]) == (1, first.headers["ETag"])
    # The period that an annual report has by itself, written out, is the same content.
    whole_year = make.a_report(period_start="2027-01-01", period_end="2027-12-31")
    assert (await district.put(path, whole_year)).json()["version"] == 1
    other = await district.put(path, make.a_report(title="Đổi"))
    assert (other.json()["version"], other.json()["id"]) == (2, first.json()["id"])
    assert (await district.put(path, make.a_report(title="Ba"), first.headers["ETag"])).status_code == 412
    withdrawn = (await district.move(other.json(), "submit", make.SUBMIT, "reports")).json()
    assert (await district.put(path, make.a_report(title="Bốn"))).status_code == 409
    await district.move(withdrawn, "withdraw", make.WITHDRAW, "reports")
    again = await district.put(path, make.a_report())
    assert again.status_code == 201
    assert again.json()["id"] != first.json()["id"]


async def test_two_agencies_use_the_same_key_without_learning_of_each_other(world):
    for slug in (make.DISTRICT, make.OTHER_DISTRICT, make.COORDINATOR):
        caller = await world.as_(slug)
        assert (await caller.put("/v1/reports/by-external-id/qlvb/1", make.a_report())).status_code == 201
