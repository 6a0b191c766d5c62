"""An agency's budget estimate: with its plan, line by line, answering what is owed (QC.D7.K1)."""

from uuid import UUID

import pytest
from sqlmodel import select

from app.budgets.rules import ESTIMATE, EVENTS
from app.trail.models import Event
from tests import make
from tests.budgets import hands
from tests.budgets.hands import ESTIMATES, made, moved, read

# The plan's moves are the estimate's: (its state, the move of its plan) -> its state. Only settling is its own.
FOLLOWS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "withdrawn",
    ("submitted", "return"): "returned",
    ("submitted", "accept"): "accepted",
}
WAYS = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "accepted": ("submit", "accept"),
    "withdrawn": ("submit", "withdraw"),
    "consolidated": ("submit", "accept"),
    "decided": ("submit", "accept"),
    "settled": ("submit", "accept"),
}
MOVERS = {"submit": make.DISTRICT, "withdraw": make.DISTRICT, "return": make.COORDINATOR, "accept": make.COORDINATOR}
BUDGET = {"consolidated": "with_finance", "decided": "decided", "settled": "decided"}
STRANGERS = (
    "so-ngoai-vu", "so-khdt", "so-vhttdl", "cong-an-tinh", "bch-bdbp", "cuc-hai-quan", "ban-tuyen-giao",
    "bao-dak-lak", "ubnd-cu-kuin", "so-noi-vu",
)  # fmt: skip
UNSCOPED = ("ubnd-tinh", "vp-ubnd", "tt-cong-ttdt", "vhtt-buon-don")
LATER = {"accepted", "consolidated", "decided", "settled"}


async def in_state(world, state):
    plan, estimate = await hands.drafted(world)
    for move in WAYS[state]:
        await moved(await world.as_(MOVERS[move]), "plans", plan["id"], move, make.BODIES[move])
    if state in BUDGET:
        coordinator = await world.as_(make.COORDINATOR)
        budget = await made(coordinator, f"/v1/{hands.BUDGETS}", hands.a_budget())
        await hands.to(world, budget["id"], BUDGET[state])
    if state == "settled":
        await moved(await world.as_(make.DISTRICT), ESTIMATES, estimate["id"], "settle", spent(estimate))
    shown = await read(await world.as_(make.DISTRICT), ESTIMATES, estimate["id"])
    assert shown["state"] == state
    return plan["id"], shown


def spent(estimate, amount=1):
    return make.SUBMIT | {"lines": [{"line_id": line["id"], "spent_vnd": amount} for line in estimate["lines"]]}


def failed(answer, pointer, code):
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


def test_settling_is_its_only_own_move_and_every_event_is_declared():
    (move,) = ESTIMATE.machine.moves.values()
    assert (move.name, set(map(str, move.sources)), str(move.target)) == ("settle", {"decided"}, "settled")
    names = "created replaced deleted submitted returned accepted withdrawn consolidated released remarked"
    names += " remark_answered remark_resolved decided adjusted settled"
    assert {event.name for event in EVENTS} == {f"budget_estimate.{name}" for name in names.split()}


@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize("move", MOVERS)
async def test_it_moves_with_its_plan_and_never_without(world, state, move):
    plan, estimate = await in_state(world, state)
    answer = await (await world.as_(MOVERS[move])).post(f"/v1/plans/{plan}/{move}", make.BODIES[move], "*")
    shown = await read(await world.as_(make.DISTRICT), ESTIMATES, estimate["id"])
    if (state, move) in FOLLOWS:
        assert answer.status_code == 200, answer.text
        assert (shown["state"], shown["version"]) == (FOLLOWS[state, move], estimate["version"] + 1)
    else:
        assert answer.status_code == 409, answer.text
        assert (shown["state"], shown["version"]) == (state, estimate["version"])
    alone = await (await world.as_(MOVERS[move])).post(f"/v1/{ESTIMATES}/{estimate['id']}/{move}", {}, "*")
    assert alone.status_code == 404


@pytest.mark.parametrize("state", WAYS)
async def test_each_function_gets_what_the_table_says_when_it_settles_edits_or_reads(world, state):
    _, estimate = await in_state(world, state)
    path, body = f"/v1/{ESTIMATES}/{estimate['id']}", spent(estimate)
    finance = 403 if state in LATER else 404
    for slug in (*STRANGERS, *UNSCOPED, make.COORDINATOR, make.FINANCE):
        caller = await world.as_(slug)
        answer = await caller.post(f"{path}/settle", body, "*")
        wanted = 403 if slug in {*UNSCOPED, make.COORDINATOR} else finance if slug == make.FINANCE else 404
        assert answer.status_code == wanted, (slug, answer.text)
        sees = slug in {"ubnd-tinh", "vp-ubnd", make.COORDINATOR} or (slug == make.FINANCE and state in LATER)
        assert (await caller.get(path)).status_code == (200 if sees else 404), slug
    owner = await world.as_(make.DISTRICT)
    put = await owner.put(path, make.an_estimate(estimate["plan_id"], title="Tên mới"), "*")
    assert put.status_code == (200 if state in {"draft", "returned"} else 409), put.text
    settled = await owner.post(f"{path}/settle", body, "*")
    assert settled.status_code == (200 if state == "decided" else 409), settled.text
    deleted = await owner.request("DELETE", path, headers={"If-Match": "*"})
    assert deleted.status_code == (204 if state == "draft" else 409)


async def test_a_plan_is_sent_with_an_estimate_or_with_the_reason_for_none(world):
    district = await world.as_(make.DISTRICT)
    plan = await made(district, "/v1/plans", make.a_plan(no_budget_reason=None))
    path = f"/v1/plans/{plan['id']}/submit"
    failed(await district.post(path, make.SUBMIT, "*"), "/no_budget_reason", "no_budget")
    estimate = await made(district, f"/v1/{ESTIMATES}", make.an_estimate(plan["id"], lines=[]))
    failed(await district.post(path, make.SUBMIT, "*"), "/no_budget_reason", "no_lines")
    wrong = make.an_estimate(plan["id"], lines=[make.a_line(task_code="NV-99")])
    assert (await district.put(f"/v1/{ESTIMATES}/{estimate['id']}", wrong, "*")).status_code == 200
    failed(await district.post(path, make.SUBMIT, "*"), "/tasks", "task_not_in_plan")
    right = make.an_estimate(plan["id"])
    assert (await district.put(f"/v1/{ESTIMATES}/{estimate['id']}", right, "*")).status_code == 200
    assert (await district.put(f"/v1/plans/{plan['id']}", make.a_plan(), "*")).status_code == 200
    failed(await district.post(path, make.SUBMIT, "*"), "/no_budget_reason", "budget_and_reason")


async def test_only_ones_own_plan_that_was_not_sent_gets_an_estimate_and_only_one(world):
    plan, _ = await hands.drafted(world)
    district, other = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    body = make.an_estimate(plan["id"])
    failed(await other.post(f"/v1/{ESTIMATES}", body), "/plan_id", "not_own_plan")
    twice = await district.post(f"/v1/{ESTIMATES}", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict")
    sent = await made(district, "/v1/plans", make.a_plan(year=2028))
    await moved(district, "plans", sent["id"], "submit", make.SUBMIT)
    failed(await district.post(f"/v1/{ESTIMATES}", make.an_estimate(sent["id"])), "/plan_id", "plan_sent")
    free = await made(district, "/v1/plans", make.a_plan(year=2029))
    (estimate,) = (await district.get(f"/v1/{ESTIMATES}")).json()["items"]
    change = await district.put(f"/v1/{ESTIMATES}/{estimate['id']}", make.an_estimate(free["id"]), "*")
    failed(change, "/plan_id", "settled")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"quantity": "0.1", "norm_vnd": 15, "amount_vnd": 2}, "/lines/0", "product_differs"),
        ({"quantity": "120.0005"}, "/lines/0/quantity", "string_pattern_mismatch"),
        ({"quantity": 120}, "/lines/0/quantity", "string_type"),
        ({"amount_vnd": -1}, "/lines/0/amount_vnd", "greater_than_equal"),
        ({"amount_vnd": 18_000_000.0}, "/lines/0/amount_vnd", "int_type"),
        ({"category": "weapons"}, "/lines/0/category", "enum"),
    ],
)
async def test_amounts_are_whole_and_come_out(world, changes, pointer, code):
    plan, _ = await hands.drafted(world)
    body = make.an_estimate(plan["id"], lines=[make.a_line(**changes)])
    failed(await (await world.as_(make.DISTRICT)).post(f"/v1/{ESTIMATES}", body), pointer, code)


async def test_a_total_stays_an_amount_and_lines_keep_their_ids(world):
    plan, estimate = await hands.drafted(world)
    district, path = await world.as_(make.DISTRICT), f"/v1/{ESTIMATES}/{estimate['id']}"
    whole = {"quantity": None, "norm_vnd": None}
    nine = [make.a_line(code=f"A{n}", **whole, amount_vnd=10**18 - 1) for n in range(9)]
    rest = 2**63 - 1 - 9 * (10**18 - 1)
    over = make.an_estimate(plan["id"], lines=[make.a_line(**whole, amount_vnd=rest + 1), *nine])
    failed(await district.put(path, over, "*"), "/lines", "total_too_large")
    right = make.an_estimate(plan["id"], lines=[*nine, make.a_line(**whole, amount_vnd=rest)])
    shown = (await district.put(path, right, "*")).json()
    assert shown["total_vnd"] == 2**63 - 1
    assert shown["lines"][9]["id"] == estimate["lines"][0]["id"]
    assert await read(district, ESTIMATES, estimate["id"]) == shown
    (listed,) = (await district.get(f"/v1/{ESTIMATES}?plan={plan['id']}")).json()["items"]
    assert listed["total_vnd"] == 2**63 - 1


async def owed(world, duty="QC.D7.K1-b"):
    district = await world.as_(make.DISTRICT)
    (found,) = (await district.get(f"/v1/obligations?year=2027&duty={duty}")).json()["items"]
    return found


async def test_it_answers_what_is_owed_and_a_reason_for_none_is_a_nil_return(world):
    coordinator, district = await world.as_(make.COORDINATOR), await world.as_(make.DISTRICT)
    assert (await coordinator.put("/v1/obligation-years/2027", {})).status_code == 201
    plan = await made(district, "/v1/plans", make.a_plan())
    await moved(district, "plans", plan["id"], "submit", make.SUBMIT)
    found = await owed(world)
    assert (found["state"], found["nil_return"]["reason"]) == ("nil_return", make.NO_BUDGET)
    await moved(coordinator, "plans", plan["id"], "return", make.RETURN)
    assert (await owed(world))["state"] == "nil_return"
    assert (await owed(world, "QC.D7.K1-a"))["state"] == "received_on_time"
    # It changes its mind: with an estimate the nil return is no more.
    body = make.a_plan(no_budget_reason=None)
    assert (await district.put(f"/v1/plans/{plan['id']}", body, "*")).status_code == 200
    estimate = await made(district, f"/v1/{ESTIMATES}", make.an_estimate(plan["id"]))
    await moved(district, "plans", plan["id"], "submit", make.SUBMIT)
    found = await owed(world)
    assert (found["state"], found["submission"]["id"]) == ("received_on_time", estimate["id"])
    await moved(coordinator, "plans", plan["id"], "accept", {})
    assert (await owed(world))["state"] == "accepted"
    await moved(district, "plans", plan["id"], "withdraw", make.WITHDRAW)
    assert [(await owed(world, duty))["state"] for duty in ("QC.D7.K1-a", "QC.D7.K1-b")] == ["not_due", "not_due"]


async def test_taking_a_plan_back_undoes_its_nil_return_and_leaves_one_made_by_hand(world):
    coordinator, district = await world.as_(make.COORDINATOR), await world.as_(make.DISTRICT)
    assert (await coordinator.put("/v1/obligation-years/2027", {})).status_code == 201
    for by_hand in (False, True):
        if by_hand:
            nil = {"no_state_secret": True, "reason": "Báo riêng"}
            await moved(district, "obligations", (await owed(world))["id"], "nil-return", nil)
        plan = await made(district, "/v1/plans", make.a_plan())
        await moved(district, "plans", plan["id"], "submit", make.SUBMIT)
        assert (await owed(world))["state"] == "nil_return"
        await moved(district, "plans", plan["id"], "withdraw", make.WITHDRAW)
        found = await owed(world)
        assert found["state"] == ("nil_return" if by_hand else "not_due")
        assert found["submission"] is None


async def test_a_deleted_draft_of_a_plan_takes_its_estimate_with_it(world):
    plan, estimate = await hands.drafted(world)
    district = await world.as_(make.DISTRICT)
    deleted = await district.request("DELETE", f"/v1/plans/{plan['id']}", headers={"If-Match": "*"})
    assert deleted.status_code == 204, deleted.text
    assert (await district.get(f"/v1/{ESTIMATES}/{estimate['id']}")).status_code == 404
    async with world.sessions() as session:
        told = select(Event.type).where(Event.resource_id == UUID(estimate["id"])).order_by(Event.id)
        assert list(await session.scalars(told)) == ["budget_estimate.created", "budget_estimate.deleted"]


async def test_the_coordinators_own_goes_the_whole_way_at_once(world):
    _, estimate = await hands.sent(world, make.COORDINATOR)
    async with world.sessions() as session:
        told = select(Event.type, Event.state).where(Event.resource_id == UUID(estimate)).order_by(Event.id)
        assert [tuple(row) for row in await session.execute(told)] == [
            ("budget_estimate.created", "draft"), ("budget_estimate.submitted", "submitted"),
            ("budget_estimate.accepted", "accepted"),
        ]  # fmt: skip
