"""Two at once, with real commits: one decides, and nothing that was decided moves."""

import asyncio

import pytest

from tests import make
from tests.budgets import hands
from tests.budgets.hands import BUDGETS, ESTIMATES, decision, lines_of, moved, read

pytestmark = pytest.mark.real


async def test_of_two_decisions_one_stands(real_world):
    budget = await hands.a_budget_in(real_world, "appraised")
    callers = [await real_world.as_(slug) for slug in ("ubnd-tinh", "vp-ubnd")]
    (first, *_) = await lines_of(callers[0], budget["id"])
    bodies = [
        decision(exceptions=[{"line_id": first["id"], "decided_vnd": amount, "reason": "x"}]) for amount in (1, 2)
    ]
    path = f"/v1/{BUDGETS}/{budget['id']}/decide"
    answers = await asyncio.gather(*(c.post(path, b, "*") for c, b in zip(callers, bodies, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
    (first, *_) = await lines_of(callers[0], budget["id"])
    assert first["decided_vnd"] == won + 1


async def test_an_adjustment_comes_after_the_decision_or_not_at_all(real_world):
    budget = await hands.a_budget_in(real_world, "appraised")
    committee, office = await real_world.as_("ubnd-tinh"), await real_world.as_("vp-ubnd")
    (first, *_) = await lines_of(committee, budget["id"])
    path = f"/v1/{BUDGETS}/{budget['id']}"
    decided, adjusted = await asyncio.gather(
        committee.post(f"{path}/decide", decision(), "*"),
        office.post(f"{path}/adjustments", hands.an_adjustment((first["id"], -1))),
    )
    assert decided.status_code == 200, decided.text
    assert adjusted.status_code in {201, 409}, adjusted.text
    totals = (await read(committee, BUDGETS, budget["id"]))["totals"]
    assert totals["decided_vnd"] == budget["totals"]["requested_vnd"]
    assert totals["change_vnd"] == (-1 if adjusted.status_code == 201 else 0)


async def test_adjustments_at_once_never_take_a_line_below_zero(real_world):
    budget = await hands.a_budget_in(real_world, "decided")
    committee = await real_world.as_("ubnd-tinh")
    (first, *_) = await lines_of(committee, budget["id"])
    body = hands.an_adjustment((first["id"], -(first["decided_vnd"] // 2) - 1))
    path = f"/v1/{BUDGETS}/{budget['id']}/adjustments"
    answers = await asyncio.gather(*(committee.post(path, body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_a_settlement_and_an_adjustment_at_once_both_stand(real_world):
    """The budget is always locked before its estimates: no two of them wait for each other."""
    budget = await hands.a_budget_in(real_world, "decided")
    committee, district = await real_world.as_("ubnd-tinh"), await real_world.as_(make.DISTRICT)
    (first, *_) = await lines_of(committee, budget["id"])
    estimate = await read(district, ESTIMATES, first["estimate_id"])
    spent = make.SUBMIT | {"lines": [{"line_id": estimate["lines"][0]["id"], "spent_vnd": 3}]}
    answers = await asyncio.gather(
        district.post(f"/v1/{ESTIMATES}/{estimate['id']}/settle", spent, "*"),
        committee.post(f"/v1/{BUDGETS}/{budget['id']}/adjustments", hands.an_adjustment((first["id"], 5))),
    )
    assert [answer.status_code for answer in answers] == [200, 201]
    shown = await read(district, ESTIMATES, estimate["id"])
    assert (shown["lines"][0]["change_vnd"], shown["lines"][0]["spent_vnd"]) == (5, 3)


async def test_a_plan_taken_back_while_its_estimate_is_sent_goes_one_way(real_world):
    plan, estimate = await hands.accepted(real_world)
    coordinator, district = await real_world.as_(make.COORDINATOR), await real_world.as_(make.DISTRICT)
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget())
    answers = await asyncio.gather(
        district.post(f"/v1/plans/{plan}/withdraw", make.WITHDRAW, "*"),
        coordinator.post(f"/v1/{BUDGETS}/{budget['id']}/submit", make.SUBMIT, "*"),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    state = (await read(district, ESTIMATES, estimate))["state"]
    assert state == ("withdrawn" if answers[0].status_code == 200 else "consolidated")


async def test_an_estimate_is_made_before_its_plan_is_sent_or_not_at_all(real_world):
    district = await real_world.as_(make.DISTRICT)
    plan = await hands.made(district, "/v1/plans", make.a_plan())
    made, sent = await asyncio.gather(
        district.post(f"/v1/{ESTIMATES}", make.an_estimate(plan["id"])),
        district.post(f"/v1/plans/{plan['id']}/submit", make.SUBMIT, "*"),
    )
    # With a reason for none it is one or the other, never both.
    assert (made.status_code, sent.status_code) in {(201, 422), (422, 200)}
    assert await moved(district, "plans", plan["id"], "withdraw", make.WITHDRAW) if sent.is_success else True
