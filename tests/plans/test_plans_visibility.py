"""Whose plans an agency may know about: its own; those it is asked to cooperate on; accepted ones that are shared."""

import pytest

from tests import make

MISSING = "01a00000-0000-7000-8000-000000000000"


def without_instance(answer):
    return answer.status_code, answer.headers["content-type"], {**answer.json(), "instance": ""}


async def slugs(world):
    reader = await world.as_(make.COORDINATOR)
    found = (await reader.get("/v1/agencies?limit=200")).json()
    assert found["next_cursor"] is None
    return {agency["slug"]: {held["function"] for held in agency["functions"]} for agency in found["items"]}


async def test_every_agency_against_every_other_agencys_plan(world):
    agencies = await slugs(world)
    plans = {}
    for slug, functions in agencies.items():
        if "MEMBER" in functions:
            created = await (await world.as_(slug)).post("/v1/plans", make.a_plan())
            assert created.status_code == 201
            plans[slug] = created.json()
    assert len(plans) == 37
    for slug, functions in agencies.items():
        caller = await world.as_(slug)
        never = without_instance(await caller.get(f"/v1/plans/{MISSING}"))
        everything = bool(functions & {"COORD", "UBND", "VPUBND"})
        for owner, plan in plans.items():
            seen = await caller.get(f"/v1/plans/{plan['id']}")
            if owner == slug or everything:
                assert seen.status_code == 200
            else:
                assert without_instance(seen) == never, (slug, owner)
        listed = {plan["id"] for plan in (await caller.get("/v1/plans?limit=200")).json()["items"]}
        own = {plans[slug]["id"]} if slug in plans else set()
        assert listed == ({plan["id"] for plan in plans.values()} if everything else own)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "submit", "withdraw"])
async def test_changing_a_foreign_plan_answers_like_one_that_never_existed(world, method):
    owner, stranger = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    plan = (await owner.post("/v1/plans", make.a_plan())).json()

    async def attempt(id):
        headers = {"If-Match": "*"}
        if method in make.BODIES:
            return await stranger.request("POST", f"/v1/plans/{id}/{method}", json=make.BODIES[method], headers=headers)
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
            return await stranger.request("PATCH", f"/v1/plans/{id}", content=b'{"title":"X"}', headers=headers)
        body = make.a_plan() if method == "PUT" else None
        return await stranger.request(method, f"/v1/plans/{id}", json=body, headers=headers)

    refused = await attempt(plan["id"])
    assert refused.status_code == 404
    assert without_instance(refused) == without_instance(await attempt(MISSING))
    assert (await owner.get(f"/v1/plans/{plan['id']}")).json() == plan


async def test_an_agency_asked_to_cooperate_reads_the_plan_once_it_is_sent(world):
    owner, asked = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    other = await world.as_("ubnd-lak")
    task = make.a_task(cooperating_agency_ids=[str(await world.agency_id(make.OTHER_DISTRICT))])
    plan = (await owner.post("/v1/plans", make.a_plan(tasks=[task]))).json()
    path = f"/v1/plans/{plan['id']}"
    assert (await asked.get(path)).status_code == 404
    sent = (await owner.move(plan, "submit", make.SUBMIT)).json()
    seen = await asked.get(path)
    assert seen.status_code == 200
    assert seen.json()["allowed_moves"] == []
    assert (await other.get(path)).status_code == 404
    refused = await asked.put(path, make.a_plan(), sent["etag"])
    assert refused.status_code == 403
    assert refused.json()["code"] == "not-permitted"


async def test_a_shareable_plan_is_read_by_every_agency_once_it_is_accepted(world):
    owner, other = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    coordinator = await world.as_(make.COORDINATOR)
    plan = (await owner.post("/v1/plans", make.a_plan(shareable=True))).json()
    sent = (await owner.move(plan, "submit", make.SUBMIT)).json()
    assert (await other.get(f"/v1/plans/{plan['id']}")).status_code == 404
    assert (await coordinator.move(sent, "accept", {})).status_code == 200
    assert (await other.get(f"/v1/plans/{plan['id']}")).status_code == 200
