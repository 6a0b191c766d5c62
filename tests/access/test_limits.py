"""Limits: shared by every process, in portions, and one client's flood is not another's."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from app.access import limits
from app.access.limits import Limiter
from app.kit.problems import QuotaExceeded
from app.main import create_app
from tests import make


async def spend(limiter, key, most):
    count = 0
    for _ in range(most):
        try:
            await limiter.take(key)
        except QuotaExceeded:
            continue
        count += 1
    return count


@pytest.fixture(autouse=True)
def one_window(monkeypatch):
    monkeypatch.setattr(limits, "this_window", lambda: (1_000_000, 30))


async def test_every_answer_tells_where_the_client_stands(world):
    district = await world.as_(make.DISTRICT)
    first = await district.get("/v1/me")
    assert first.headers["RateLimit-Policy"] == '"client";q=1200;w=60'
    second = await district.get("/v1/me")
    left = [int(answer.headers["RateLimit"].split("r=")[1].split(";")[0]) for answer in (first, second)]
    assert left[0] - left[1] == 1


async def test_a_client_that_spent_its_minute_is_told_when_to_come_back_and_others_are_served(
    sessions, world, settings
):
    app = create_app(settings.model_copy(update={"rate_limit": 5}), make.vault(), sessions=sessions)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as api:
        busy = make.Caller(api, await world.token(make.DISTRICT))
        calm = make.Caller(api, await world.token(make.OTHER_DISTRICT))
        codes = [(await busy.get("/v1/me")).status_code for _ in range(7)]
        assert codes == [200] * 5 + [429] * 2
        refused = await busy.get("/v1/me")
        assert refused.json()["code"] == "quota-exceeded"
        assert refused.headers["Retry-After"] == "30"
        assert refused.headers["RateLimit"] == '"client";r=0;t=30'
        assert (await calm.get("/v1/me")).status_code == 200


async def test_the_next_minute_begins_anew(sessions, monkeypatch):
    limiter, key = Limiter(sessions, 10), str(uuid4())
    assert await spend(limiter, key, 15) == 10
    monkeypatch.setattr(limits, "this_window", lambda: (1_000_001, 60))
    assert await spend(limiter, key, 15) == 10


async def test_no_limit_is_no_limit(sessions):
    assert await Limiter(sessions, 0).take("any") is None


@pytest.mark.real
async def test_four_processes_together_let_through_exactly_the_limit(real_world):
    sessions = real_world.app.state.sessions
    key = str(uuid4())
    counts = await asyncio.gather(*(spend(Limiter(sessions, 100), key, 100) for _ in range(4)))
    assert sum(counts) == 100


@pytest.mark.real
async def test_requests_that_arrive_together_share_one_portion(real_world):
    limiter, key = Limiter(real_world.app.state.sessions, 100), str(uuid4())
    standings = await asyncio.gather(*(limiter.take(key) for _ in range(60)))
    assert sorted(standing.remaining for standing in standings) == list(range(40, 100))
