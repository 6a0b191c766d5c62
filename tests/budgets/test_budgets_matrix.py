"""Who may move the province's budget from where: the procedure, written out by hand, against the running service."""

import pytest

from app.budgets.budget_rules import BUDGET, EVENTS
from tests import make
from tests.budgets import hands

STATES = ("draft", "with_finance", "returned", "appraised", "decided", "closed")
# QC.D8.K9: the coordinator sends it to finance; QC.D12.K1: finance appraises and allocates; the committee decides.
TRANSITIONS = {
    ("draft", "submit"): "with_finance",
    ("returned", "submit"): "with_finance",
    ("with_finance", "return"): "returned",
    ("with_finance", "appraise"): "appraised",
    ("appraised", "return-to-finance"): "with_finance",
    ("appraised", "decide"): "decided",
    ("decided", "allocate"): "decided",
    ("decided", "settle"): "decided",
    ("decided", "close"): "closed",
}
MOVES = ("submit", "return", "appraise", "return-to-finance", "decide", "allocate", "settle", "close")
BY = dict.fromkeys(("submit", "settle"), make.COORDINATOR)
BY |= dict.fromkeys(("return", "appraise", "allocate", "close"), make.FINANCE)
BY |= dict.fromkeys(("return-to-finance", "decide"), make.COMMITTEE)
ACTORS = (
    "ubnd-tinh", "vp-ubnd", "so-tttt", "so-ngoai-vu", "so-khdt", "so-vhttdl", "so-tai-chinh", "cong-an-tinh",
    "bch-bdbp", "cuc-hai-quan", "ban-tuyen-giao", "bao-dak-lak", "tt-cong-ttdt", "ubnd-cu-kuin", "vhtt-buon-don",
    "so-noi-vu", "ubnd-buon-don",
)  # fmt: skip
EITHER = {"ubnd-tinh", "vp-ubnd"}


async def body_of(world, budget, move):
    lines = await hands.lines_of(await world.as_(make.COORDINATOR), budget["id"])
    own = [line for line in lines if line["scope"] == "coordinator_own"]
    left = sorted({line["agency_id"] for line in lines if line["spent_vnd"] is None})
    given = {"category": "programme", "funding_source": "provincial_budget", "amount_vnd": 1_000_000}
    return {
        "submit": make.SUBMIT,
        "return": hands.REASON,
        "appraise": hands.appraisal(lines),
        "return-to-finance": hands.REASON,
        "decide": hands.decision(),
        "allocate": {"allocations": [given]},
        "settle": make.SUBMIT | {"lines": [{"line_id": line["id"], "spent_vnd": 1} for line in own]},
        "close": {"unsettled": left},
    }[move]


def test_the_machine_has_these_transitions_and_no_others():
    moves = BUDGET.moves.values()
    assert {(str(source), move.name): str(move.target) for move in moves for source in move.sources} == TRANSITIONS
    assert tuple(BUDGET.moves) == MOVES


def test_every_event_of_a_budget_is_declared():
    names = "consolidated rebuilt submitted returned appraised decided allocated adjusted settled closed"
    assert {event.name for event in EVENTS} == {f"budget.{name}" for name in names.split()}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
async def test_each_function_gets_what_the_table_says(world, state, move):
    budget = await hands.a_budget_in(world, state)
    body, rightful = await body_of(world, budget, move), BY[move]
    for slug in ACTORS:
        if slug == rightful or (rightful in EITHER and slug in EITHER):
            continue
        refused = await (await world.as_(slug)).post(f"/v1/provincial-budgets/{budget['id']}/{move}", body, "*")
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope"), (slug, refused.text)
    answer = await (await world.as_(rightful)).post(f"/v1/provincial-budgets/{budget['id']}/{move}", body, "*")
    if (state, move) in TRANSITIONS:
        assert answer.status_code == 200, answer.text
        assert (answer.json()["state"], answer.json()["version"]) == (TRANSITIONS[state, move], budget["version"] + 1)
    elif state == "draft" and rightful == make.FINANCE:
        assert answer.status_code == 404, answer.text  # finance knows of nothing that was not sent to it
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state"), answer.text


@pytest.mark.parametrize("state", STATES)
async def test_it_is_built_again_before_it_is_sent_and_adjusted_after_it_is_decided(world, state):
    budget = await hands.a_budget_in(world, state)
    coordinator, committee = await world.as_(make.COORDINATOR), await world.as_(make.COMMITTEE)
    (line, *_) = await hands.lines_of(coordinator, budget["id"])
    adjusted = await committee.post(
        f"/v1/provincial-budgets/{budget['id']}/adjustments", hands.an_adjustment((line["id"], -1))
    )
    assert adjusted.status_code == (201 if state == "decided" else 409), adjusted.text
    body = {"title": "Tên mới", "own_lines": []}
    put = await coordinator.put(f"/v1/provincial-budgets/{budget['id']}", body, "*")
    assert put.status_code == (200 if state in {"draft", "returned"} else 409), put.text
