"""The audit: who did what, when, by which clause, to whose record, in which request; and who read it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit import service
from app.kit.clock import now
from tests import make
from tests.records import hands as records
from tests.trail.hands import seal_here

POLICE = "cong-an-tinh"


@pytest.fixture
async def accepted(world, sessions):
    """A plan that was submitted and accepted, sealed; and the answers to both."""
    district, coordinator = await world.as_(make.DISTRICT), await world.as_(make.COORDINATOR)
    plan = (await district.post("/v1/plans", make.a_plan())).json()
    sent = await district.move(plan, "submit", make.SUBMIT)
    done = await coordinator.move(sent.json(), "accept", {})
    assert done.status_code == 200, done.text
    await seal_here(sessions)
    return done


async def rows(caller, **query):
    answer = await caller.get("/v1/audit", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_row_says_who_did_what_by_which_clause_on_behalf_of_whom_in_which_request(world, accepted):
    (row,) = await rows(await world.as_(make.DISTRICT), type="plan.accepted")
    plan, request = accepted.json(), accepted.headers["X-Request-Id"]
    assert row["resource"]["id"] == plan["id"]
    assert row["resource"]["url"] == f"http://test/v1/plans/{plan['id']}"
    assert row["actor"] == {"id": str(await world.agency_id(make.COORDINATOR)), "name": row["actor"]["name"]}
    assert (row["agency"]["id"], row["on_behalf_of"]) == (str(await world.agency_id(make.DISTRICT)), None)
    assert row["client_id"] in {str(client.id) for client in await world.clients()}
    assert (row["request_id"], row["provisions"]) == (request, ["QC.D7.K1"])
    assert (row["previous_state"], row["state"], row["period"]) == ("submitted", "accepted", "2027")
    assert make.a_plan()["title"] not in json.dumps(row, ensure_ascii=False)
    (own,) = await rows(await world.as_(make.DISTRICT), type="plan.submitted")
    assert (own["actor"]["id"], own["on_behalf_of"]) == (str(await world.agency_id(make.DISTRICT)), None)


async def test_what_is_done_for_an_agency_without_a_system_says_in_whose_name(world, sessions):
    police, coordinator = str(await world.agency_id(POLICE)), str(await world.agency_id(make.COORDINATOR))
    caller = await world.as_(make.COORDINATOR)
    body = records.a_body("import_export_finding", on_behalf_of=police)
    made = await records.done(caller.post("/v1/records", body), 201)
    await records.done(
        records.patched(world, made, {"on_behalf_of": police, "title": "Sửa"}, make.COORDINATOR)
    )  # fmt: skip
    await records.moved(world, made, "withdraw", make.COORDINATOR)
    await seal_here(sessions)
    found = await rows(await world.as_(POLICE), resource_id=made["id"])
    assert len(found) == 3
    for row in found:
        assert (row["actor"]["id"], row["agency"]["id"]) == (coordinator, police)
        assert row["on_behalf_of"] == {"id": police, "name": row["agency"]["name"]}
    feed = (await caller.get("/v1/events", params={"resource_id": made["id"]})).json()["items"]
    assert {item["data"]["on_behalf_of"]["id"] for item in feed} == {police}


async def test_an_agency_reads_its_own_rows_and_who_coordinates_all(world, accepted):
    about = {"resource_id": accepted.json()["id"]}
    told = ["plan.accepted", "plan.submitted", "plan.created"]
    for slug, types in ((make.DISTRICT, told), (make.COORDINATOR, told), (make.OTHER_DISTRICT, [])):
        assert [row["type"] for row in await rows(await world.as_(slug), **about)] == types


async def test_the_audit_is_narrowed(world, accepted):
    caller = await world.as_(make.COORDINATOR)
    whole = await rows(caller, resource="plan")
    assert len(whole) == 3
    row, district = whole[0], str(await world.agency_id(make.DISTRICT))
    assert await rows(caller, client=row["client_id"], type="plan.accepted") == whole[:1]
    assert await rows(caller, provision="QC.D7.K1", resource="plan") == whole
    assert await rows(caller, provision="QC.D7", resource="plan") == []
    assert await rows(caller, request_id=row["request_id"], resource="plan") == whole[:1]
    assert await rows(caller, agency=district, resource="plan") == whole
    assert await rows(caller, agency=row["actor"]["id"], resource="plan") == whole[:1]
    for query, found in (
        ({"since": row["occurred_at"]}, whole[:1]),
        ({"until": row["occurred_at"]}, whole[1:]),
        ({"since": (now() + timedelta(hours=1)).isoformat()}, []),
    ):
        assert await rows(caller, resource="plan", **query) == found
    answer = await caller.get("/v1/audit?since=2026-01-01")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-parameter")


async def test_small_pages_put_together_are_all_rows(world, accepted):
    caller = await world.as_(make.DISTRICT)
    whole = await rows(caller)
    found, query = [], {"limit": 2}
    while True:
        page = (await caller.get("/v1/audit", params=query)).json()
        found += page["items"]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]
    assert found == whole
    assert [row["sequence"] for row in found] == sorted((row["sequence"] for row in found), reverse=True)


async def test_who_reads_the_audit_is_written_in_it(world, sessions, accepted):
    caller, other = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    answer = await caller.get("/v1/audit?type=plan.accepted")
    exported = await caller.get("/v1/audit/export")
    await seal_here(sessions)
    coordinator = await world.as_(make.COORDINATOR)
    noted = await rows(coordinator, resource="audit_reading")
    district = str(await world.agency_id(make.DISTRICT))
    assert [(row["type"], row["actor"]["id"], row["request_id"]) for row in noted] == [
        ("audit_reading.exported", district, exported.headers["X-Request-Id"]),
        ("audit_reading.read", district, answer.headers["X-Request-Id"]),
    ]
    async with sessions() as session:
        said = await session.scalar(
            text("SELECT data FROM event WHERE type = 'audit_reading.read' ORDER BY id LIMIT 1")
        )
    assert said == {"type": "plan.accepted"}
    assert await rows(other, resource="audit_reading") == []


async def test_an_export_is_every_row_line_by_line_whatever_is_written_meanwhile(
    world, sessions, accepted, monkeypatch
):
    caller = await world.as_(make.COORDINATOR)
    monkeypatch.setattr(service, "BATCH", 7)
    answer = await caller.get("/v1/audit/export?resource=agency")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) > 50
    assert lines[::-1] == await rows(caller, resource="agency")
    head = await caller.request("HEAD", "/v1/audit/export")
    assert (head.status_code, head.content) == (200, b"")


async def test_the_audit_takes_its_scope(world):
    for role in ("reader", "drafter", "submitter"):
        answer = await (await world.as_(make.COORDINATOR, role)).get("/v1/audit")
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    assert (await (await world.as_(make.DISTRICT, "administrator")).get("/v1/audit")).status_code == 200
