"""Who may move a press event from where: the procedure, written out by hand, against the running service (QC.D8.K3)."""

import pytest

from app.press.event_rules import EVENTS, PRESS_EVENT
from app.press.guidance_rules import PRESS_GUIDANCE
from app.press.invitation_rules import PRESS_INVITATION
from app.press.room import ROOM
from tests import make
from tests.press.hands import HOST, OWNER, PRESS, an_event, done, moved, patched
from tests.shape import assert_problem

STATES = ("draft", "announced", "postponed", "held", "concluded", "cancelled")
MOVES = ("announce", "postpone", "reschedule", "cancel", "hold", "conclude")
TRANSITIONS = {
    ("draft", "announce"): "announced",
    ("announced", "postpone"): "postponed",
    ("announced", "reschedule"): "announced",
    ("postponed", "reschedule"): "announced",
    ("announced", "cancel"): "cancelled",
    ("postponed", "cancel"): "cancelled",
    ("announced", "hold"): "held",
    ("held", "conclude"): "concluded",
}
PATHS_TO = {
    "draft": (),
    "announced": ("announce",),
    "postponed": ("announce", "postpone"),
    "held": ("announce", "hold"),
    "concluded": ("announce", "hold", "conclude"),
    "cancelled": ("announce", "cancel"),
}
# One agency for each function of 2013: what it is answered about another's draft, and once it is announced to all.
# Those without `press:write` may not even ask; those who read all, and a host, see it and may not move it.
ACTORS = {
    "ubnd-tinh": ("UBND", 403, 403),
    "vp-ubnd": ("VPUBND", 403, 403),
    "so-tttt": ("COORD", 403, 403),
    "so-ngoai-vu": ("FOREIGN", 403, 403),  # it is a host
    "so-khdt": ("INVEST", 404, 403),
    "so-vhttdl": ("CULTURE", 404, 403),
    "so-tai-chinh": ("FINANCE", 404, 403),
    "cong-an-tinh": ("POLICE", 404, 403),
    "bch-bdbp": ("BORDER", 404, 403),
    "cuc-hai-quan": ("CUSTOMS", 403, 403),
    "ban-tuyen-giao": ("PROPAGANDA", 404, 403),
    "bao-dak-lak": ("PRESS", 404, 403),
    "tt-cong-ttdt": ("PORTAL", 403, 403),
    "ubnd-cu-kuin": ("DISTRICT", 404, 403),
    "vhtt-buon-don": ("DIST_CULT", 403, 403),
    "so-noi-vu": ("MEMBER", 404, 403),
}


def transitions(machine):
    return {(str(source), move.name): str(move.target) for move in machine.moves.values() for source in move.sources}


def test_the_machine_has_these_transitions_and_no_others():
    assert transitions(PRESS_EVENT) == TRANSITIONS
    answers = {(state, move) for state in ("invited", "accepted", "declined") for move in ("accept", "decline")}
    assert transitions(PRESS_INVITATION) == {
        (s, m): {"accept": "accepted", "decline": "declined"}[m] for s, m in answers
    }
    assert transitions(PRESS_GUIDANCE) == {("issued", "withdraw"): "withdrawn"}


def test_every_event_of_the_room_is_declared():
    names = {
        "scheduled", "deleted", "announced", "updated", "postponed", "rescheduled", "cancelled", "held", "concluded",
        "released", "material_released",
    }  # fmt: skip
    assert {event.name for event in EVENTS} == {f"press_event.{name}" for name in names}
    assert {event.name for event in ROOM.events} - {event.name for event in EVENTS} == {
        "accreditation.invited", "accreditation.answered", "accreditation.host_added", "press_series.made",
        "press_guidance.issued",
        "press_guidance.withdrawn", "information_supply.recorded", "information_supply.corrected",
        "press_product.published", "press_product.changed",
    }  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
async def test_each_function_gets_what_the_table_says(world, state, move):
    host = str(await world.agency_id(HOST))
    event = await an_event(world, *PATHS_TO[state], host_ids=[host])
    for slug, (function, hidden, announced) in ACTORS.items():
        refused = await moved(world, event, move, slug)
        assert refused.status_code == (hidden if state == "draft" else announced), (function, refused.text)
    answer = await moved(world, event, move)
    if (state, move) in TRANSITIONS:
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == TRANSITIONS[state, move]
        assert answer.json()["version"] == event["version"] + 1
        return
    document = await assert_problem(world.api, answer, "wrong-state")
    assert document["state"] == state
    assert {allowed["move"] for allowed in document["allowed_moves"]} == {m for s, m in TRANSITIONS if s == state}


@pytest.mark.parametrize("state", STATES)
async def test_only_what_is_still_to_come_is_edited(world, state):
    event = await an_event(world, *PATHS_TO[state])
    answer = await patched(world, event, {"title": "Tên mới"})
    assert answer.status_code == (200 if state in {"draft", "announced", "postponed"} else 409), answer.text
    for slug in (make.COORDINATOR, make.OTHER_DISTRICT):
        assert (await patched(world, event, {"title": "x"}, slug)).status_code in {403, 404}


@pytest.mark.parametrize("slug", ACTORS)
async def test_only_the_coordinator_and_foreign_affairs_guide_the_press(world, slug):
    caller = await world.as_(slug)
    answer = await caller.post("/v1/press-guidance", make.a_guidance())
    guides = ACTORS[slug][0] in {"COORD", "FOREIGN"}
    assert answer.status_code == (201 if guides else 403), answer.text


async def test_only_its_writer_takes_guidance_back(world):
    guidance = await done((await world.as_(HOST)).post("/v1/press-guidance", make.a_guidance()), 201)
    path = f"/v1/press-guidance/{guidance['id']}/withdraw"
    for slug, status in ((make.COORDINATOR, 403), (PRESS, 403), (OWNER, 403), (HOST, 200)):
        answer = await (await world.as_(slug)).post(path, {"reason": "Có chỉ đạo mới"}, "*")
        assert answer.status_code == status, answer.text
    assert answer.json()["withdrawn"]["reason"] == "Có chỉ đạo mới"
    again = await (await world.as_(HOST)).post(path, {"reason": "Lần nữa"}, "*")
    await assert_problem(world.api, again, "wrong-state")
