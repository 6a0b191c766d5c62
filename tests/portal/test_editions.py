"""A thousand polls cost one build; a change, another; what nobody sees, none (on every process within a second)."""

import asyncio
import time

import pytest

from app.kit.reader import Reader
from app.portal.editions import Editions
from tests import make
from tests.portal.hands import EVENTS, ICS, announced, at, fresh, look
from tests.press.hands import done, patched, scheduled

POLLS = 1_000


async def test_a_thousand_polls_of_an_unchanged_feed_cost_one_build_and_an_edit_one_more(world):
    event = await announced(world)
    editions = world.app.state.editions
    editions.standing.stale = 3600.0  # the polls of one moment, so that only builds count
    tag = (await look(world, ICS)).headers["ETag"]
    polls = [await world.api.get(ICS, headers={"If-None-Match": tag}) for _ in range(POLLS)]
    assert {answer.status_code for answer in polls} == {304}
    assert editions.builds["press_event"] == 1
    editions.standing.stale = -1
    await done(patched(world, event, {"place": "Hội trường"}))
    assert (await look(world, ICS)).headers["ETag"] != tag
    for _ in range(10):
        await look(world, ICS)
    assert editions.builds["press_event"] == 2


async def test_a_draft_costs_no_build(world):
    await announced(world)
    await look(world, ICS)
    await scheduled(world, make.OTHER_DISTRICT)
    await look(world, ICS)
    assert world.app.state.editions.builds["press_event"] == 1


async def test_an_embargo_costs_one_build_at_its_very_instant(world):
    with at("2027-05-04T09:59:00+07:00"):
        await fresh(world)
        await announced(world, embargo_until="2027-05-04T10:00:00+07:00")
    for moment, builds in (("09:59:10", 1), ("09:59:59.999999", 1), ("10:00:00", 2), ("10:00:01", 2), ("23:59:59", 2)):
        with at(f"2027-05-04T{moment}+07:00"):
            await look(world, ICS)
        assert world.app.state.editions.builds["press_event"] == builds, moment


async def test_each_question_has_its_own_edition_and_the_oldest_make_room(world, monkeypatch):
    await announced(world)
    monkeypatch.setattr("app.portal.editions.MOST_KEPT", 2)
    editions = world.app.state.editions
    for query in ("", "?form=other", "?form=direct_supply", ""):
        await look(world, f"{EVENTS}{query}")
    assert editions.builds["press_event"] == 4
    assert len(editions._kept) == 2
    assert editions._size == sum(edition.size for edition in editions._kept.values())


@pytest.mark.real
async def test_many_who_ask_at_once_wait_for_one_build_and_every_process_follows_within_a_second(real_world):
    event = await announced(real_world)
    editions = real_world.app.state.editions
    answers = await asyncio.gather(*(real_world.api.get(ICS) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert editions.builds["press_event"] == 1
    # Another process on the same database.
    real_world.app.state.editions = other = Editions(Reader(real_world.app.state.sessions.kw["bind"]))
    tag = (await look(real_world, ICS)).headers["ETag"]
    assert tag == answers[0].headers["ETag"]
    await done(patched(real_world, event, {"place": "Hội trường"}))
    began = time.monotonic()
    for process in (editions, other):
        real_world.app.state.editions = process
        while (await look(real_world, ICS)).headers["ETag"] == tag:
            assert time.monotonic() - began < 1.0
            await asyncio.sleep(0.02)
        assert process.builds["press_event"] == 2
