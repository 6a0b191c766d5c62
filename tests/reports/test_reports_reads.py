"""What PostgreSQL writes of a report is, byte for byte, what the schema would write."""

from uuid import UUID

import pytest

from app.access.actor import Actor
from app.access.snapshot import Snapshot
from app.access.tokens import verify
from app.kit.pages import Page
from app.reports import queries
from app.reports.schemas import ReportSummary
from app.reports.service import REPORTS
from tests import make

DOCUMENT = {"number": '215/"BC"-UBND', "issued_on": "2027-12-08", "issuer": "UBND huyện", "sha256": None}
WAYS = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "accepted": ("submit", "accept"),
    "withdrawn": ("submit", "withdraw"),
}


def whole(year):
    return make.a_report(
        year=year,
        title="Báo cáo “số 1” \\ / <b>&\U0001f33e",
        effect_evaluation='Dòng một\n\n"Dòng" hai \\',
        sections=[{"area": f"QC.D5.K{n}", "text": f"{n} \t \\ “x” \n \U0001f33e"} for n in (5, 1, 7, 2)],
        indicators=[make.an_indicator(code=f"M{n}", number=f"{n}.50") for n in range(12)],
        difficulties=[
            {"kind": "budget", "provision": "QC.D14", "description": 'Thiếu "kinh phí"', "proposal": "Bổ sung"},
            {"kind": "other", "description": "<i>"},
        ],
    )


async def in_state(world, state, year):
    """A report that came to a state by the moves that lead there."""
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    report = (await district.put(f"/v1/reports/by-external-id/hsdt/B-{year}", whole(year))).json()
    bodies = make.BODIES | {"submit": make.SUBMIT | {"document": DOCUMENT}}
    for move in WAYS[state]:
        mover = coordinator if move in {"return", "accept"} else district
        report = (await mover.move(report, move, bodies[move], "reports")).json()
    assert report["state"] == state, report
    return report["id"]


async def actor_of(world, slug) -> Actor:
    snapshot: Snapshot = world.app.state.snapshot
    token = world._tokens[slug, "integration"]
    return snapshot.actor(verify(token, snapshot.state.keys, world.app.state.settings.public_url))


@pytest.mark.parametrize("slug", [make.DISTRICT, make.OTHER_DISTRICT, make.COORDINATOR])
async def test_the_fast_answer_is_the_schema_s_own_in_every_state(world, sessions, slug):
    district = await world.as_(make.DISTRICT)
    ids = [await in_state(world, state, 2024 + n) for n, state in enumerate(WAYS)]
    empty = make.a_report(year=2033, sections=[], indicators=[], difficulties=[], effect_evaluation=None)
    ids.append((await district.post("/v1/reports", empty)).json()["id"])
    caller = await world.as_(slug)
    actor = await actor_of(world, slug)
    visible = 0
    async with sessions() as session:
        for id in ids:
            answer = await caller.get(f"/v1/reports/{id}")
            report = (await session.scalars(REPORTS.one(actor, UUID(id)))).one_or_none()
            if report is None:
                assert answer.status_code == 404
                continue
            visible += 1
            shown = REPORTS.shown(actor, report, ())
            assert answer.text == shown.model_dump_json()
            assert answer.headers["ETag"] == shown.etag
        reports = sorted((await session.scalars(queries.visible(actor))).all(), key=lambda r: r.id, reverse=True)
        items = [ReportSummary(**REPORTS.shown(actor, report, ()).model_dump()) for report in reports]
    assert visible == (0 if slug == make.OTHER_DISTRICT else 6)
    listed = await caller.get("/v1/reports?limit=200")
    assert listed.text == Page[ReportSummary](items=items, next_cursor=None).model_dump_json()


async def test_an_unchanged_report_is_not_sent_again(world):
    district = await world.as_(make.DISTRICT)
    report = (await district.post("/v1/reports", make.a_report())).json()
    path = f"/v1/reports/{report['id']}"
    assert (await district.get(path, headers={"If-None-Match": report["etag"]})).status_code == 304
    assert (await district.request("HEAD", path)).headers["ETag"] == report["etag"]
