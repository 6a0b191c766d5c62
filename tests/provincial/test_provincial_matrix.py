"""Who may move a plan of the province from where: written out by hand, against the running service."""

import pytest

from app.provincial.rules import EVENTS, PROVINCIAL
from tests import make
from tests.provincial.hands import BODIES, COMMITTEE, PATH, made, moved, own, seen

STATES = ("draft", "submitted", "returned", "approved", "issued", "amended", "superseded", "closed")

# QC.D8.K2: the coordinator builds and sends up, and sees it through; QC.D4.K1: the People's Committee alone decides.
TRANSITIONS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "approved",
    ("approved", "issue"): "issued",
    ("issued", "supersede"): "superseded",
    ("issued", "close"): "closed",
}
# What is done beside the moves, and in which states.
DEEDS = {
    "gather": {"draft", "returned"},
    "replace": {"draft", "returned"},
    "patch": {"draft", "returned"},
    "delete": {"draft"},
    "amend": {"issued"},
}
MOVES = ("submit", "return", "approve", "issue", "supersede", "close")
BY_COORDINATOR = {"submit", "close", *DEEDS}
BY_COMMITTEE = {"return", "approve", "issue", "supersede"}
# One agency for each function of 2013, and what it may do at all; who may do nothing hears so before anything else.
ACTORS = {
    "ubnd-tinh": ("UBND", BY_COMMITTEE),
    "vp-ubnd": ("VPUBND", BY_COMMITTEE),
    "so-tttt": ("COORD", BY_COORDINATOR),
    "so-ngoai-vu": ("FOREIGN", set()),
    "so-khdt": ("INVEST", set()),
    "so-vhttdl": ("CULTURE", set()),
    "so-tai-chinh": ("FINANCE", set()),
    "cong-an-tinh": ("POLICE", set()),
    "bch-bdbp": ("BORDER", set()),
    "cuc-hai-quan": ("CUSTOMS", set()),
    "ban-tuyen-giao": ("PROPAGANDA", set()),
    "bao-dak-lak": ("PRESS", set()),
    "tt-cong-ttdt": ("PORTAL", set()),
    "ubnd-buon-don": ("DISTRICT", set()),
    "vhtt-buon-don": ("DIST_CULT", set()),
    "so-noi-vu": ("MEMBER", set()),
}
PATHS_TO = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "approved": ("submit", "approve"),
    "issued": ("submit", "approve", "issue"),
    "closed": ("submit", "approve", "issue", "close"),
}


async def in_state(world, state):
    """A plan in a state, and another that is issued."""
    other = await made(world, await own(world, title="Khác"), "submit", "approve", "issue")
    row = await made(world, await own(world), *PATHS_TO.get(state, PATHS_TO["issued"]))
    if state == "superseded":
        answer = await moved(world, row, "supersede", {"by_plan_id": other["id"], "reason": "Gộp"})
        assert answer.status_code == 200, answer.text
    if state == "amended":
        await made(world, row, "amend", "submit", "approve", "issue")
    row = (await seen(world, row)).json()
    assert row["state"] == state
    return row, other


async def done(world, row, other, deed, slug):
    """The answer to a deed by an agency."""
    caller, path = await world.as_(slug), f"{PATH}/{row['id']}"
    headers = {"If-Match": row["etag"]}
    match deed:
        case "replace":
            task = row["tasks"][0]
            kept = {name: task[name] for name in task if name not in ("id", "carried_from")}
            words = {"title": "Mới", "term": row["term"], "until_year": row["until_year"], "tasks": [kept]}
            return await caller.put(path, words, row["etag"])
        case "patch":
            headers["Content-Type"] = "application/merge-patch+json"
            return await caller.request("PATCH", path, json={"title": "Mới"}, headers=headers)
        case "delete":
            return await caller.request("DELETE", path, headers=headers)
        case "supersede":
            return await moved(world, row, deed, {"by_plan_id": other["id"], "reason": "Gộp"}, slug)
    return await moved(world, row, deed, BODIES.get(deed, {}), slug)


def test_the_machine_has_the_transitions_of_the_regulation_and_no_others():
    moves = PROVINCIAL.moves.values()
    assert {(str(source), move.name): str(move.target) for move in moves for source in move.sources} == TRANSITIONS


def test_every_event_is_declared():
    names = ("drafted", "edited", "deleted", "submitted", "returned", "approved", "issued", "amended", "superseded")
    assert {event.name for event in EVENTS} == {f"provincial_plan.{name}" for name in (*names, "closed")}


@pytest.mark.parametrize("state", STATES)
async def test_only_who_may_does_only_what_the_state_allows(world, connection, state):
    row, other = await in_state(world, state)
    for slug in ACTORS:
        await world.as_(slug)  # or its token would be undone with the first deed
    for slug, (function, may) in ACTORS.items():
        for deed in (*MOVES, *DEEDS):
            allowed = state in DEEDS[deed] if deed in DEEDS else (state, deed) in TRANSITIONS
            wanted = 403 if deed not in may else {"amend": 201, "delete": 204}.get(deed, 200) if allowed else 409
            nested = await connection.begin_nested()
            answer = await done(world, row, other, deed, slug)
            assert answer.status_code == wanted, (function, deed, answer.text)
            if wanted == 403:
                assert answer.json()["code"] == "insufficient-scope"
            if wanted == 200 and deed in MOVES:
                assert answer.json()["state"] == TRANSITIONS[state, deed]
            await nested.rollback()
    for slug in (make.COORDINATOR, COMMITTEE):
        shown = (await seen(world, row, slug)).json()
        own_moves = {move for at, move in TRANSITIONS if at == state and move in ACTORS[slug][1]}
        assert {move["move"] for move in shown["allowed_moves"]} == own_moves


async def test_a_draft_is_made_by_the_coordinator_alone(world):
    for slug, (function, may) in ACTORS.items():
        answer = await (await world.as_(slug)).post(PATH, {"kind": "scheme", "year": 2027, "title": "Đề án"})
        assert answer.status_code == (201 if "replace" in may else 403), function
