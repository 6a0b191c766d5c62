"""The issued plans of the province as everybody reads them (QC.D8.K2, QC.D4.K1)."""

from tests.portal.hands import look
from tests.provincial.hands import made, own

PLANS = "/v1/public/plans"
WITHHELD = {
    "absorbed", "excluded", "absent", "dropped", "sources", "carried_from", "submitted", "returned", "allowed_moves",
    "amendment_reason", "version", "content_sha256", "signatory",
}  # fmt: skip


async def test_a_plan_is_public_from_issue_on_and_without_what_it_was_built_from(world):
    plan = await own(world)
    for moves in ((), ("submit",), ("approve",)):
        plan = await made(world, plan, *moves) if moves else plan
        await look(world, f"{PLANS}/{plan['id']}", 404)
        assert (await look(world, PLANS)).json()["items"] == []
    plan = await made(world, plan, "issue")
    found = (await look(world, f"{PLANS}/{plan['id']}")).json()
    assert (found["title"], found["state"]) == (plan["title"], "issued")
    assert found["decision"]["number"] == plan["approved"]["document"]["number"]
    assert [task["code"] for task in found["tasks"]] == [task["code"] for task in plan["tasks"]]
    assert all(task["lead_agency"] for task in found["tasks"])
    assert not WITHHELD & (set(found) | {name for task in found["tasks"] for name in task})
    (listed,) = (await look(world, PLANS)).json()["items"]
    assert listed == {name: found[name] for name in listed}


async def test_the_plans_are_narrowed_and_tagged_and_keep_their_end(world):
    plan = await made(world, await own(world), "submit", "approve", "issue")
    answer = await look(world, PLANS)
    await look(world, PLANS, 304, if_none_match=answer.headers["ETag"])
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    other = next(kind for kind in ("scheme", "programme") if kind != plan["kind"])
    wanted = {f"year={plan['year']}": 1, "year=2014": 0, f"kind={plan['kind']}": 1, f"kind={other}": 0}
    for query, number in wanted.items():
        assert len((await look(world, f"{PLANS}?{query}")).json()["items"]) == number, query
    await made(world, plan, "close")
    (closed,) = (await look(world, PLANS)).json()["items"]
    assert (closed["state"], closed["in_force"]) == ("closed", False)
