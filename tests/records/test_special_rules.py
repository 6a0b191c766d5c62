"""What is special about some kinds: what was merged goes on in one; of a denunciation not a word is kept."""

import json

import pytest
from sqlalchemy import text

from tests import make
from tests.records import hands

DIFFICULTY, FINDING, CASE, CUSTOMS = "difficulty", "import_export_finding", "complaint_case", "cuc-hai-quan"


async def faults(answer):
    found = await answer
    assert found.status_code == 422, found.text
    return [(error["pointer"], error["code"]) for error in found.json()["errors"]]


async def test_what_was_merged_goes_on_in_one_record_that_cannot_take_others_along(world):
    head, one, other = [await hands.recorded(world, DIFFICULTY, slug) for slug in ("bao-dak-lak", CUSTOMS, None)]
    await hands.moved(world, one, "merge", into_id=head["id"])
    unlike = await hands.recorded(world, FINDING)
    for record, into, wanted in (
        (head, one, "cannot_go_on"),
        (head, other, "merged_others"),
        (other, other, "cannot_go_on"),
        (other, unlike, "cannot_go_on"),
    ):
        assert await faults(hands.move(world, record, "merge", into_id=into["id"])) == [("/into_id", wanted)]
    await hands.moved(world, head, "forward")
    await hands.moved(world, head, "resolve", note="Bổ sung hai cộng tác viên.")
    mine = await hands.done((await world.as_(CUSTOMS)).get(f"/v1/records/{one['id']}"))
    assert (mine["state"], mine["steps"][-1]["note"]) == ("resolved", "Bổ sung hai cộng tác viên.")
    assert [move["move"] for move in mine["allowed_moves"]] == ["close"]


@pytest.mark.provision("QC.END", "QC.D8.K8")
async def test_qc_end_difficulties_of_the_year_stand_in_the_consolidated_report(world):
    one = await hands.recorded(world, DIFFICULTY)
    await hands.moved(world, await hands.recorded(world, DIFFICULTY), "withdraw")
    merged = await hands.recorded(world, DIFFICULTY)
    await hands.moved(world, merged, "merge", into_id=one["id"])
    await hands.recorded(world, DIFFICULTY, starts_on="2028-03-01")
    coordinator = await world.as_(make.COORDINATOR)
    made = await hands.done(coordinator.post("/v1/consolidated-reports", {"year": 2027, "title": "Năm 2027"}), 201)
    said = hands.KINDS[DIFFICULTY].example["details"]
    assert made["content"]["difficulties"] == [
        {
            "report_id": None,
            "record_id": one["id"],
            "agency_id": one["agency_id"],
            "agency": made["content"]["difficulties"][0]["agency"],
            "kind": said["type"],
            **{name: said[name] for name in ("provision", "description", "proposal")},
        }
    ]
    await hands.recorded(world, DIFFICULTY)
    late = await coordinator.post(f"/v1/consolidated-reports/{made['id']}/submit", make.SUBMIT, "*")
    assert late.json()["code"] == "conflict"


@pytest.mark.provision("QC.D7.K5")
async def test_qc_d7_k5_of_a_denunciation_not_a_word_enters_anywhere(world):
    canary = "Nguyễn Văn Tố tố cáo lãnh đạo"
    mine = await world.as_(make.DISTRICT)
    for changes, wanted in (
        ({"title": canary}, ("/title", "title_derived")),
        ({"title_en": canary}, ("/title_en", "no_text")),
        ({"summary": canary}, ("/summary", "no_text")),
        (
            {"details": hands.KINDS[CASE].example["details"] | {"content": canary}},
            ("/details/content", "extra_forbidden"),
        ),
        (
            {"details": hands.KINDS[CASE].example["details"] | {"case_number": canary}},
            ("/details/case_number", "string_too_long"),
        ),
        (
            {"details": hands.KINDS[CASE].example["details"] | {"case_number": "NGUYEN-VAN-TO"}},
            ("/details/case_number", "string_pattern_mismatch"),
        ),
    ):
        assert await faults(mine.post("/v1/records", hands.a_body(CASE, **changes))) == [wanted]
    record = await hands.recorded(world, CASE, named=[])
    assert record["title"] == "Tố cáo số 07/2027/TD"
    assert await faults(hands.move(world, record, "accept", note=canary)) == [("/note", "no_text")]
    paper = {"document": hands.DOCUMENT | {"issuer": canary}}
    assert await faults(hands.move(world, record, "accept", **paper)) == [("/document", "no_text")]
    assert await faults(hands.move(world, record, "transfer", reason="nguyen_van_to")) == [
        ("/reason", "unknown_reason")
    ]
    added = await mine.post(
        f"/v1/records/{record['id']}/contributions", {"no_state_secret": True, "kind": "comment", "text": canary}
    )
    assert added.status_code == 403
    await hands.moved(world, record, "accept")
    await hands.moved(world, record, "resolve")
    told = await hands.fed(world, make.COORDINATOR, record)
    assert told == ["complaint_case.opened", "complaint_case.accepted", "complaint_case.resolved"]
    assert await hands.read(world, hands.OUTSIDER, record) == 404
    async with world.sessions() as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        tables = (await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).all()
        for table in tables:
            found = await session.scalar(text(f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE '%Văn Tố%'"))
            assert found == 0, table
    events = (await hands.done(mine.get("/v1/events?limit=200")))["items"]
    assert "07/2027" not in json.dumps(events)
