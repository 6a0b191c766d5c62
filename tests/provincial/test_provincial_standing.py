"""What was sent up stays as it was sent, whoever writes and however many at once; and everybody is told of an issue."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import make
from tests.provincial.hands import COMMITTEE, OUTSIDER, PATH, THIRD, accepted, drafted, made, moved, seen, told
from tests.trail.hands import Hands
from tests.webhooks.posts import an_endpoint

CONTENT = (
    "title = 'x'", "objectives = 'x'", "priorities = '{x}'", "kind = 'scheme'", "term = 'long_term'", "year = 2026",
    "until_year = 2030", "edition = 9", "amendment_reason = 'x'", "dropped = '[1]'", "content = '{}'",
    "content_sha256 = 'x'", "document = '{}'", "signatory = '{}'", "submitted_at = now()",
    "state = 'returned', title = 'x'",
)  # fmt: skip
APPROVED = (
    "approved_at = now()", "approval_document = '{}'", "approval_signatory = '{}'", "state = 'draft'",
    "state = 'returned'", "state = 'submitted'",
)  # fmt: skip
NEW_TASK = '{"id": "01a00000-0000-7000-8000-000000000001", "code": "X"}'
OWN = {"x-request-id", "ratelimit"}
TASKS = (
    "UPDATE provincial_task SET title = 'x'",
    "UPDATE provincial_task SET plan_id = plan_id, lead_agency_id = (SELECT id FROM agency LIMIT 1)",
    "UPDATE provincial_task SET sources = '{}'",
    "DELETE FROM provincial_task",
    f"INSERT INTO provincial_task SELECT (json_populate_record(t, '{NEW_TASK}')).* FROM provincial_task t LIMIT 1",
)


async def refused(connection, statement):
    nested = await connection.begin_nested()
    await connection.execute(text("SET LOCAL ROLE ttdn_app"))
    with pytest.raises(DBAPIError, match="sent up"):
        await connection.execute(text(statement))
    await nested.rollback()


async def test_the_database_itself_keeps_what_was_sent_up(world, connection):
    await accepted(world, make.DISTRICT)
    row = await drafted(world)
    await connection.execute(text("UPDATE provincial_plan SET title = title || ' (sửa)'"))
    row = (await seen(world, row)).json()
    for move in ("submit", "approve", "issue", "close"):
        row = await made(world, row, move)
        for change in CONTENT + (APPROVED if move != "submit" else ()):
            await refused(connection, f"UPDATE provincial_plan SET {change}")
        for statement in (*TASKS, "DELETE FROM provincial_plan"):
            await refused(connection, statement)
    assert (await seen(world, row)).json() == row


async def test_tasks_do_not_wander_into_what_was_sent_up(world, connection):
    await accepted(world, make.DISTRICT)
    row = await made(world, await drafted(world), "submit", "approve", "issue")
    amendment = await made(world, row, "amend")
    await connection.execute(text("UPDATE provincial_task SET title = 'Mới' WHERE carried_from IS NOT NULL"))
    await refused(
        connection, f"UPDATE provincial_task SET plan_id = '{row['id']}', code = 'X' WHERE carried_from IS NOT NULL"
    )
    assert (await seen(world, row)).json()["tasks"] == row["tasks"]
    assert (await seen(world, amendment)).json()["tasks"][0]["title"] == "Mới"


async def test_the_issued_plan_still_stands_word_for_word_when_its_amendment_is_edited(world):
    await accepted(world, make.DISTRICT)
    row = await made(world, await drafted(world), "submit", "approve", "issue")
    amendment = await made(world, row, "amend")
    coordinator = await world.as_(make.COORDINATOR)
    headers = {"If-Match": amendment["etag"], "Content-Type": "application/merge-patch+json"}
    ids = [task["id"] for task in amendment["tasks"]]
    path = f"{PATH}/{amendment['id']}"
    edited = (await coordinator.request("PATCH", path, json={"title": "Điều chỉnh"}, headers=headers)).json()
    assert [(task["id"], task["carried_from"]) for task in edited["tasks"]] == [(ids[0], row["tasks"][0]["id"])]
    assert (await seen(world, row, COMMITTEE)).json() == (await seen(world, row, COMMITTEE)).json()
    assert (await seen(world, row)).json()["title"] == row["title"]


async def test_what_may_not_be_known_answers_to_the_byte_like_what_never_was(world):
    await accepted(world, make.DISTRICT)
    row, outsider = await made(world, await drafted(world), "submit"), await world.as_(OUTSIDER)
    for path in ("", "/sources"):
        answers = [
            await outsider.get(f"{PATH}/{id}{path}", headers={"Accept-Language": language})
            for language in ("vi", "en")
            for id in (row["id"], "01a00000-0000-7000-8000-000000000000")
        ]
        for one, none in (answers[:2], answers[2:]):
            assert (one.status_code, none.status_code) == (404, 404)
            id, other = one.headers["x-request-id"], none.headers["x-request-id"]
            assert one.content.replace(id.encode(), b"") == none.content.replace(other.encode(), b"")
            headers = [{k: v for k, v in a.headers.items() if k not in OWN} for a in (one, none)]
            assert headers[0] == headers[1]
    # Who leads a task reads the plan, and not what the others wrote for it.
    district = await world.as_(make.DISTRICT)
    assert (await district.get(f"{PATH}/{row['id']}")).status_code == 200
    assert (await district.get(f"{PATH}/{row['id']}/sources")).status_code == 404


@pytest.mark.real
async def test_an_agency_that_takes_its_plan_back_just_then_is_in_or_out_and_never_both(real_world):
    coordinator, outcomes = await real_world.as_(make.COORDINATOR), set()
    district = await real_world.as_(make.DISTRICT)
    await real_world.as_(COMMITTEE)
    for year in range(2030, 2040):
        plan = await accepted(real_world, make.DISTRICT, year=year)
        row = await drafted(real_world, year=year)
        withdrawal = district.move(plan, "withdraw", make.WITHDRAW)
        submit = moved(real_world, row, "submit")
        first, second = (withdrawal, submit) if year % 2 else (submit, withdrawal)
        codes = sorted(answer.status_code for answer in await asyncio.gather(first, second))
        assert codes == [200, 409]
        ends = (
            (await coordinator.get(f"/v1/plans/{plan['id']}")).json()["state"],
            (await seen(real_world, row)).json()["state"],
        )
        assert ends in {("withdrawn", "draft"), ("consolidated", "submitted")}
        outcomes.add(ends)
    print(f"\n{outcomes}")


@pytest.mark.real
async def test_of_many_submits_at_once_one_is_made(real_world):
    plan = await accepted(real_world, make.DISTRICT)
    row = await drafted(real_world)
    answers = await asyncio.gather(*(moved(real_world, row, "submit") for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert await told(real_world, row["id"]) == ["drafted", "submitted"]
    assert await told(real_world, plan["id"]) == ["created", "submitted", "accepted", "consolidated"]
    drafts = await asyncio.gather(*((drafting(real_world, 2041)) for _ in range(4)))
    assert sorted(answer.status_code for answer in drafts) == [201] + [409] * 3


async def drafting(world, year):
    return await (await world.as_(make.COORDINATOR)).post(PATH, {"year": year, "title": "Cùng lúc"})


@pytest.mark.real
async def test_an_amendment_is_issued_once_and_a_plan_that_is_closed_meanwhile_is_not_amended(real_world):
    await accepted(real_world, make.DISTRICT)
    row = await made(real_world, await drafted(real_world), "submit", "approve", "issue")
    amendments = await asyncio.gather(*(moved(real_world, row, "amend") for _ in range(4)))
    assert sorted(answer.status_code for answer in amendments) == [201] + [409] * 3
    (amendment,) = [answer.json() for answer in amendments if answer.status_code == 201]
    amendment = await made(real_world, amendment, "submit", "approve")
    answers = await asyncio.gather(moved(real_world, row, "close"), moved(real_world, amendment, "issue"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    states = [(await seen(real_world, one)).json()["state"] for one in (row, amendment)]
    assert states in (["closed", "approved"], ["amended", "issued"])


@pytest.mark.real
async def test_an_issue_reaches_the_webhooks_of_every_agency_and_no_draft_does(real_world):
    agencies = (make.DISTRICT, make.OTHER_DISTRICT, THIRD, OUTSIDER, make.COORDINATOR, COMMITTEE)
    for slug in agencies:
        await an_endpoint(real_world, await real_world.as_(slug), "http://127.0.0.1:9/hook", ["provincial_plan.*"])
    await accepted(real_world, make.DISTRICT)
    hands = Hands(real_world.url)
    worker = hands.worker()

    async def sealed():
        while await worker.seal_once():
            pass

    # Each event is told to who may know of it when it is sealed.
    row = await drafted(real_world)
    await sealed()
    for move in ("submit", "approve", "issue"):
        row = await made(real_world, row, move)
        await sealed()
    await drafted(real_world, kind="scheme")
    await sealed()
    everything = ["drafted", "submitted", "approved", "issued", "drafted"]
    named = ["submitted", "approved", "issued"]
    told_of = await hands.sql(
        "SELECT a.slug, e.type FROM webhook_delivery d JOIN event e ON e.id = d.event_id"
        " JOIN webhook_endpoint w ON w.id = d.endpoint_id JOIN agency a ON a.id = w.agency_id ORDER BY d.sequence"
    )
    for slug in agencies:
        types = [type.partition(".")[2] for to, type in told_of if to == slug]
        reads_all = slug in (make.COORDINATOR, COMMITTEE)
        assert types == (everything if reads_all else named if slug == make.DISTRICT else ["issued"]), slug
    await hands.close()
