"""Who may move a plan from where: the regulation's procedure, written out by hand, against the running service."""

from uuid import UUID

import pytest
from sqlmodel import select

from app.plans.rules import PLAN
from app.trail.models import Event
from tests import make

STATES = ("draft", "submitted", "returned", "accepted", "withdrawn")

# QC.D7.K1: the agency sends its plan, and may take it back; QC.D8.K2: the coordinator reviews it.
TRANSITIONS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "withdraw"): "withdrawn",
    ("returned", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "withdrawn",
    ("submitted", "return"): "returned",
    ("submitted", "accept"): "accepted",
}

OWNER = make.DISTRICT
# One agency for each function of 2013; the number is what a submit or a withdrawal by it must answer.
ACTORS = {
    "ubnd-tinh": ("UBND", 403),
    "vp-ubnd": ("VPUBND", 403),
    "so-tttt": ("COORD", 403),
    "so-ngoai-vu": ("FOREIGN", 404),
    "so-khdt": ("INVEST", 404),
    "so-vhttdl": ("CULTURE", 404),
    "so-tai-chinh": ("FINANCE", 404),
    "cong-an-tinh": ("POLICE", 404),
    "bch-bdbp": ("BORDER", 404),
    "cuc-hai-quan": ("CUSTOMS", 404),
    "ban-tuyen-giao": ("PROPAGANDA", 404),
    "bao-dak-lak": ("PRESS", 404),
    "tt-cong-ttdt": ("PORTAL", 403),
    "ubnd-cu-kuin": ("DISTRICT", 404),
    "vhtt-buon-don": ("DIST_CULT", 403),
    "so-noi-vu": ("MEMBER", 404),
}
PATHS_TO = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "accepted": ("submit", "accept"),
    "withdrawn": ("submit", "withdraw"),
}


async def a_plan_in(state, world):
    district, coordinator = await world.as_(OWNER), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    for move in PATHS_TO[state]:
        mover = coordinator if move in {"return", "accept"} else district
        moved = await mover.move(plan, move, make.BODIES[move])
        assert moved.status_code == 200, moved.text
        plan = moved.json()
    assert plan["state"] == state
    return plan


def test_the_machine_has_the_transitions_of_the_regulation_and_no_others():
    written = {
        (str(source), move.name): str(move.target) for move in PLAN.machine.moves.values() for source in move.sources
    }
    assert written == TRANSITIONS


async def test_every_function_of_the_regulation_that_an_agency_holds_is_in_the_matrix(world):
    reader = await world.as_(make.COORDINATOR)
    functions = (await reader.get("/v1/functions?as_of=2013-11-04")).json()["items"]
    held = {function["function"] for function in functions if function["holders"]}
    assert held == {function for function, _ in ACTORS.values()}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", ["submit", "withdraw", "return", "accept"])
async def test_each_function_gets_what_the_table_says(world, state, move):
    plan = await a_plan_in(state, world)
    rightful = make.COORDINATOR if move in {"return", "accept"} else OWNER
    for slug, (function, sending) in ACTORS.items():
        if slug == rightful:
            continue
        refused = await (await world.as_(slug)).move(plan, move, make.BODIES[move])
        expected = 403 if move in {"return", "accept"} else sending
        assert refused.status_code == expected, (function, refused.text)
    mover = await world.as_(rightful)
    moved = await mover.move(plan, move, make.BODIES[move])
    if (state, move) in TRANSITIONS:
        assert moved.status_code == 200, moved.text
        assert moved.json()["state"] == TRANSITIONS[state, move]
        assert moved.json()["version"] == plan["version"] + 1
    else:
        assert moved.status_code == 409, moved.text
        problem = moved.json()
        assert problem["code"] == "wrong-state"
        assert problem["state"] == state
        open_moves = {m for s, m in TRANSITIONS if s == state and (m in {"return", "accept"}) == (rightful != OWNER)}
        open_moves -= {"submit", "withdraw"} if rightful != OWNER else set()
        assert {allowed["move"] for allowed in problem["allowed_moves"]} == open_moves


async def test_what_the_receiver_sends_to_itself_is_accepted_in_the_same_move(world):
    coordinator = await world.as_(make.COORDINATOR)
    plan = (await coordinator.post("/v1/plans", make.a_plan())).json()
    sent = (await coordinator.move(plan, "submit", make.SUBMIT)).json()
    assert (sent["state"], sent["version"]) == ("accepted", plan["version"] + 2)
    assert sent["submitted_at"] <= sent["accepted_at"]
    assert [move["move"] for move in sent["allowed_moves"]] == ["withdraw"]
    async with world.sessions() as session:
        found = await session.scalars(select(Event).where(Event.resource_id == UUID(plan["id"])).order_by(Event.id))
        told = [(event.type, event.resource_version, event.previous_state, event.state) for event in found]
    assert told == [
        ("plan.created", 1, None, "draft"),
        ("plan.submitted", 2, "draft", "submitted"),
        ("plan.accepted", 3, "submitted", "accepted"),
    ]


@pytest.mark.parametrize("state", STATES)
async def test_only_drafts_and_returned_plans_are_edited_and_only_drafts_deleted(world, state):
    plan = await a_plan_in(state, world)
    district, path = await world.as_(OWNER), f"/v1/plans/{plan['id']}"
    put = await district.put(path, make.a_plan(title="Tên mới"), plan["etag"])
    assert put.status_code == (200 if state in {"draft", "returned"} else 409), put.text
    tag = put.json()["etag"] if put.is_success else plan["etag"]
    deleted = await district.request("DELETE", path, headers={"If-Match": tag})
    assert deleted.status_code == (204 if state == "draft" else 409)
    assert (await district.get(path)).status_code == (404 if state == "draft" else 200)
