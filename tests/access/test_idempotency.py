"""Idempotency-Key: sent again, answered again, done once."""

import asyncio

import pytest
from sqlalchemy import text

from app.kit.db import make_engine
from tests import make

PLANS = "/v1/plans"


async def send(caller, key, body, path=PLANS):
    return await caller.request("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})


async def test_a_request_sent_again_is_answered_again_and_done_once(world):
    district = await world.as_(make.DISTRICT)
    first = await send(district, "k-1", make.a_plan())
    again = await send(district, "k-1", make.a_plan())
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len((await district.get(PLANS)).json()["items"]) == 1


async def test_creating_needs_a_key_and_the_key_a_sensible_shape(world):
    district = await world.as_(make.DISTRICT)
    missing = await send(district, None, make.a_plan())
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency-key-required")
    for key in ("", " ", "a b", "x" * 256):
        refused = await district.request("POST", PLANS, json=make.a_plan(), headers={"Idempotency-Key": key})
        assert refused.status_code == 400, key
    assert (await district.get(PLANS)).json()["items"] == []


@pytest.mark.parametrize("other", [make.a_plan(title="Khác"), make.a_plan(year=2028)])
async def test_a_key_serves_one_request_only(world, other):
    district = await world.as_(make.DISTRICT)
    await send(district, "k-1", make.a_plan())
    reused = await send(district, "k-1", other)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")


async def test_another_client_has_keys_of_its_own(world):
    first = await send(await world.as_(make.DISTRICT), "k-1", make.a_plan())
    second = await send(await world.as_(make.OTHER_DISTRICT), "k-1", make.a_plan())
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_a_failure_is_not_kept_and_may_be_tried_again(world):
    district = await world.as_(make.DISTRICT)
    assert (await send(district, "k-1", make.a_plan(year=1999))).status_code == 422
    assert (await send(district, "k-1", make.a_plan())).status_code == 201
    assert (await send(district, "k-2", make.a_plan())).status_code == 409
    rows = await kept(world)
    assert rows == 1


async def kept(world):
    async with world.sessions() as session:
        return await session.scalar(text("SELECT count(*) FROM idempotency_key"))


async def test_a_move_sent_again_with_its_key_is_replayed_before_its_version_is_looked_at(world):
    district = await world.as_(make.DISTRICT)
    plan = (await send(district, "k-1", make.a_plan())).json()
    headers = {"Idempotency-Key": "k-2", "If-Match": plan["etag"]}
    path = f"{PLANS}/{plan['id']}/submit"
    first = await district.request("POST", path, json=make.SUBMIT, headers=headers)
    again = await district.request("POST", path, json=make.SUBMIT, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()


async def test_a_replay_still_needs_the_token(world):
    district = await world.as_(make.DISTRICT)
    await send(district, "k-1", make.a_plan())
    anonymous = await world.api.post(PLANS, json=make.a_plan(), headers={"Idempotency-Key": "k-1"})
    assert anonymous.status_code == 401


async def test_what_is_shown_once_is_not_kept_readable(world):
    district = await world.as_(make.DISTRICT)
    body = {"url": "http://127.0.0.1:9/x", "event_types": ["plan.submitted"]}
    secret = (await send(district, "k-1", body, "/v1/webhook-endpoints")).json()["secret"]
    assert (await send(district, "k-1", body, "/v1/webhook-endpoints")).json()["secret"] == secret
    async with world.sessions() as session:
        stored = await session.scalar(text("SELECT string_agg(k::text, ' ') FROM idempotency_key AS k"))
    assert secret not in stored
    assert secret.removeprefix("whsec_") not in stored


@pytest.mark.real
async def test_sixty_at_once_with_one_key_make_one_plan(real_world):
    district = await real_world.as_(make.DISTRICT)
    answers = await asyncio.gather(*(send(district, "k-1", make.a_plan()) for _ in range(60)))
    codes = {answer.status_code for answer in answers}
    assert codes <= {201, 409}
    busy = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.json()["code"] == "idempotency-in-progress" for answer in busy)
    assert all(answer.headers["Retry-After"] == "1" for answer in busy)
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len((await district.get(PLANS)).json()["items"]) == 1
    assert (await send(district, "k-1", make.a_plan())).headers["idempotency-replayed"] == "true"


@pytest.mark.real
async def test_connections_killed_under_sixty_requests_with_one_key_leave_one_plan(real_world):
    district = await real_world.as_(make.DISTRICT)
    login = make_engine(real_world.url, role=None, pool_size=4)
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test' AND datname = :db"
    )
    answers = []

    async def insist():
        for _ in range(40):
            answer = await send(district, "k-1", make.a_plan())
            answers.append(answer.status_code)
            if answer.status_code == 201:
                return answer
            assert answer.status_code in {409, 429, 503}, answer.text
            await asyncio.sleep(0.2)
        raise AssertionError(answers)

    async def sabotage():
        for _ in range(4):
            await asyncio.sleep(0.03)
            async with login.begin() as connection:
                await connection.execute(kill, {"db": login.url.database})

    done = await asyncio.gather(sabotage(), *(insist() for _ in range(60)))
    await login.dispose()
    assert 503 in answers, "nothing was killed in the middle: the test proved nothing"
    assert len({answer.json()["id"] for answer in done[1:]}) == 1
    assert len((await district.get(PLANS)).json()["items"]) == 1
