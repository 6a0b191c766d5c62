"""The feed: what each agency may know of, in sealed order, without a hole."""

import asyncio

import pytest

from app.trail import feed
from tests import make
from tests.trail.hands import behind_its_back, running, seal_here, until

THIRD = "ubnd-krong-bong"


async def read(caller, after=0, **query):
    answer = await caller.get("/v1/events", params={"after": after, "limit": 200, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def plans_told_to(caller):
    return [
        item["data"]["resource"]["id"] + " " + item["type"]
        for item in (await read(caller))["items"]
        if item["type"].startswith("plan.")
    ]


async def draft(world, **task):
    caller = await world.as_(make.DISTRICT)
    made = await caller.post("/v1/plans", make.a_plan(tasks=[make.a_task(**task)]))
    assert made.status_code == 201, made.text
    return made.json()


async def test_an_agency_and_the_coordinator_are_told_of_a_plan_and_another_district_is_not(world, sessions):
    plan = await draft(world)
    await seal_here(sessions)
    told = [f"{plan['id']} plan.created"]
    assert await plans_told_to(await world.as_(make.DISTRICT)) == told
    assert await plans_told_to(await world.as_(make.COORDINATOR)) == told
    assert await plans_told_to(await world.as_(make.OTHER_DISTRICT)) == []


async def test_an_agency_asked_to_cooperate_is_told_once_the_plan_is_sent_and_a_third_never(world, sessions):
    asked = str(await world.agency_id(make.OTHER_DISTRICT))
    plan = await draft(world, cooperating_agency_ids=[asked])
    await seal_here(sessions)
    other, third = await world.as_(make.OTHER_DISTRICT), await world.as_(THIRD)
    assert await plans_told_to(other) == []
    before = (await read(other))["last_sequence"]
    await (await world.as_(make.DISTRICT)).move(plan, "submit", make.SUBMIT)
    await seal_here(sessions)
    # Even a reader who had looked past the draft is told, by the event of the change of visibility.
    types = [item["type"] for item in (await read(other, before))["items"]]
    assert [type for type in types if type.startswith("plan.")] == ["plan.submitted"]
    assert await plans_told_to(third) == []


async def test_what_happens_to_an_agency_s_webhook_endpoint_is_told_to_nobody_else_not_even_the_coordinator(
    world, sessions
):
    body = {"url": "http://127.0.0.1:9/", "event_types": ["*"]}
    for slug in (make.DISTRICT, make.COORDINATOR):
        assert (await (await world.as_(slug)).post("/v1/webhook-endpoints", body)).status_code == 201
    await seal_here(sessions)
    for slug, number in ((make.DISTRICT, 1), (make.COORDINATOR, 1), (make.OTHER_DISTRICT, 0)):
        found = (await read(await world.as_(slug), type="webhook_endpoint.created"))["items"]
        assert [item["data"]["agency"]["id"] for item in found] == [str(await world.agency_id(slug))] * number


async def test_progress_goes_past_what_one_may_not_see(world, sessions):
    other = await world.as_(make.OTHER_DISTRICT)
    await world.as_(make.DISTRICT)  # registering a client is told of as well
    await seal_here(sessions)
    start = await end(other)
    for number in range(3):
        plan = await draft(world)
        await (await world.as_(make.DISTRICT)).move(plan, "submit", make.SUBMIT)
        gone = (await (await world.as_(make.DISTRICT)).get(f"/v1/plans/{plan['id']}")).json()
        await (await world.as_(make.DISTRICT)).move(gone, "withdraw", make.WITHDRAW)
        await seal_here(sessions)
        found = await read(other, start)
        assert found == {"items": [], "last_sequence": start + 3 * (number + 1), "more": False}


async def end(caller):
    after = 0
    while (found := await read(caller, after))["items"]:
        after = found["last_sequence"]
    return found["last_sequence"]


async def test_small_pages_put_together_are_the_whole_log(world, sessions):
    await draft(world)
    await seal_here(sessions)
    caller, after, items = await world.as_(make.DISTRICT), 0, []
    while (found := await read(caller, after, limit=7))["items"]:
        assert len(found["items"]) <= 7
        items += found["items"]
        assert found["last_sequence"] >= items[-1]["data"]["sequence"]
        after = found["last_sequence"]
    sequences = [item["data"]["sequence"] for item in items]
    assert sequences == sorted(set(sequences))
    everything = await read(caller)
    assert items[:200] == everything["items"]


async def test_a_filter_by_type_gives_those_and_still_makes_progress(world, sessions):
    plan = await draft(world)
    await (await world.as_(make.DISTRICT)).move(plan, "submit", make.SUBMIT)
    await seal_here(sessions)
    caller = await world.as_(make.DISTRICT)
    found = await read(caller, type="plan.created")
    assert [item["type"] for item in found["items"]] == ["plan.created"]
    both = await read(caller, type=["plan.created", "plan.submitted"])
    assert [item["type"] for item in both["items"]] == ["plan.created", "plan.submitted"]
    assert (await read(caller, type="plan.never"))["items"] == []
    assert found["last_sequence"] == both["last_sequence"] == both["items"][-1]["data"]["sequence"]


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        f"after={2**63}",
        "limit=0",
        "limit=201",
        "type=%00",
        "type=PLAN",
        "type=plan.%FF",
        "wait=31",
        "wait=-1",
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(world, query):
    answer = await (await world.as_(make.DISTRICT)).get(f"/v1/events?{query}")
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["code"] == "invalid-parameter"


async def test_a_reader_ahead_of_the_log_must_begin_again(world, sessions):
    """After a restore from a backup the numbers begin again below what the reader saw, and mean something else."""
    await seal_here(sessions)
    caller = await world.as_(make.DISTRICT)
    at = await end(caller)
    assert (await read(caller, at))["items"] == []
    for after in (at + 1, at + 50):
        answer = await caller.get(f"/v1/events?after={after}&wait=20")
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor-expired")


async def test_a_reader_behind_what_was_pruned_must_begin_again(connection, world, sessions):
    await seal_here(sessions)
    caller = await world.as_(make.DISTRICT)
    await behind_its_back(connection, "DELETE FROM ledger WHERE sequence <= 20")
    for after, status in ((1, 410), (19, 410), (20, 200), (21, 200), (0, 200)):
        answer = await caller.get(f"/v1/events?after={after}&limit=1")
        assert answer.status_code == status, after
        assert status != 200 or answer.json()["items"][0]["data"]["sequence"] == max(after, 20) + 1


async def test_one_look_goes_through_a_bounded_part_of_the_log(world, sessions, monkeypatch):
    await draft(world)
    await draft_of_the_other(world)
    await seal_here(sessions)
    caller = await world.as_(make.OTHER_DISTRICT)
    whole = await read(caller, type="plan.created")
    monkeypatch.setattr(feed, "SCANNED", 10)
    after, items, looks = 0, [], 0
    while True:
        found = await read(caller, after, type="plan.created")
        assert found["last_sequence"] - after <= 10
        items, after, looks = items + found["items"], found["last_sequence"], looks + 1
        if not found["more"]:
            break
    assert looks > 5
    assert items == whole["items"]
    assert len(items) == 1
    assert (after, False) == (whole["last_sequence"], whole["more"])


async def draft_of_the_other(world):
    assert (await (await world.as_(make.OTHER_DISTRICT)).post("/v1/plans", make.a_plan())).status_code == 201


async def test_the_feed_is_narrowed_by_resource_and_agency(world, sessions):
    plan = await draft(world)
    await draft_of_the_other(world)
    await seal_here(sessions)
    caller = await world.as_(make.COORDINATOR)
    district = str(await world.agency_id(make.DISTRICT))
    created = (await read(caller, type="plan.created", agency=district))["items"]
    assert [item["data"]["resource"]["id"] for item in created] == [plan["id"]]
    of_it = (await read(caller, resource="plan", resource_id=plan["id"]))["items"]
    assert [item["type"] for item in of_it] == ["plan.created"]
    assert {item["data"]["resource"]["type"] for item in (await read(caller, resource="client"))["items"]} == {"client"}
    assert (await read(caller, resource="report", resource_id=plan["id"]))["items"] == []


async def test_who_loses_sight_of_a_plan_is_told_of_what_took_it_away_and_of_nothing_after(world, sessions):
    asked = str(await world.agency_id(make.OTHER_DISTRICT))
    plan = await draft(world, cooperating_agency_ids=[asked])
    district, other = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT)
    plan = (await district.move(plan, "submit", make.SUBMIT)).json()
    plan = (await (await world.as_(make.COORDINATOR)).move(plan, "return", make.RETURN)).json()
    plan = (await district.get(f"/v1/plans/{plan['id']}")).json()
    alone = await district.put(f"/v1/plans/{plan['id']}", make.a_plan(), plan["etag"])
    assert alone.status_code == 200, alone.text
    await district.move(alone.json(), "submit", make.SUBMIT)
    await seal_here(sessions)
    # It can no longer read the plan, so of its past it sees the loss alone.
    assert await plans_told_to(other) == [f"{plan['id']} plan.replaced"]
    assert await plans_told_to(await world.as_(THIRD)) == []


async def test_what_is_not_sealed_yet_is_not_told(world, sessions):
    await seal_here(sessions)
    caller = await world.as_(make.DISTRICT)
    at = await end(caller)
    await draft(world)
    assert await read(caller, at) == {"items": [], "last_sequence": at, "more": False}


async def test_the_feed_takes_its_scope(world):
    token = await world.token(make.DISTRICT, scope="plans:read")
    answer = await make.Caller(world.api, token).get("/v1/events")
    assert answer.status_code == 403
    assert (await world.api.get("/v1/events")).status_code == 401


@pytest.mark.real
async def test_reading_while_events_are_written_and_sealed_loses_none(real_world, hands):
    slugs = [make.DISTRICT, make.OTHER_DISTRICT, THIRD]
    callers = [await real_world.as_(slug) for slug in slugs]
    coordinator, district = await real_world.as_(make.COORDINATOR), callers[0]
    read_by, done = {coordinator: [], district: []}, asyncio.Event()

    async def follow(caller):
        after = 0
        while True:
            last = done.is_set()
            found = await read(caller, after, limit=5)
            read_by[caller] += [item["data"]["sequence"] for item in found["items"] if item["type"][:5] == "plan."]
            if last and not found["items"]:
                return
            after = found["last_sequence"]

    async def write(caller):
        for year in range(2020, 2030):
            assert (await caller.post("/v1/plans", make.a_plan(year=year))).status_code == 201

    async with running(hands.worker(), hands.worker()):
        following = [asyncio.create_task(follow(caller)) for caller in read_by]
        await asyncio.gather(*(write(caller) for caller in callers))
        await until(lambda: drained(hands))
        done.set()
        await asyncio.gather(*following)
    for caller, number in ((coordinator, 30), (district, 10)):
        assert len(read_by[caller]) == number
        assert read_by[caller] == sorted(set(read_by[caller]))


async def drained(hands):
    return not await hands.sql("SELECT 1 FROM outbox")
