"""What was written stays, is compared, is remarked on; and a department syncs under its own key."""

import pytest

from tests import make


async def test_every_version_the_agency_wrote_is_kept_and_two_are_compared(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan(title="Một"))).json()
    path = f"/v1/plans/{plan['id']}"
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    returned = (await coordinator.move(sent, "return", make.RETURN)).json()
    tasks = [make.a_task(), make.a_task(code="NV-02", title="Biên giới")]
    await district.put(path, make.a_plan(title="Hai", tasks=tasks), returned["etag"])
    listed = (await coordinator.get(f"{path}/versions")).json()["items"]
    assert [version["version"] for version in listed] == [1, 4]
    assert (await coordinator.get(f"{path}/versions/3")).json()["title"] == "Một"
    assert (await coordinator.get(f"{path}/versions/4")).json()["title"] == "Hai"
    assert (await coordinator.get(f"{path}/versions/5")).status_code == 404
    changes = (await coordinator.get(f"{path}/difference?from=1&to=4")).json()["changes"]
    assert {(change["op"], change["path"]) for change in changes} == {("replace", "/title"), ("add", "/tasks/1")}
    assert (await coordinator.get(f"{path}/difference?from=2&to=3")).json()["changes"] == []


async def test_a_return_carries_remarks_that_are_answered_and_resolved(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    path = f"/v1/plans/{plan['id']}"
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    remarks = [{"pointer": "/tasks/0/title", "text": "Nêu rõ địa bàn"}, {"pointer": "", "text": "Thiếu dự toán"}]
    returned = await coordinator.move(sent, "return", make.RETURN | {"remarks": remarks})
    assert returned.status_code == 200, returned.text
    first, second = (await district.get(f"{path}/remarks")).json()["items"]
    assert (first["pointer"], first["state"], first["resource_version"]) == ("/tasks/0/title", "open", 2)
    answered = await district.post(f"{path}/remarks/{first['id']}/answer", {"text": "Đã bổ sung"}, first["etag"])
    assert answered.status_code == 200, answered.text
    assert answered.json()["state"] == "answered"
    refused = await district.post(f"{path}/remarks/{second['id']}/resolve", None, second["etag"])
    assert refused.status_code == 403
    stale = await coordinator.post(f"{path}/remarks/{first['id']}/resolve", None, first["etag"])
    assert stale.status_code == 412
    resolved = await coordinator.post(f"{path}/remarks/{first['id']}/resolve", None, answered.json()["etag"])
    assert resolved.json()["state"] == "resolved"
    again = await district.post(f"{path}/remarks/{first['id']}/answer", {"text": "X"}, resolved.json()["etag"])
    assert again.status_code == 409
    listed = (await coordinator.get(f"{path}/remarks")).json()["items"]
    assert [remark["state"] for remark in listed] == ["resolved", "open"]


@pytest.mark.parametrize("pointer", ["/tasks/7/title", "/nothing", "/tasks/-", "/title/0"])
async def test_a_remark_points_at_something_that_was_sent(world, pointer):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    remark = {"pointer": pointer, "text": "X"}
    refused = await coordinator.post(f"/v1/plans/{plan['id']}/remarks", remark)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/pointer"
    refused = await coordinator.move(sent, "return", make.RETURN | {"remarks": [remark]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/remarks/0/pointer"
    assert (await coordinator.get(f"/v1/plans/{plan['id']}")).json()["state"] == "submitted"


async def test_what_passes_between_the_agency_and_the_reviewer_is_theirs_alone(world):
    district, asked = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    coordinator = await world.as_(make.COORDINATOR)
    task = make.a_task(cooperating_agency_ids=[str(await world.agency_id(make.OTHER_DISTRICT))])
    plan = (await district.post("/v1/plans", make.a_plan(tasks=[task]))).json()
    await district.move(plan, "submit", make.SUBMIT)
    path = f"/v1/plans/{plan['id']}/remarks"
    remark = (await coordinator.post(path, {"pointer": "/title", "text": "X"})).json()
    assert (await asked.get(f"/v1/plans/{plan['id']}")).status_code == 200
    for beside in ("remarks", "versions", "versions/1", "difference?from=1&to=2"):
        assert (await asked.get(f"/v1/plans/{plan['id']}/{beside}")).status_code == 404
        assert (await coordinator.get(f"/v1/plans/{plan['id']}/{beside}")).status_code == 200
    assert (await asked.post(f"{path}/{remark['id']}/answer", {"text": "Y"}, remark["etag"])).status_code == 404


async def test_only_what_was_sent_is_remarked_on(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    path = f"/v1/plans/{plan['id']}/remarks"
    refused = await coordinator.post(path, {"pointer": "/title", "text": "X"})
    assert (refused.status_code, refused.json()["state"]) == (409, "draft")
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    await district.move(sent, "withdraw", make.WITHDRAW)
    refused = await coordinator.post(path, {"pointer": "/title", "text": "X"})
    assert (refused.status_code, refused.json()["state"]) == (409, "withdrawn")


async def test_a_nightly_sync_under_the_departments_own_key_changes_only_what_changed(world):
    district = await world.as_(make.DISTRICT)
    path = "/v1/plans/by-external-id/qlvb/KH-2027.1"
    first = await district.put(path, make.a_plan())
    assert first.status_code == 201
    assert first.json()["external"] == {"source": "qlvb", "id": "KH-2027.1"}
    assert first.headers["Location"].endswith(first.json()["id"])
    same = await district.put(path, make.a_plan())
    assert same.status_code == 200
    assert (same.json()["version"], same.headers["ETag"]) == (1, first.headers["ETag"])
    other = await district.put(path, make.a_plan(title="Đổi"))
    assert (other.json()["version"], other.json()["id"]) == (2, first.json()["id"])
    assert (await district.put(path, make.a_plan(title="Ba"), first.headers["ETag"])).status_code == 412
    await district.move(other.json(), "submit", make.SUBMIT)
    closed = await district.put(path, make.a_plan(title="Bốn"))
    assert closed.status_code == 409


async def test_two_agencies_use_the_same_key_without_learning_of_each_other(world):
    path = "/v1/plans/by-external-id/qlvb/1"
    for slug in (make.DISTRICT, make.OTHER_DISTRICT, make.COORDINATOR):
        assert (await (await world.as_(slug)).put(path, make.a_plan())).status_code == 201


async def test_after_a_withdrawal_the_key_is_free_for_a_new_plan(world):
    district = await world.as_(make.DISTRICT)
    path = "/v1/plans/by-external-id/qlvb/1"
    first = (await district.put(path, make.a_plan())).json()
    sent = (await district.move(first, "submit", make.SUBMIT)).json()
    assert (await district.move(sent, "withdraw", make.WITHDRAW)).status_code == 200
    second = await district.put(path, make.a_plan())
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]
