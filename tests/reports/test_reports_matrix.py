"""Who may move a report from where: the regulation's procedure, written out by hand, against the running service."""

from uuid import UUID

import pytest
from sqlmodel import select

from app.reports.rules import EVENTS, REPORT
from app.trail.models import Event
from tests import make

STATES = ("draft", "submitted", "returned", "accepted", "withdrawn")
MOVES = ("submit", "withdraw", "return", "accept")

# QC.D7.K3: the agency sends its report, and may take it back; QC.D8.K8: the coordinator gathers and reviews it.
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


async def a_report_in(state, world):
    district, coordinator = await world.as_(OWNER), await world.as_(make.COORDINATOR)
    report = (await district.post("/v1/reports", make.a_report())).json()
    for move in PATHS_TO[state]:
        mover = coordinator if move in {"return", "accept"} else district
        moved = await mover.move(report, move, make.BODIES[move], "reports")
        assert moved.status_code == 200, moved.text
        report = moved.json()
    assert report["state"] == state
    return report


def test_the_machine_has_the_transitions_of_the_regulation_and_no_others():
    moves = REPORT.machine.moves.values()
    assert {(str(source), move.name): str(move.target) for move in moves for source in move.sources} == TRANSITIONS


def test_every_event_of_a_report_is_declared():
    assert {event.name for event in EVENTS} == {
        "report.created", "report.replaced", "report.deleted", "report.submitted", "report.late", "report.returned",
        "report.accepted", "report.withdrawn", "report.remarked", "report.remark_answered", "report.remark_resolved",
        "report.consolidated", "report.released",
    }  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
async def test_each_function_gets_what_the_table_says(world, state, move):
    report = await a_report_in(state, world)
    reviewing = move in {"return", "accept"}
    rightful = make.COORDINATOR if reviewing else OWNER
    for slug, (function, sending) in ACTORS.items():
        if slug == rightful:
            continue
        refused = await (await world.as_(slug)).move(report, move, make.BODIES[move], "reports")
        assert refused.status_code == (403 if reviewing else sending), (function, refused.text)
    moved = await (await world.as_(rightful)).move(report, move, make.BODIES[move], "reports")
    if (state, move) in TRANSITIONS:
        assert moved.status_code == 200, moved.text
        assert moved.json()["state"] == TRANSITIONS[state, move]
        assert moved.json()["version"] == report["version"] + 1
        return
    assert moved.status_code == 409, moved.text
    problem = moved.json()
    assert (problem["code"], problem["state"]) == ("wrong-state", state)
    mine = {m for s, m in TRANSITIONS if s == state and (m in {"return", "accept"}) == reviewing}
    assert {allowed["move"] for allowed in problem["allowed_moves"]} == mine


@pytest.mark.parametrize("state", STATES)
async def test_only_drafts_and_returned_reports_are_edited_and_only_drafts_deleted(world, state):
    report = await a_report_in(state, world)
    district, path = await world.as_(OWNER), f"/v1/reports/{report['id']}"
    put = await district.put(path, make.a_report(title="Tên mới"), report["etag"])
    assert put.status_code == (200 if state in {"draft", "returned"} else 409), put.text
    tag = put.json()["etag"] if put.is_success else report["etag"]
    deleted = await district.request("DELETE", path, headers={"If-Match": tag})
    assert deleted.status_code == (204 if state == "draft" else 409)
    assert (await district.get(path)).status_code == (404 if state == "draft" else 200)


@pytest.mark.parametrize("kind", ["annual", "interim", "ad_hoc"])
async def test_what_the_receiver_sends_to_itself_is_accepted_in_the_same_move(world, kind):
    coordinator = await world.as_(make.COORDINATOR)
    more = {
        "annual": {},
        "interim": {"period_start": "2027-01-01", "period_end": "2027-06-30"},
        "ad_hoc": {"request_id": (await make.asked(world, make.COORDINATOR))["id"]},
    }
    report = (await coordinator.post("/v1/reports", make.a_report(kind=kind, **more[kind]))).json()
    sent = (await coordinator.move(report, "submit", make.SUBMIT, "reports")).json()
    assert (sent["state"], sent["version"]) == ("accepted", report["version"] + 2)
    assert [move["move"] for move in sent["allowed_moves"]] == ["withdraw"]
    assert await told(world, report["id"]) == [
        ("report.created", 1, "draft"), ("report.submitted", 2, "submitted"), ("report.accepted", 3, "accepted"),
    ]  # fmt: skip


async def told(world, id):
    async with world.sessions() as session:
        found = await session.scalars(select(Event).where(Event.resource_id == UUID(id)).order_by(Event.id))
        return [(event.type, event.resource_version, event.state) for event in found]
