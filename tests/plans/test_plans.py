"""Plans through HTTP: what an agency's system and the coordinator's do with one."""

import pytest

from tests import make


@pytest.mark.provision("QC.D7.K1")
async def test_a_plan_is_drafted_submitted_returned_corrected_and_accepted(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    created = await district.post("/v1/plans", make.a_plan())
    assert created.status_code == 201, created.text
    plan = created.json()
    assert created.headers["ETag"] == plan["etag"]
    assert created.headers["Location"].endswith(f"/v1/plans/{plan['id']}")
    submitted = await district.move(plan, "submit", make.SUBMIT)
    assert submitted.status_code == 200, submitted.text
    seen = (await coordinator.get(f"/v1/plans/{plan['id']}")).json()
    assert [m["move"] for m in seen["allowed_moves"]] == ["return", "accept"]
    returned = await coordinator.move(seen, "return", make.RETURN)
    assert returned.status_code == 200, returned.text
    mine = (await district.get(f"/v1/plans/{plan['id']}")).json()
    assert mine["returned"]["reason"] == "missing_content"
    fixed = await district.put(f"/v1/plans/{plan['id']}", make.a_plan(title="Bản sửa"), mine["etag"])
    assert fixed.status_code == 200, fixed.text
    again = await district.move(fixed.json(), "submit", make.SUBMIT)
    assert again.status_code == 200
    assert again.json()["first_submitted_at"] == submitted.json()["first_submitted_at"]
    accepted = await coordinator.move(again.json(), "accept", {})
    assert accepted.status_code == 200
    assert accepted.json()["state"] == "accepted"


async def test_an_agency_has_one_live_plan_for_a_year_and_another_after_a_withdrawal(world):
    district = await world.as_(make.DISTRICT)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    second = await district.post("/v1/plans", make.a_plan())
    assert second.status_code == 409
    assert second.json()["code"] == "conflict"
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    withdrawn = (await district.move(sent, "withdraw", make.WITHDRAW)).json()
    assert withdrawn["withdrawn"]["reason"] == make.WITHDRAW["reason"]
    assert (await district.post("/v1/plans", make.a_plan())).status_code == 201


async def test_a_task_keeps_its_id_as_long_as_it_keeps_its_code(world):
    district = await world.as_(make.DISTRICT)
    tasks = [make.a_task(code="A"), make.a_task(code="B"), make.a_task(code="C")]
    plan = (await district.post("/v1/plans", make.a_plan(tasks=tasks))).json()
    ids = {task["code"]: task["id"] for task in plan["tasks"]}
    changed = [make.a_task(code="C", title="Đổi tên"), make.a_task(code="A"), make.a_task(code="D")]
    put = (await district.put(f"/v1/plans/{plan['id']}", make.a_plan(tasks=changed), plan["etag"])).json()
    assert [task["code"] for task in put["tasks"]] == ["C", "A", "D"]
    assert put["tasks"][0]["id"] == ids["C"]
    assert put["tasks"][0]["title"] == "Đổi tên"
    assert put["tasks"][1]["id"] == ids["A"]
    assert put["tasks"][2]["id"] not in ids.values()


async def test_a_merge_patch_changes_what_it_names_and_null_clears(world):
    district = await world.as_(make.DISTRICT)
    plan = (await district.post("/v1/plans", make.a_plan(objectives="Mục tiêu", shareable=True))).json()

    async def patch(body, etag, kind="application/merge-patch+json"):
        headers = {"If-Match": etag, "Content-Type": kind}
        return await district.request("PATCH", f"/v1/plans/{plan['id']}", content=body, headers=headers)

    refused = await patch(b'{"title": "X"}', plan["etag"], "application/json")
    assert refused.status_code == 415
    assert refused.headers["Accept-Patch"] == "application/merge-patch+json"
    changed = await patch('{"title": "Tên mới", "objectives": null}'.encode(), plan["etag"])
    assert changed.status_code == 200, changed.text
    body = changed.json()
    assert (body["title"], body["objectives"], body["shareable"]) == ("Tên mới", None, True)
    assert body["tasks"] == plan["tasks"]
    unknown = await patch(b'{"state": "accepted"}', body["etag"])
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/state"
    required = await patch(b'{"title": null}', body["etag"])
    assert required.status_code == 422


async def test_a_change_needs_the_version_it_saw(world):
    district = await world.as_(make.DISTRICT)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    path = f"/v1/plans/{plan['id']}"
    assert (await district.put(path, make.a_plan())).status_code == 428
    first = (await district.put(path, make.a_plan(title="Một"), plan["etag"])).json()
    stale = await district.put(path, make.a_plan(title="Hai"), plan["etag"])
    assert stale.status_code == 412
    assert stale.json()["etag"] == first["etag"] == stale.headers["ETag"]
    assert (await district.get(path)).json()["title"] == "Một"


async def test_submitting_needs_the_declaration_and_a_task(world):
    district = await world.as_(make.DISTRICT)
    plan = (await district.post("/v1/plans", make.a_plan(tasks=[]))).json()
    for body in ({}, {"no_state_secret": False}, {"no_state_secret": None}):
        refused = await district.move(plan, "submit", body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/no_state_secret"
    empty = await district.move(plan, "submit", make.SUBMIT)
    assert empty.status_code == 422
    assert empty.json()["errors"] == [
        {"pointer": "/tasks", "code": "no_tasks", "detail": empty.json()["errors"][0]["detail"]}
    ]
    assert (await district.get(f"/v1/plans/{plan['id']}")).json()["state"] == "draft"


async def test_a_return_needs_a_coded_reason_and_other_needs_a_note(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    sent = (await district.move(plan, "submit", make.SUBMIT)).json()
    for body in ({}, {"reason": "vì sao không"}, {"reason": "other"}):
        assert (await coordinator.move(sent, "return", body)).status_code == 422
    assert (await coordinator.move(sent, "return", {"reason": "other", "note": "Xem lại"})).status_code == 200


async def test_what_is_wrong_in_a_task_is_pointed_at(world):
    district = await world.as_(make.DISTRICT)
    wrong = {
        "/tasks/0/content_category": make.a_task(content_category="khác"),
        "/tasks/0/audiences": make.a_task(audiences=[]),
        "/tasks/0": make.a_task(starts_on="2027-06-30", ends_on="2027-03-01"),
        "/tasks/0/provision": make.a_task(provision="QC.D99"),
        "/tasks/0/extra": make.a_task(extra=1),
        "/tasks/0/cooperating_agency_ids/0": make.a_task(
            cooperating_agency_ids=["01a00000-0000-7000-8000-000000000000"]
        ),
    }
    for pointer, task in wrong.items():
        refused = await district.post("/v1/plans", make.a_plan(tasks=[task]))
        assert refused.status_code == 422, refused.text
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    for provision in ("QC.D99", "QC.D7.K3-a"):  # the id of a duty is none of a provision
        refused = await district.post("/v1/plans", make.a_plan(tasks=[make.a_task(provision=provision)]))
        assert [error["code"] for error in refused.json()["errors"]] == ["unknown_clause"]
    twice = await district.post("/v1/plans", make.a_plan(tasks=[make.a_task(), make.a_task()]))
    assert twice.status_code == 422
    assert (await district.get("/v1/plans")).json()["items"] == []


async def test_last_year_s_plan_is_copied_as_a_draft_with_its_dates_moved(world):
    district = await world.as_(make.DISTRICT)
    tasks = [
        make.a_task(starts_on="2028-02-29", ends_on="2028-03-01"),
        make.a_task(code="NV-02", starts_on=None, ends_on=None),
    ]
    path = "/v1/plans/by-external-id/qlvb/KH-2028"
    row = (await district.put(path, make.a_plan(year=2028, tasks=tasks))).json()
    sent = (await district.move(row, "submit", make.SUBMIT)).json()
    answer = await district.post(f"/v1/plans/{row['id']}/copy", {"year": 2029})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["Location"].endswith(made["id"])
    assert (made["year"], made["state"], made["version"], made["external"]) == (2029, "draft", 1, None)
    assert [(t["code"], t["starts_on"], t["ends_on"]) for t in made["tasks"]] == [
        ("NV-01", "2029-02-28", "2029-03-01"),
        ("NV-02", None, None),
    ]
    assert not {t["id"] for t in made["tasks"]} & {t["id"] for t in sent["tasks"]}
    assert (await district.post(f"/v1/plans/{row['id']}/copy", {"year": 2029})).json()["code"] == "conflict"
    back = (await district.post(f"/v1/plans/{made['id']}/copy", {"year": 2032})).json()
    assert back["tasks"][0]["starts_on"] == "2032-02-28"


async def test_only_one_s_own_plan_is_copied(world):
    district, other = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    coordinator = await world.as_(make.COORDINATOR)
    row = (await district.post("/v1/plans", make.a_plan())).json()
    assert (await other.post(f"/v1/plans/{row['id']}/copy", {"year": 2029})).status_code == 404
    assert (await coordinator.post(f"/v1/plans/{row['id']}/copy", {"year": 2029})).json()["code"] == "not-permitted"
