"""Plans through HTTP: what an agency's system and the coordinator's do with one."""

from tests import make


async def test_a_plan_is_drafted_submitted_returned_corrected_and_accepted(world):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    created = await district.post("/v1/plans", make.a_plan())
    assert created.status_code == 201, created.text
    plan = created.json()
    print(created.headers, plan)
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
