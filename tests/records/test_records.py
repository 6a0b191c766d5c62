"""What holds for records of every kind: editing, keys, search, history, acting for another, contributions, the log."""

from uuid import UUID

import pytest
from sqlalchemy import text

from app.access.actor import Actor
from app.access.grants import Scope
from app.records import rules
from app.records.reads import SUMMARY
from tests import make
from tests.records import hands
from tests.shape import assert_problem

DELEGATION, DIFFICULTY, PROFILE, CASE = (
    "foreign_press_delegation", "difficulty", "investment_profile", "complaint_case",
)  # fmt: skip
POLICE, FOREIGN, INVEST, UBND = "cong-an-tinh", "so-ngoai-vu", "so-khdt", "ubnd-tinh"


async def test_an_edit_keeps_a_version_and_is_told_and_the_same_again_is_no_edit(world):
    record = await hands.recorded(world, DIFFICULTY)
    edited = await hands.done(hands.patched(world, record, {"title_en": "No translators"}))
    assert (edited["version"], edited["title_en"], edited["details"]) == (2, "No translators", record["details"])
    assert (await hands.done(hands.patched(world, record, {"title_en": "No translators"})))["version"] == 2
    caller = await world.as_(make.DISTRICT)
    at = f"/v1/records/{record['id']}"
    assert [v["version"] for v in (await hands.done(caller.get(f"{at}/versions")))["items"]] == [1, 2]
    assert (await hands.done(caller.get(f"{at}/versions/1")))["title_en"] is None
    change = await hands.done(caller.get(f"{at}/difference?from=1&to=2"))
    assert [(one["op"], one["path"]) for one in change["changes"]] == [("replace", "/title_en")]
    assert await hands.fed(world, make.COORDINATOR, record) == ["difficulty.reported", "record.edited"]
    undeclared = await caller.request("PATCH", at, json={"title": "x"}, headers=hands.MERGE_PATCH)
    assert (await assert_problem(world.api, undeclared, "validation-failed"))["errors"][0]["code"] == "missing"
    other = await hands.patched(world, record, {"details": hands.a_body(PROFILE)["details"]})
    assert {error["pointer"] for error in other.json()["errors"]} >= {"/details/type", "/details/description"}
    unlike = {"type": None, "provision": None, "description": None, "proposal": None}
    other = await hands.patched(world, record, {"details": hands.a_body(PROFILE)["details"] | unlike})
    assert [(e["pointer"], e["code"]) for e in other.json()["errors"]] == [("/details/kind", "settled")]
    await hands.moved(world, record, "acknowledge")
    late = await hands.patched(world, record, {"title": "Muộn"})
    assert late.json()["code"] == "wrong-state"


async def test_the_department_s_own_key_finds_its_record_again(world):
    caller, at = await world.as_(make.DISTRICT), "/v1/records/by-external-id/qlvb/2027-0031"
    body = hands.a_body(DIFFICULTY)
    made = await hands.done(caller.request("PUT", at, json=body), 201)
    assert made["external"] == {"source": "qlvb", "id": "2027-0031"}
    assert (await hands.done(caller.request("PUT", at, json=body)))["version"] == 1
    assert (await hands.done(caller.request("PUT", at, json=body | {"title": "Khác"})))["id"] == made["id"]
    textless = await caller.request("PUT", at.replace("31", "32"), json=hands.a_body(CASE))
    assert textless.json()["errors"][0]["code"] == "no_text"


async def test_a_list_is_narrowed_by_kind_state_agency_days_language_and_words(world):
    one = await hands.recorded(world, DIFFICULTY, starts_on="2027-03-01", ends_on="2027-03-31")
    two = await hands.recorded(world, DIFFICULTY, title="Chưa có máy quay", languages=["lo"], starts_on=None)
    other = await hands.recorded(world, PROFILE)
    await hands.moved(world, two, "acknowledge")
    agency = await world.agency_id(make.DISTRICT)
    for query, wanted in narrowed(agency, one, two, other):
        found = set(await hands.listed(world, make.COORDINATOR, query))
        assert found == {record["id"] for record in wanted}, query
    page = await hands.done((await world.as_(make.COORDINATOR)).get("/v1/records?limit=2"))
    more = await hands.done(
        (await world.as_(make.COORDINATOR)).get(f"/v1/records?limit=2&cursor={page['next_cursor']}")
    )
    assert [item["id"] for item in (*page["items"], *more["items"])] == [other["id"], two["id"], one["id"]]


def narrowed(agency, one, two, other):
    return (
        ("&kind=difficulty", (one, two)),
        ("&state=acknowledged", (two,)),
        (f"&agency={agency}", (one, two)),
        ("&language=lo", (two,)),
        ("&language=vi&kind=difficulty", (one,)),
        ("&from=2027-03-31&kind=difficulty", (one,)),
        ("&from=2027-04-01&kind=difficulty", ()),
        ("&to=2027-03-01&kind=difficulty", (one,)),
        ("&q=tieng khmer", (one, two)),
        ("&q=MAY QUAY", (two,)),
        ("&q=nang luong tai tao", (other,)),
        ("&q=50%25", ()),
    )


async def test_the_coordinator_records_and_moves_for_who_has_no_system_and_it_shows(world):
    police, coord = await world.agency_id(POLICE), await world.agency_id(make.COORDINATOR)
    body = hands.a_body("import_export_finding", on_behalf_of=str(police))
    coordinator = await world.as_(make.COORDINATOR)
    made = await hands.done(coordinator.post("/v1/records", body), 201)
    assert (made["agency_id"], made["recorded_by_agency_id"]) == (str(police), str(coord))
    edited = await hands.done(
        hands.patched(world, made, {"on_behalf_of": str(police), "title": "Sửa"}, make.COORDINATOR)
    )
    assert edited["version"] == 2
    taken = await hands.moved(world, made, "withdraw", make.COORDINATOR)
    assert (taken["steps"][0]["agency_id"], taken["steps"][0]["recorded_by_agency_id"]) == (str(police), str(coord))
    # The police see it as theirs; nobody else is acted for, and nobody but the coordinator acts.
    assert made["id"] in await hands.listed(world, POLICE, f"&agency={police}")
    finance = str(await world.agency_id(make.FINANCE))
    refused = await coordinator.post("/v1/records", hands.a_body(DIFFICULTY, on_behalf_of=finance))
    assert refused.json()["errors"][0]["code"] == "has_own_system"
    district = await world.as_(make.DISTRICT)
    refused = await district.post("/v1/records", hands.a_body(DIFFICULTY, on_behalf_of=str(police)))
    assert refused.json()["code"] == "not-permitted"
    border = str(await world.agency_id("bch-bdbp"))
    not_a_writer = await coordinator.post("/v1/records", hands.a_body(DELEGATION, on_behalf_of=border))
    assert not_a_writer.json()["code"] == "not-permitted"


async def test_who_contributes_and_who_sees_where_links_lead(world):
    delegation = await hands.recorded(world, DELEGATION)
    secret = await hands.recorded(world, CASE, named=[])
    at = f"/v1/records/{delegation['id']}/contributions"

    async def add(slug, status=201, **body):
        return await hands.done((await world.as_(slug)).post(at, {"no_state_secret": True, **body}), status)

    def link(id):
        return {"kind": "link", "link": {"type": "record", "id": id, "relation": "about"}}

    for slug in (FOREIGN, make.COORDINATOR, POLICE, hands.VISITED):
        await add(slug, kind="comment", text=f"Ý kiến của {slug}")
    await add(hands.VISITED, kind="confirmation")
    assert (await add("so-vhttdl", 404, kind="confirmation"))["code"] == "not-found"
    await add(make.COORDINATOR, **link(secret["id"]))
    refused = await add(FOREIGN, 422, **link(secret["id"]))
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/link/id", "unknown_link")
    for slug, number in ((make.COORDINATOR, 6), (FOREIGN, 5), (hands.VISITED, 5)):
        found = await hands.done((await world.as_(slug)).get(at))
        assert [item["kind"] for item in found["items"]][:5] == ["comment"] * 4 + ["confirmation"]
        assert len(found["items"]) == number, slug
    assert (await hands.fed(world, POLICE, delegation)).count("record.contributed") == 6
    case = f"/v1/records/{secret['id']}/contributions"
    textless = await (await world.as_(make.DISTRICT)).post(case, {"no_state_secret": True, "kind": "confirmation"})
    assert textless.json()["code"] == "not-permitted"


async def readings(world, record):
    """Who read a record, as the log has it, oldest first."""
    found = await hands.done((await world.as_(POLICE)).get(f"/v1/record-accesses?record={record['id']}"))
    names = {str(await world.agency_id(slug)): slug for slug in (FOREIGN, POLICE, UBND, make.COORDINATOR)}
    return [names[item["agency_id"]] for item in reversed(found["items"])]


async def test_every_reading_of_what_is_restricted_is_logged_and_no_other(world):
    record = await hands.recorded(world, DELEGATION, named=[])
    open_ = await hands.recorded(world, DIFFICULTY)
    assert await readings(world, record) == []
    assert await hands.read(world, FOREIGN, record) == 200
    assert await hands.read(world, make.DISTRICT, record) == 404
    assert set(await hands.listed(world, UBND)) == {record["id"], open_["id"]}
    await hands.listed(world, UBND, "&kind=difficulty")
    at = f"/v1/records/{record['id']}"
    for path in (f"{at}/contributions", f"{at}/versions", f"{at}/versions/1"):
        await hands.done((await world.as_(make.COORDINATOR)).get(path))
    # As a sync reads, whose session would take the note back in a test.
    police = Actor(None, await world.agency_id(POLICE), frozenset({"POLICE"}), frozenset(Scope))
    ids = [UUID(record["id"]), UUID(open_["id"])]
    shown = await SUMMARY.some(world.app.state.reader, police.shape, rules.values(police), ids)
    assert set(shown) == {ids[0]}
    assert await readings(world, record) == [FOREIGN, UBND, *[make.COORDINATOR] * 3, POLICE]
    assert await readings(world, open_) == []
    # The last of a page that only tells of more was not shown.
    newer = await hands.recorded(world, DELEGATION, named=[])
    await hands.done((await world.as_(UBND)).get("/v1/records?limit=1"))
    assert (await readings(world, newer), len(await readings(world, record))) == ([UBND], 6)
    for slug in (FOREIGN, UBND, make.DISTRICT):
        refused = await (await world.as_(slug)).get("/v1/record-accesses")
        assert refused.json()["code"] == "insufficient-scope"


@pytest.mark.parametrize("deed", ["UPDATE record_access SET agency_id = NULL", "DELETE FROM record_access"])
async def test_the_log_of_readings_is_never_changed(world, deed):
    record = await hands.recorded(world, DELEGATION, named=[])
    await hands.read(world, FOREIGN, record)
    async with world.sessions() as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        with pytest.raises(Exception, match="append-only"):
            await session.execute(text(deed))


async def test_a_draft_is_deleted_and_its_loss_is_told(world):
    record = await hands.recorded(world, PROFILE)
    caller = await world.as_(INVEST)
    assert (await hands.done(caller.get("/v1/changes?types=record")))["items"] == []
    await hands.fed(world, INVEST, record)
    token = (await hands.done(caller.get("/v1/changes?types=record")))["sync_token"]
    at = f"/v1/records/{record['id']}"
    assert (await caller.request("DELETE", at, headers={"If-Match": record["etag"]})).status_code == 204
    assert await hands.fed(world, INVEST, record) == ["publication.drafted", "record.deleted"]
    (gone,) = (await hands.done(caller.get(f"/v1/changes?types=record&since={token}")))["items"]
    assert gone["removed"] == {"reason": "deleted"}
    told = await hands.recorded(world, DIFFICULTY)
    mine = await world.as_(make.DISTRICT)
    refused = await mine.request("DELETE", f"/v1/records/{told['id']}", headers={"If-Match": "*"})
    assert refused.json()["code"] == "wrong-state"


async def test_who_loses_sight_of_a_record_is_told(world):
    record = await hands.a_record(world, PROFILE, "release")
    stranger = await world.as_(hands.OUTSIDER)
    await hands.fed(world, hands.OUTSIDER, record)
    page = await hands.done(stranger.get("/v1/changes?types=record"))
    assert [item["id"] for item in page["items"]] == [record["id"]]
    await hands.moved(world, record, "withdraw")
    await hands.fed(world, INVEST, record)
    (gone,) = (await hands.done(stranger.get(f"/v1/changes?types=record&since={page['sync_token']}")))["items"]
    assert (gone["id"], gone["removed"]) == (record["id"], {"reason": "no_longer_visible"})


async def test_what_a_body_or_a_move_says_wrongly_is_told_by_its_place(world):
    mine = await world.as_(make.DISTRICT)
    agency = str(await world.agency_id(hands.VISITED))

    async def errors(answer):
        document = await assert_problem(world.api, await answer, "validation-failed")
        return [(error["pointer"], error["code"]) for error in document["errors"]]

    for changes, wanted in (
        ({"title": None}, ("/title", "missing")),
        ({"ends_on": "2026-01-01"}, ("", "period_reversed")),
        ({"named": [{"role": "visited", "agency_id": agency}]}, ("/named/0/role", "unknown_role")),
        ({"details": {"kind": "nothing"}}, ("/details", "invalid")),
    ):
        assert await errors(mine.post("/v1/records", hands.a_body(DIFFICULTY, **changes))) == [wanted]
    foreign = await world.as_(FOREIGN)
    record = await hands.recorded(world, DELEGATION)
    for name, slug, body, wanted in (
        ("decline", FOREIGN, {"reason": "no_such"}, ("/reason", "unknown_reason")),
        ("decline", FOREIGN, {"reason": "other"}, ("/note", "missing")),
        ("decline", FOREIGN, {"reason": None}, ("/reason", "missing")),
        ("receive", FOREIGN, {"reason": "other"}, ("/reason", "no_reason")),
        ("receive", FOREIGN, {"into_id": record["id"]}, ("/into_id", "no_merge")),
    ):
        assert await errors(hands.move(world, record, name, slug, **body)) == [wanted]
    stale = await foreign.post(f"/v1/records/{record['id']}/moves/cancel", {}, '"v9"')
    assert stale.json()["code"] == "precondition-failed"
