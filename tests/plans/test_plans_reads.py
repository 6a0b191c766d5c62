"""What PostgreSQL writes of a plan is, byte for byte, what the schema would write."""

from uuid import UUID

import pytest

from app.access.actor import Actor
from app.access.snapshot import Snapshot
from app.access.tokens import verify
from app.flow.submission import SubmissionState
from app.kit.pages import Page
from app.plans import queries
from app.plans.schemas import PlanSummary
from app.plans.service import PLANS
from tests import make

ODD = "Kế hoạch “số 1” \\ / \b\f\t\u007f\u2028 <b>&\U0001f33e"
TASK = {
    "starts_on": "2027-01-02",
    "ends_on": "2027-03-04",
    "channel": ODD,
    "expected_output": "Một\u00a0trang",
    "audiences": ["foreign_press", "domestic_press"],
    "provision": "QC.D14",
}
DOCUMENT = {"number": '15/"KH"-UBND', "issued_on": "2027-01-02", "issuer": "UBND huyện", "sha256": None}


# No move of a plan's own leads to the rest.
REACHED = [state for state in SubmissionState if state is not SubmissionState.consolidated]


async def in_state(world, state: SubmissionState, year: int) -> str:
    """A plan that came to a state by the moves that lead there."""
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    body = make.a_plan(title="Kế hoạch “số 1” \\ / <b>&\U0001f33e", objectives='Dòng một\n\n"Dòng" hai \\', year=year)
    other = str(await world.agency_id(make.OTHER_DISTRICT))
    first = body["tasks"][0] | TASK | {"channel": "Cổng \\ <i>", "cooperating_agency_ids": [other]}
    body["tasks"] = [first, body["tasks"][0] | {"code": "A-0"}]
    body["shareable"] = True
    path = f"/v1/plans/by-external-id/hsdt/K-{year}"
    plan = (await district.put(path, body)).json()
    if state is SubmissionState.draft:
        return plan["id"]
    plan = (await district.move(plan, "submit", make.SUBMIT | {"document": DOCUMENT})).json()
    match state:
        case SubmissionState.returned:
            plan = (await coordinator.move(await seen(coordinator, plan), "return", make.RETURN)).json()
        case SubmissionState.accepted:
            plan = (await coordinator.move(await seen(coordinator, plan), "accept", {})).json()
        case SubmissionState.withdrawn:
            plan = (await district.move(plan, "withdraw", make.WITHDRAW)).json()
    assert plan["state"] == state, plan
    return plan["id"]


async def seen(caller, plan):
    return (await caller.get(f"/v1/plans/{plan['id']}")).json()


async def actor_of(world, slug) -> Actor:
    snapshot: Snapshot = world.app.state.snapshot
    token = world._tokens[slug, "integration"]
    return snapshot.actor(verify(token, snapshot.state.keys, world.app.state.settings.public_url))


@pytest.mark.parametrize("slug", [make.DISTRICT, make.OTHER_DISTRICT, make.COORDINATOR])
async def test_the_fast_answer_is_the_schemas_own_in_every_state(world, sessions, slug):
    ids = [await in_state(world, state, 2024 + n) for n, state in enumerate(REACHED)]
    caller = await world.as_(slug)
    actor = await actor_of(world, slug)
    visible = 0
    async with sessions() as session:
        for id in ids:
            answer = await caller.get(f"/v1/plans/{id}")
            plan = (await session.scalars(PLANS.one(actor, UUID(id)))).one_or_none()
            if plan is None:
                assert answer.status_code == 404
                continue
            visible += 1
            whole = PLANS.shown(actor, plan, await PLANS.parts(session, plan))
            assert answer.text == whole.model_dump_json()
            assert answer.headers["ETag"] == whole.etag
        plans = sorted((await session.scalars(queries.visible(actor))).all(), key=lambda p: p.id, reverse=True)
        items = [PlanSummary(**PLANS.shown(actor, plan, ()).model_dump()) for plan in plans]
    assert visible == (4 if slug == make.OTHER_DISTRICT else 5)
    listed = await caller.get("/v1/plans?limit=200")
    assert listed.text == Page[PlanSummary](items=items, next_cursor=None).model_dump_json()
    paged = (await caller.get("/v1/plans?limit=2")).json()
    assert paged["next_cursor"]
    rest = (await caller.get(f"/v1/plans?limit=200&cursor={paged['next_cursor']}")).json()
    assert [p["id"] for p in paged["items"] + rest["items"]] == [p["id"] for p in listed.json()["items"]]
    drafts = (await caller.get("/v1/plans?state=draft&year=2024")).json()
    assert len(drafts["items"]) == (0 if slug == make.OTHER_DISTRICT else 1)
