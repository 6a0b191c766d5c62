"""Who may read a plan is said twice: by `visible` for a statement, by `audience` for one row. Both say the same."""

from itertools import product

import pytest

from app.access.actor import Actor
from app.access.grants import Scope
from app.plans.models import Plan
from app.plans.service import PLANS
from tests import make

AGENCIES = (make.DISTRICT, make.OTHER_DISTRICT, "so-noi-vu")
WAYS = (
    (),
    ("submit",),
    ("submit", "return"),
    ("submit", "accept"),
    ("submit", "withdraw"),
    ("submit", "accept", "withdraw"),
)


@pytest.mark.parametrize(("way", "asked", "shareable"), list(product(WAYS, (False, True), (False, True))))
async def test_the_audience_of_a_plan_is_who_sees_it(world, way, asked, shareable):
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    ids = {slug: await world.agency_id(slug) for slug in AGENCIES}
    tasks = [make.a_task(cooperating_agency_ids=[str(ids[make.OTHER_DISTRICT])] if asked else [])]
    row = (await district.post("/v1/plans", make.a_plan(tasks=tasks, shareable=shareable))).json()
    for move in way:
        caller = coordinator if move in {"return", "accept"} else district
        row = (await caller.move(row, move, make.BODIES[move])).json()
    async with world.sessions() as session:
        plan = await session.get(Plan, row["id"])
        audience = await PLANS.audience(session, plan, await PLANS.parts(session, plan))
        for slug, id in ids.items():
            actor = Actor(None, id, frozenset(), frozenset(Scope))
            sees = (await session.scalars(PLANS.one(actor, plan.id))).one_or_none() is not None
            said = slug == make.DISTRICT or audience.everybody or id in audience.agencies
            assert sees == said, (slug, way)
