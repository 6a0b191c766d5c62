"""Reception of foreign press, difficulties, findings, cases without a word, investment profiles."""

import json

from sqlalchemy import text

from tests import make
from tests.records import hands
from tests.trail.hands import seal_here

DELEGATION, DIFFICULTY, FINDING, PROFILE, CASE = (
    "foreign_press_delegation", "difficulty", "import_export_finding", "investment_profile", "complaint_case",
)  # fmt: skip
POLICE, FOREIGN, INVEST, CUSTOMS, UBND = "cong-an-tinh", "so-ngoai-vu", "so-khdt", "cuc-hai-quan", "ubnd-tinh"


async def faults(answer):
    found = await answer
    assert found.status_code == 422, found.text
    return [(error["pointer"], error["code"]) for error in found.json()["errors"]]


async def test_qc_d9_k2_no_delegation_is_received_without_its_licence_and_the_decision_is_told_at_once(world):
    bare = hands.KINDS[DELEGATION].example["details"] | {"licence_number": None}
    record = await hands.recorded(world, DELEGATION, details=bare)
    assert await faults(hands.move(world, record, "receive")) == [("/details/licence_number", "needed_first")]
    await hands.done(hands.patched(world, record, {"details": {"licence_number": "117/GP-BNG"}}))
    await hands.moved(world, record, "receive")
    for slug in (make.COORDINATOR, POLICE, hands.VISITED):
        assert "foreign_press.reception_decided" in await hands.fed(world, slug, record), slug
    await hands.moved(world, record, "acknowledge")
    guided = await hands.moved(world, record, "guide", note="Chỉ tác nghiệp tại các điểm đã đăng ký.")
    assert (guided["state"], [step["move"] for step in guided["steps"]]) == (
        "received", ["receive", "acknowledge", "guide"],
    )  # fmt: skip
    assert (await hands.fed(world, FOREIGN, record))[-2:] == ["foreign_press.acknowledged", "foreign_press.guided"]
    assert await hands.read(world, "so-vhttdl", record) == 404
    declined = await hands.recorded(world, DELEGATION, details=bare)
    await hands.moved(world, declined, "decline", reason="not_licensed")
    assert "foreign_press.reception_decided" in await hands.fed(world, POLICE, declined)


async def test_qc_end_whoever_is_bound_reports_a_difficulty_and_gets_it_back_resolved(world):
    records = {}
    for slug in ("bao-dak-lak", "tt-cong-ttdt", CUSTOMS):
        records[slug] = await hands.recorded(world, DIFFICULTY, slug)
        assert await hands.fed(world, make.COORDINATOR, records[slug]) == ["difficulty.reported"]
    head, one, two = records.values()
    for merged in (one, two):
        await hands.moved(world, merged, "merge", into_id=head["id"])
    assert await faults(hands.move(world, head, "merge", into_id=one["id"])) == [("/into_id", "cannot_go_on")]
    other = await hands.recorded(world, DIFFICULTY)
    assert await faults(hands.move(world, head, "merge", into_id=other["id"])) == [("/into_id", "merged_others")]
    assert await faults(hands.move(world, other, "merge", into_id=other["id"])) == [("/into_id", "cannot_go_on")]
    await hands.moved(world, head, "forward")
    assert "difficulty.forwarded" in await hands.fed(world, UBND, head)
    await hands.moved(world, head, "resolve", note="Bổ sung hai cộng tác viên.")
    for slug, record in records.items():
        mine = await hands.done((await world.as_(slug)).get(f"/v1/records/{record['id']}"))
        assert (mine["state"], mine["steps"][-1]["note"]) == ("resolved", "Bổ sung hai cộng tác viên.")
        assert "difficulty.resolved" in await hands.fed(world, slug, record)
    assert [move["move"] for move in mine["allowed_moves"]] == ["close"]
    unlike = await hands.recorded(world, FINDING)
    assert await faults(hands.move(world, other, "merge", into_id=unlike["id"])) == [("/into_id", "cannot_go_on")]


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


async def test_qc_d8_k6_qc_d11_k3_a_finding_is_before_the_committee_at_once(world):
    record = await hands.recorded(world, FINDING, CUSTOMS)
    for slug in (UBND, make.COORDINATOR):
        assert await hands.fed(world, slug, record) == ["finding.reported"]
    # The same found twice: the coordinator makes one of them, and one decision answers both.
    again = await hands.recorded(world, FINDING, "so-vhttdl")
    await hands.moved(world, again, "merge", into_id=record["id"])
    await hands.moved(world, record, "resolve", note="Thu hồi toàn bộ.")
    assert "finding.resolved" in await hands.fed(world, "so-vhttdl", again)
    await hands.moved(world, record, "close")
    assert "finding.closed" in await hands.fed(world, CUSTOMS, record)
    assert await hands.read(world, make.DISTRICT, record) == 404


async def test_qc_d10_k1_nothing_is_released_before_it_is_there_in_vietnamese_and_in_english(world):
    example = hands.KINDS[PROFILE].example
    vi, en = example["details"]["editions"]
    record = await hands.recorded(
        world, PROFILE, languages=["vi"], title_en=None, details=example["details"] | {"editions": [vi]}
    )
    for change, wanted in (
        ({"languages": ["vi", "en"]}, ("/languages", "language_missing")),
        ({"title_en": "Profile"}, ("/title_en", "needed_first")),
        ({"details": {"editions": [vi, en]}}, ("/details/editions", "language_missing")),
    ):
        assert await faults(hands.move(world, record, "release")) == [wanted]
        await hands.done(hands.patched(world, record, change))
    assert await hands.read(world, hands.OUTSIDER, record) == 404
    await hands.moved(world, record, "release")
    for slug in (make.COORDINATOR, "tt-cong-ttdt", hands.OUTSIDER):
        assert "publication.released" in await hands.fed(world, slug, record)
    # What is out stays whole, and shows others neither its steps nor what was added.
    assert await faults(hands.patched(world, record, {"languages": ["vi"]})) == [("/languages", "language_missing")]
    shown = await hands.done((await world.as_(hands.OUTSIDER)).get(f"/v1/records/{record['id']}"))
    assert (shown["state"], shown["steps"]) == ("released", [])


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
    await seal_here(world.sessions)
    async with world.sessions() as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        tables = (await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).all()
        for table in tables:
            found = await session.scalar(text(f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE '%Văn Tố%'"))
            assert found == 0, table
    events = (await hands.done(mine.get("/v1/events?limit=200")))["items"]
    assert "07/2027" not in json.dumps(events)
