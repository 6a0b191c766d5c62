"""A few of the rounds that `make test-reliability` runs by the hundred."""

import pytest

from tests import make
from tests.webhooks import crash

pytestmark = pytest.mark.real


async def test_workers_killed_at_every_point_lose_nothing_and_repeat_only_with_the_same_id_and_body(own_database):
    found = await crash.killed_workers(own_database, rounds=3 * len(crash.POINTS))
    assert found["deliveries"] > 0
    for never in ("never received", "not recorded", "repeats with another body", "held by two at once"):
        assert found[never] == 0, found


async def test_what_an_api_process_acknowledged_stands_though_it_is_killed_again_and_again(real_world):
    token = await real_world.token(make.DISTRICT)
    found = await crash.killed_apis(real_world.url, token, rounds=3)
    assert found["answered 201"] > 0
    for never in ("acknowledged and lost", "made twice or unasked", "events that do not match"):
        assert found[never] == 0, found
