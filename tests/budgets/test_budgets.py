"""The province's budget from the agencies' estimates to its end."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import make
from tests.budgets import hands
from tests.budgets.hands import BUDGETS, ESTIMATES, REASON, appraisal, decision, lines_of, moved, read

LINES = [
    make.a_line(),
    make.a_line(code="DT-02", category="facilities", quantity=None, norm_vnd=None, amount_vnd=45_000_000),
]


COPY = """
    INSERT INTO budget_line SELECT (jsonb_populate_record(l, CAST(:more AS jsonb))).* FROM budget_line l WHERE id = :id
"""


async def run(world, statement, **values):
    async with world.sessions() as session, session.begin():
        await session.execute(text(statement), values)


def failed(answer, pointer, code):
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.provision("QC.D12.K1", "QC.D8.K9")
async def test_the_whole_way_keeps_every_tier(world):
    _, estimate = await hands.accepted(world, lines=LINES)
    coordinator, finance = await world.as_(make.COORDINATOR), await world.as_(make.FINANCE)
    committee, district = await world.as_(make.COMMITTEE), await world.as_(make.DISTRICT)
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget())
    id = budget["id"]
    assert [item["estimate_id"] for item in budget["content"]["included"]] == [estimate]
    await moved(coordinator, BUDGETS, id, "submit", make.SUBMIT)
    assert (await read(district, ESTIMATES, estimate))["state"] == "consolidated"
    lines = await lines_of(finance, id)
    assert [(line["code"], line["scope"], line["requested_vnd"]) for line in lines] == [
        ("DT-01", "agency", 18_000_000), ("DT-02", "agency", 45_000_000), ("DP-01", "coordinator_own", 120_000_000),
    ]  # fmt: skip
    one, two, own = (line["id"] for line in lines)
    found = {one: 20_000_000, two: 40_000_000, own: 120_000_000}
    await moved(finance, BUDGETS, id, "appraise", appraisal(lines, lambda line: found[line["id"]]))
    shown = await read(district, ESTIMATES, estimate)
    assert {line["decided_vnd"] for line in shown["lines"]} == {None}
    assert "appraised" not in str(shown)
    exception = {"line_id": two, "decided_vnd": 41_000_000, "reason": "Giá tăng"}
    decided = await moved(committee, BUDGETS, id, "decide", decision(exceptions=[exception]))
    assert decided["decision"]["document"]["number"] == "3012/QĐ-UBND"
    shown = await read(district, ESTIMATES, estimate)
    assert (shown["state"], [line["decided_vnd"] for line in shown["lines"]]) == ("decided", [20_000_000, 41_000_000])
    adjusted = await hands.made(committee, f"/v1/{BUDGETS}/{id}/adjustments", hands.an_adjustment((one, -2_000_000)))
    assert [(a["number"], len(a["lines"])) for a in adjusted["adjustments"]] == [(1, 1)]
    given = {"category": "facilities", "funding_source": "central_budget", "amount_vnd": 30_000_000}
    allocated = await moved(finance, BUDGETS, id, "allocate", {"allocations": [given]})
    assert [(c["category"], c["current_vnd"], c["unallocated_vnd"]) for c in allocated["categories"]] == [
        ("facilities", 41_000_000, 11_000_000), ("programme", 138_000_000, 138_000_000),
    ]  # fmt: skip
    mine = {line["code"]: line["id"] for line in shown["lines"]}
    spent = [{"line_id": mine["DT-01"], "spent_vnd": 19_000_000}, {"line_id": mine["DT-02"], "spent_vnd": 0}]
    settled = await moved(district, ESTIMATES, estimate, "settle", make.SUBMIT | {"lines": spent})
    assert [(line["change_vnd"], line["spent_vnd"], line["overspent"]) for line in settled["lines"]] == [
        (-2_000_000, 19_000_000, True), (0, 0, False),
    ]  # fmt: skip
    assert settled["state"] == "settled"
    me = (await coordinator.get("/v1/me")).json()["agency_id"]
    refused = await finance.post(f"/v1/{BUDGETS}/{id}/close", {}, "*")
    failed(refused, "/unsettled", "unsettled_differ")
    closed = await moved(finance, BUDGETS, id, "close", {"unsettled": [me]})
    assert [item["agency_id"] for item in closed["closing"]["unsettled"]] == [me]
    assert closed["totals"] == {
        "requested_vnd": 183_000_000, "appraised_vnd": 180_000_000, "decided_vnd": 181_000_000,
        "change_vnd": -2_000_000, "current_vnd": 179_000_000, "spent_vnd": 19_000_000,
    }  # fmt: skip


async def test_no_amount_stands_twice(world):
    """The coordinator's own estimate comes in like the others; an own line is what nobody asked for."""
    await hands.accepted(world)
    await hands.accepted(world, make.COORDINATOR, [make.a_line(content="Hội nghị tổng kết toàn tỉnh")])
    coordinator = await world.as_(make.COORDINATOR)
    twice = await coordinator.post(f"/v1/{BUDGETS}", hands.a_budget())
    failed(twice, "/own_lines/0/content", "asked_already")
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget(own_lines=[]))
    assert budget["totals"]["requested_vnd"] == 36_000_000
    again = await coordinator.post(f"/v1/{BUDGETS}", hands.a_budget(own_lines=[]))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    lines = await lines_of(coordinator, budget["id"])
    with pytest.raises(DBAPIError, match="uq_budget_line_estimate_line"):
        await run(world, COPY, more=f'{{"id": "{uuid4()}", "position": 99}}', id=lines[0]["id"])


async def test_it_says_who_is_missing_and_who_is_left_out(world):
    coordinator = await world.as_(make.COORDINATOR)
    await coordinator.put("/v1/obligation-years/2027", {})
    _, kept = await hands.accepted(world)
    _, out = await hands.accepted(world, make.OTHER_DISTRICT)
    await hands.sent(world, "so-noi-vu")
    nothing = await world.as_("so-vhttdl")
    plan = await hands.made(nothing, "/v1/plans", make.a_plan())
    await moved(nothing, "plans", plan["id"], "submit", make.SUBMIT)
    body = hands.a_budget(excluded=[{"estimate_id": out, "reason": "Thiếu thuyết minh"}])
    content = (await hands.made(coordinator, f"/v1/{BUDGETS}", body))["content"]
    assert [item["estimate_id"] for item in content["included"]] == [kept]
    assert [(item["estimate_id"], item["reason"]) for item in content["excluded"]] == [(out, "Thiếu thuyết minh")]
    absent = {item["agency_id"]: (item["state"], item["reason"]) for item in content["absent"]}
    assert absent[str(await world.agency_id("so-noi-vu"))] == ("not_accepted", None)
    assert absent[str(await world.agency_id("so-vhttdl"))] == ("nil_return", make.NO_BUDGET)
    assert absent[str(await world.agency_id("so-khdt"))] == ("missing", None)
    assert str(await world.agency_id(make.DISTRICT)) not in absent
    unknown = hands.a_budget(year=2028, excluded=[{"estimate_id": out, "reason": "x"}])
    failed(await coordinator.post(f"/v1/{BUDGETS}", unknown), "/excluded/0/estimate_id", "unknown_estimate")


async def test_what_changed_since_it_was_built_must_be_built_again(world):
    plan, _ = await hands.accepted(world)
    coordinator, district = await world.as_(make.COORDINATOR), await world.as_(make.DISTRICT)
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget())
    await moved(district, "plans", plan, "withdraw", make.WITHDRAW)
    refused = await coordinator.post(f"/v1/{BUDGETS}/{budget['id']}/submit", make.SUBMIT, "*")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    body = {key: value for key, value in hands.a_budget().items() if key != "year"}
    built = (await coordinator.put(f"/v1/{BUDGETS}/{budget['id']}", body, "*")).json()
    assert (built["version"], built["totals"]["requested_vnd"]) == (2, 120_000_000)
    same = (await coordinator.put(f"/v1/{BUDGETS}/{budget['id']}", body, "*")).json()
    assert same["version"] == 2
    await moved(coordinator, BUDGETS, budget["id"], "submit", make.SUBMIT)


async def test_what_is_with_finance_can_not_be_taken_back_until_it_is_returned(world):
    plan, estimate = await hands.accepted(world)
    coordinator, district = await world.as_(make.COORDINATOR), await world.as_(make.DISTRICT)
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget())
    await moved(coordinator, BUDGETS, budget["id"], "submit", make.SUBMIT)
    refused = await district.post(f"/v1/plans/{plan}/withdraw", make.WITHDRAW, "*")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert (await read(district, "plans", plan))["state"] == "accepted"
    await moved(await world.as_(make.FINANCE), BUDGETS, budget["id"], "return", REASON)
    assert (await read(district, ESTIMATES, estimate))["state"] == "accepted"
    await moved(district, "plans", plan, "withdraw", make.WITHDRAW)


async def test_every_line_is_appraised_once_and_a_difference_is_explained(world):
    budget = await hands.a_budget_in(world, "with_finance")
    finance, path = await world.as_(make.FINANCE), f"/v1/{BUDGETS}/{budget['id']}/appraise"
    lines = await lines_of(finance, budget["id"])
    whole = appraisal(lines)
    failed(await finance.post(path, whole | {"lines": whole["lines"][:1]}, "*"), "/lines", "line_left_out")
    stranger = {"line_id": str(uuid4()), "appraised_vnd": 1}
    failed(await finance.post(path, whole | {"lines": [stranger]}, "*"), "/lines/0/line_id", "unknown_line")
    twice = [*whole["lines"], whole["lines"][0]]
    failed(await finance.post(path, whole | {"lines": twice}, "*"), "/lines", "duplicate_code")
    less = [{"line_id": lines[0]["id"], "appraised_vnd": 1}, *whole["lines"][1:]]
    failed(await finance.post(path, whole | {"lines": less}, "*"), "/lines/0/opinion", "opinion_needed")


async def test_an_appraisal_that_is_returned_is_made_anew(world):
    budget = await hands.a_budget_in(world, "appraised")
    committee, finance = await world.as_(make.COMMITTEE), await world.as_(make.FINANCE)
    back = await moved(committee, BUDGETS, budget["id"], "return-to-finance", REASON)
    assert (back["state"], back["appraisal"], back["totals"]["appraised_vnd"]) == ("with_finance", None, None)
    lines = await lines_of(finance, budget["id"])
    again = await moved(finance, BUDGETS, budget["id"], "appraise", appraisal(lines, lambda _: 5))
    assert again["totals"]["appraised_vnd"] == 5 * len(lines)


async def test_more_than_was_decided_is_not_allocated_and_nothing_is_adjusted_below_zero(world):
    budget = await hands.a_budget_in(world, "decided")
    finance, committee = await world.as_(make.FINANCE), await world.as_(make.COMMITTEE)
    total = budget["totals"]["current_vnd"]
    half = {"category": "programme", "amount_vnd": total // 2}
    given = [half | {"funding_source": "central_budget"}, half | {"funding_source": "other"}]
    over = [*given, {"category": "programme", "funding_source": "sponsorship", "amount_vnd": 1}]
    path = f"/v1/{BUDGETS}/{budget['id']}"
    failed(
        await finance.post(f"{path}/allocate", {"allocations": over}, "*"),
        "/allocations/2/amount_vnd",
        "over_the_total",
    )
    done = await moved(finance, BUDGETS, budget["id"], "allocate", {"allocations": given})
    assert [(a["funding_source"], a["amount_vnd"]) for a in done["allocations"]] == [
        ("central_budget", total // 2), ("other", total // 2),
    ]  # fmt: skip
    (line, *_) = await lines_of(finance, budget["id"])
    for change, status in ((-line["decided_vnd"], 201), (-1, 422), (3, 201), (-4, 422)):
        body = hands.an_adjustment((line["id"], change))
        answer = await committee.post(f"{path}/adjustments", body)
        assert answer.status_code == status, answer.text
    (line, *_) = await lines_of(finance, budget["id"])
    assert (line["decided_vnd"] + line["change_vnd"], line["current_vnd"]) == (3, 3)


async def test_who_appraises_and_asks_is_shown(world):
    await hands.accepted(world, make.FINANCE)
    coordinator = await world.as_(make.COORDINATOR)
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget())
    assert budget["self_appraised"] is True
    listed = (await coordinator.get(f"/v1/{BUDGETS}")).json()["items"]
    assert [item["self_appraised"] for item in listed] == [True]
    lines = await lines_of(coordinator, budget["id"])
    assert [line["self_appraised"] for line in lines] == [True, False]


async def test_lines_are_paged_narrowed_and_given_as_tables(world):
    _, _ = await hands.accepted(world, lines=LINES)
    await hands.accepted(world, make.OTHER_DISTRICT)
    coordinator = await world.as_(make.COORDINATOR)
    budget = await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget())
    path = f"/v1/{BUDGETS}/{budget['id']}/lines"
    whole, found, cursor = await lines_of(coordinator, budget["id"]), [], ""
    while cursor is not None:
        page = (await coordinator.get(f"{path}?limit=1{cursor}")).json()
        found += page["items"]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert found == whole
    assert [line["position"] for line in whole] == [0, 1, 2, 3]
    mine = await world.agency_id(make.DISTRICT)
    narrowed = (await coordinator.get(f"{path}?agency={mine}&category=facilities")).json()["items"]
    assert [line["code"] for line in narrowed] == ["DT-02"]
    table = await coordinator.get(f"{path}?format=csv")
    rows = [row.split(",") for row in table.text.lstrip("\ufeff").splitlines()]
    assert len(rows) == 1 + 4 + 3
    sums = {row[0]: row[6] for row in rows if row[0].startswith("Cộng")}
    assert sorted(map(int, sums.values())) == [18_000_000, 63_000_000, 120_000_000]
    assert (await coordinator.get(f"{path}?format=xlsx")).status_code == 200


FROZEN = {
    "with_finance": ["UPDATE budget_line SET requested_vnd = 1", "DELETE FROM budget_line",
                     "UPDATE provincial_budget SET title = 'x'", "UPDATE budget_line SET decided_vnd = 1"],
    "appraised": ["UPDATE budget_line SET appraised_vnd = 1, opinion = 'x'",
                  "UPDATE budget_line SET appraised_vnd = NULL",
                  "UPDATE budget_line SET decided_vnd = 1", "UPDATE budget_line SET requested_vnd = 1"],
    "decided": ["UPDATE budget_line SET decided_vnd = 1", "UPDATE budget_line SET decided_vnd = NULL",
                "UPDATE budget_line SET appraised_vnd = NULL, opinion = NULL",
                "UPDATE provincial_budget SET decision_document = '{}'", "UPDATE adjustment_line SET change_vnd = 0",
                "DELETE FROM budget_adjustment"],
    "closed": ["UPDATE budget_line SET spent_vnd = 1", "DELETE FROM budget_line"],
}  # fmt: skip


@pytest.mark.parametrize("state", FROZEN)
async def test_the_database_keeps_each_tier_as_it_was_written(world, state):
    await hands.a_budget_in(world, state)
    for statement in FROZEN[state]:
        with pytest.raises(DBAPIError, match=r"does not change|keeps its lines|permission denied"):
            await run(world, statement)


@pytest.mark.parametrize("state", ["draft", "with_finance", "appraised", "decided", "closed"])
async def test_agencies_know_nothing_of_the_budget_or_of_others(world, state):
    await hands.accepted(world, make.OTHER_DISTRICT)
    budget = await hands.a_budget_in(world, state)
    other = await world.as_(make.OTHER_DISTRICT)
    theirs = (await (await world.as_(make.DISTRICT)).get(f"/v1/{ESTIMATES}")).json()["items"][0]["id"]
    mine = (await other.get(f"/v1/{ESTIMATES}")).json()["items"]
    assert {item["agency_id"] for item in mine} == {str(await world.agency_id(make.OTHER_DISTRICT))}
    assert (await other.get(f"/v1/{BUDGETS}")).json()["items"] == []
    for path in (f"{BUDGETS}/{{}}", f"{BUDGETS}/{{}}/lines", f"{ESTIMATES}/{{}}"):
        id = theirs if path.startswith(ESTIMATES) else budget["id"]
        found, nothing = [await other.get(f"/v1/{path.format(i)}") for i in (id, uuid4())]
        assert (found.status_code, nothing.status_code) == (404, 404)
        assert {**found.json(), "instance": ""} == {**nothing.json(), "instance": ""}
    shown = await read(other, ESTIMATES, mine[0]["id"])
    assert {line["decided_vnd"] is None for line in shown["lines"]} == {state not in {"decided", "closed"}}
