"""The coordinator's monthly duty is met by guidance at a concluded briefing, whoever hosts it (QC.D8.K7)."""

from datetime import datetime

import pytest
import time_machine

from app.kit.clock import now
from app.obligations import watch
from tests import make
from tests.obligations.hands import World
from tests.press.hands import BODIES, HOST, OWNER, done, guided, moved, scheduled, watched

DUTY = "QC.D8.K7"
IN_MARCH = {"starts_at": "2027-03-10T08:30:00+07:00", "ends_at": None}


@pytest.fixture(scope="session")
def settings(server_url):
    return make.settings(server_url, rate_limit=0)


@pytest.fixture
async def world(sessions, api, app):
    return World(sessions, api, app)


@pytest.fixture
async def march(world):
    """The tenth of March 2027, with what is owed for that year."""
    with time_machine.travel(datetime.fromisoformat("2027-03-10T11:00:00+07:00"), tick=False) as traveller:
        await world.refresh()
        await watched(world, watch.expect, now())
        yield traveller


async def owed(world, month):
    coordinator = await world.as_(make.COORDINATOR)
    items = (await done(coordinator.get(f"/v1/obligations?duty={DUTY}&year=2027&limit=200")))["items"]
    (found,) = [item for item in items if item["period"] == month]
    return found


async def concluded(world, slug=OWNER, **changes):
    event = await scheduled(world, slug, **IN_MARCH | changes)
    for move in ("announce", "hold"):
        await done(moved(world, event, move, slug))
    return event


async def conclude(world, event, slug=OWNER):
    await done(moved(world, event, "conclude", slug))


async def withdrawn(world, guidance, slug=make.COORDINATOR):
    caller = await world.as_(slug)
    await done(caller.post(f"/v1/press-guidance/{guidance['id']}/withdraw", {"reason": "Sai"}, "*"))


@pytest.mark.provision("QC.D8.K7")
@pytest.mark.parametrize("host", [OWNER, make.COORDINATOR, HOST])
async def test_a_concluded_briefing_with_guidance_meets_its_month_whoever_hosts_it(world, march, host):
    event = await concluded(world, host)
    guidance = await guided(world, event)
    assert (await owed(world, "2027-03"))["state"] == "due"
    await conclude(world, event, host)
    found = await owed(world, "2027-03")
    assert found["state"] == "received_on_time"
    assert (found["submission"]["type"], found["submission"]["id"]) == ("press_guidance", guidance["id"])
    assert (await owed(world, "2027-02"))["state"] == "overdue"
    assert (await owed(world, "2027-04"))["state"] == "not_due"


async def test_guidance_may_also_come_after(world, march):
    event = await concluded(world)
    await conclude(world, event)
    assert (await owed(world, "2027-03"))["state"] == "due"
    await guided(world, event)
    assert (await owed(world, "2027-03"))["state"] == "received_on_time"


@pytest.mark.parametrize(
    "changes",
    [
        {"form": "press_conference"},
        {"extraordinary": True},
        {"starts_at": "2027-04-01T00:00:00+07:00"},
    ],
)
async def test_what_is_no_regular_briefing_of_the_month_meets_nothing(world, march, changes):
    event = await concluded(world, **changes)
    await guided(world, event)
    await conclude(world, event)
    assert (await owed(world, "2027-03"))["state"] == "due"


async def test_neither_another_s_guidance_nor_none_meets_it(world, march):
    event = await concluded(world)
    await guided(world, event, HOST)
    await conclude(world, event)
    assert (await owed(world, "2027-03"))["state"] == "due"


async def test_a_briefing_that_is_not_concluded_meets_nothing(world, march):
    event = await concluded(world)
    await guided(world, event)
    assert (await owed(world, "2027-03"))["state"] == "due"


async def test_guidance_that_is_withdrawn_opens_the_month_again(world, march):
    event = await concluded(world)
    guidance = await guided(world, event)
    await conclude(world, event)
    await withdrawn(world, guidance)
    found = await owed(world, "2027-03")
    assert (found["state"], found["submission"]) == ("due", None)


async def test_other_guidance_of_the_month_takes_the_place_of_what_is_withdrawn(world, march):
    first, second = [await concluded(world) for _ in range(2)]
    one, two = await guided(world, first), await guided(world, second)
    await conclude(world, first)
    await conclude(world, second)
    await withdrawn(world, one)
    found = await owed(world, "2027-03")
    assert (found["state"], found["submission"]["id"]) == ("received_on_time", two["id"])
    await withdrawn(world, two)
    assert (await owed(world, "2027-03"))["state"] == "due"


async def test_the_month_s_last_second_counts_and_the_next_month_s_first_is_late(world, march):
    event = await scheduled(world, **IN_MARCH)
    await done(moved(world, event, "announce"))
    for moment, state in (
        ("2027-03-31T23:59:59.999999+07:00", "received_on_time"),
        ("2027-04-01T00:00:00+07:00", "received_late"),
    ):
        march.move_to(datetime.fromisoformat("2027-03-10T11:00:00+07:00"))
        world._tokens.clear()
        await world.refresh()
        event = await scheduled(world, **IN_MARCH)
        await done(moved(world, event, "announce"))
        guidance = await guided(world, event)
        march.move_to(datetime.fromisoformat(moment))
        world._tokens.clear()
        await world.refresh()
        await done(moved(world, event, "hold"))
        march.move_to(datetime.fromisoformat("2027-04-02T08:00:00+07:00"))
        world._tokens.clear()
        await world.refresh()
        await done(moved(world, event, "conclude"))  # minutes that are written later change nothing
        assert (await owed(world, "2027-03"))["state"] == state
        await withdrawn(world, guidance)


async def test_a_nil_return_stands_and_a_briefing_then_changes_nothing(world, march):
    found = await owed(world, "2027-03")
    coordinator = await world.as_(make.COORDINATOR)
    nil = {"no_state_secret": True, "reason": "Tháng này không giao ban"}
    await done(coordinator.move(found, "nil-return", nil, "obligations"))
    event = await concluded(world)
    await guided(world, event)
    await conclude(world, event)
    assert (await owed(world, "2027-03"))["state"] == "nil_return"


async def test_months_without_show_in_the_matrix(world, march):
    event = await concluded(world)
    await guided(world, event)
    await conclude(world, event)
    coordinator = await world.as_(make.COORDINATOR)
    matrix = await done(coordinator.get(f"/v1/obligations/matrix?year=2027&duty={DUTY}"))
    assert DUTY in str(matrix)
    assert BODIES["conclude"]["minutes"] not in str(matrix)
