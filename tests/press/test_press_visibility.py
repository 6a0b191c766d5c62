"""Nobody learns of a press event before it may: by list, by one, by feed or by webhook (QC.D8.K3)."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kit.clock import now
from app.kit.db import transaction
from app.press import event_watch
from tests import make
from tests.obligations.hands import World
from tests.press.hands import (
    COMMITTEE,
    HOST,
    OTHER_PRESS,
    OUTSIDER,
    OWNER,
    PRESS,
    an_event,
    done,
    fed,
    guided,
    listed,
    moved,
    patched,
    read,
    recorded,
    scheduled,
    seen,
    watched,
)
from tests.trail.hands import Hands
from tests.webhooks.posts import an_endpoint, turn
from tests.webhooks.receiver import Receiver

EVERYBODY = (OWNER, HOST, make.COORDINATOR, COMMITTEE, PRESS, OTHER_PRESS, OUTSIDER, "tt-cong-ttdt")
BEHIND = {OWNER, HOST, make.COORDINATOR, COMMITTEE}
AHEAD = "2099-01-01T00:00:00+07:00"

# Of an event that names HOST beside OWNER and invites PRESS: who knows of it besides those behind it.
KNOWN = {
    ("draft", "public", None): set(),
    ("announced", "public", None): {PRESS, OTHER_PRESS, OUTSIDER, "tt-cong-ttdt"},
    ("announced", "press", None): {PRESS, OTHER_PRESS},
    ("announced", "internal", None): {PRESS},
    ("announced", "public", AHEAD): {PRESS},
    ("announced", "press", AHEAD): {PRESS},
    ("postponed", "public", None): {PRESS, OTHER_PRESS, OUTSIDER, "tt-cong-ttdt"},
    ("cancelled", "public", AHEAD): {PRESS},
    ("concluded", "press", None): {PRESS, OTHER_PRESS},
}
MOVES = {
    "draft": (),
    "announced": ("announce",),
    "postponed": ("announce", "postpone"),
    "cancelled": ("announce", "cancel"),
    "concluded": ("announce", "hold", "conclude"),
}


@pytest.fixture(scope="session")
def settings(server_url):
    """No limit on requests: a clock that stands still is one long minute."""
    return make.settings(server_url, rate_limit=0)


@pytest.fixture
async def world(sessions, api, app):
    return World(sessions, api, app)


async def with_guest(world, state, visibility, embargo):
    host = str(await world.agency_id(HOST))
    event = await scheduled(world, visibility=visibility, embargo_until=embargo, host_ids=[host])
    guest = {"agency_ids": [str(await world.agency_id(PRESS))], "accredit_before": "2099-03-09T17:00:00+07:00"}
    await done((await world.as_(OWNER)).post(f"/v1/press-events/{event['id']}/invitations", guest, "*"))
    for move in MOVES[state]:
        await done(moved(world, event, move))
    return event


@pytest.mark.parametrize(("state", "visibility", "embargo"), KNOWN)
async def test_lists_one_and_the_feed_agree_on_who_knows(world, state, visibility, embargo):
    event = await with_guest(world, state, visibility, embargo)
    for slug in EVERYBODY:
        knows = slug in BEHIND | KNOWN[state, visibility, embargo]
        assert await seen(world, slug, event) == (200 if knows else 404), slug
        assert (event["id"] in await listed(world, slug)) == knows, slug
        assert bool(await fed(world, slug, event)) == knows, slug
        materials = await read(world, slug, f"/v1/press-events/{event['id']}/materials")
        assert materials.status_code == (200 if knows else 404), slug


async def test_the_public_state_is_told_apart_from_the_work(world):
    for moves, visibility, embargo, public in (
        ((), "public", None, "hidden"),
        (("announce",), "public", None, "upcoming"),
        (("announce",), "press", None, "hidden"),
        (("announce",), "internal", None, "hidden"),
        (("announce",), "public", AHEAD, "hidden"),
        (("announce", "postpone"), "public", None, "postponed"),
        (("announce", "cancel"), "public", None, "cancelled"),
        (("announce", "cancel"), "press", None, "hidden"),
        (("announce", "hold"), "public", None, "past"),
        (("announce", "hold", "conclude"), "public", None, "past"),
    ):
        event = await an_event(world, *moves, visibility=visibility, embargo_until=embargo)
        assert event["public_state"] == public, (moves, visibility, embargo)
        assert event["id"] in await listed(world, OWNER, f"/v1/press-events?public_state={public}&limit=200")


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


async def fresh(world, *slugs):
    world._tokens.clear()
    await world.refresh()
    for slug in slugs:
        await world.as_(slug)


async def test_an_embargo_ends_on_its_second_by_the_clock_alone(world):
    until, before = "2027-05-04T10:00:00+07:00", "2027-05-04T09:59:59.999999+07:00"
    with at("2027-05-04T09:55:00+07:00"):
        await fresh(world)
        event = await with_guest(world, "announced", "public", until)
    with at(before):
        await fresh(world)
        for slug in (OUTSIDER, OTHER_PRESS):
            assert await seen(world, slug, event) == 404
            assert await listed(world, slug) == []
            assert await fed(world, slug, event) == []
        assert await watched(world, event_watch.release, now()) == 0
        hidden = await read(world, OWNER, f"/v1/press-events/{event['id']}")
    with at(until):
        await fresh(world)
        for slug in (OUTSIDER, OTHER_PRESS):
            assert await seen(world, slug, event) == 200
            assert event["id"] in await listed(world, slug)
        shown = await read(world, OWNER, f"/v1/press-events/{event['id']}")
        assert (hidden.json()["public_state"], shown.json()["public_state"]) == ("hidden", "upcoming")
        # The tag is another though no version was made: who has the old answer is not told that it still holds.
        assert hidden.headers["etag"] != shown.headers["etag"]
        assert await watched(world, event_watch.release, now()) == 1
        assert await watched(world, event_watch.release, now()) == 0
        assert "press_event.released" in await fed(world, OUTSIDER, event)


async def test_the_end_is_told_of_each_embargo_once_and_never_of_a_draft(world):
    past, until = "2027-05-03T10:00:00+07:00", "2027-05-04T10:00:00+07:00"
    with at("2027-05-04T09:00:00+07:00"):
        await fresh(world)
        draft = await scheduled(world, embargo_until=until)
        over = await an_event(world, "announce", embargo_until=past)
        event = await an_event(world, "announce", embargo_until=until)
    with at(until):
        await fresh(world)
        assert await watched(world, event_watch.release, now()) == 1
        await done(patched(world, event, {"embargo_until": "2027-05-04T11:00:00+07:00"}))
        assert await seen(world, OUTSIDER, event) == 404
        assert await watched(world, event_watch.release, now()) == 0
    with at("2027-05-04T11:00:00+07:00"):
        assert await watched(world, event_watch.release, now()) == 1
    for one, count in ((draft, 0), (over, 0), (event, 2)):
        assert [row.type for row in await recorded(world, one)].count("press_event.released") == count


async def test_materials_have_embargoes_of_their_own_and_some_are_internal(world):
    items = [
        {"title": "Thông cáo", "link": "https://a.example/1"},
        {"title": "Bài phát biểu", "link": "https://a.example/2", "embargo_until": AHEAD},
        {"title": "Dự thảo trả lời", "link": "https://a.example/3", "internal": True},
        {"title": "Đã hết hạn", "link": "https://a.example/4", "embargo_until": "2020-01-01T00:00:00+07:00"},
    ]
    event = await with_guest(world, "announced", "public", None)
    path = f"/v1/press-events/{event['id']}/materials"
    await done((await world.as_(OWNER)).put(path, {"items": items}, "*"))
    for slug in EVERYBODY:
        found = [item["title"] for item in (await done(read(world, slug, path)))["items"]]
        wanted = [item["title"] for item in items]
        assert found == (wanted if slug in BEHIND else [wanted[0], wanted[3]]), slug


async def test_guidance_is_read_by_its_writer_its_addressees_and_those_who_read_all(world):
    event = await with_guest(world, "announced", "public", None)
    addressee = str(await world.agency_id(OTHER_PRESS))
    guidance = await guided(world, event, HOST, addressee_ids=[addressee])
    readers = {HOST, OTHER_PRESS, make.COORDINATOR, COMMITTEE}  # neither the owner of the event, nor its guest
    for slug in EVERYBODY:
        answer = await read(world, slug, f"/v1/press-guidance/{guidance['id']}")
        assert answer.status_code == (200 if slug in readers else 404), slug
        assert (guidance["id"] in await listed(world, slug, "/v1/press-guidance")) == (slug in readers), slug
        assert bool(await fed(world, slug, guidance)) == (slug in readers), slug
        assert guidance["text"] not in (await read(world, slug, f"/v1/press-events/{event['id']}")).text


async def test_guidance_names_only_events_that_its_writer_may_know_of(world):
    draft = await scheduled(world)
    body = make.a_guidance(kind="briefing", press_event_id=draft["id"], all_press=False)
    answer = await (await world.as_(HOST)).post("/v1/press-guidance", body)
    assert answer.json()["errors"][0]["code"] == "unknown_event"
    assert answer.status_code == 422


async def test_supplied_information_is_for_its_agency_and_the_press_bodies_it_names(world):
    named = [str(await world.agency_id(PRESS))]
    body = make.a_supply(press_body_ids=named)
    supply = await done((await world.as_(OWNER)).post("/v1/information-supplies", body), 201)
    for slug in EVERYBODY:
        knows = slug in {OWNER, PRESS, make.COORDINATOR, COMMITTEE}
        answer = await read(world, slug, f"/v1/information-supplies/{supply['id']}")
        assert answer.status_code == (200 if knows else 404), slug
        assert (supply["id"] in await listed(world, slug, "/v1/information-supplies")) == knows, slug
        assert bool(await fed(world, slug, supply)) == knows, slug


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE press_event SET uid = 'x'",
        "UPDATE press_event SET sequence = sequence - 1",
        "UPDATE press_event SET state = 'announced'",
        "UPDATE press_event SET starts_at = now()",
        "UPDATE press_guidance SET text = 'x'",
        "DELETE FROM press_guidance",
    ],
)
async def test_the_database_itself_keeps_what_must_not_change(world, statement):
    event = await an_event(world, "announce", "hold", "conclude")
    await guided(world, event)
    with pytest.raises(DBAPIError):
        async with transaction(world.sessions) as session:
            await session.execute(text(statement))


def posted(receiver):
    return [json.loads(got.body) for got in receiver.got]


@pytest.mark.real
async def test_webhooks_tell_of_an_embargoed_event_only_once_it_is_over(real_world, own_database):
    world, hands = real_world, Hands(own_database)
    until = now() + timedelta(minutes=2)
    with Receiver() as stranger, Receiver() as guest:
        for slug, receiver in ((OUTSIDER, stranger), (PRESS, guest)):
            await an_endpoint(world, await world.as_(slug), receiver.url, ("press_event.*",))
        draft = await scheduled(world)
        event = await with_guest(world, "announced", "public", until.isoformat())
        await turn(hands.worker())
        assert "press_event.announced" in {told["type"] for told in posted(guest)}
        assert posted(stranger) == []
        with time_machine.travel(until):
            worker = hands.worker()
            await worker.watch_once()
            await turn(worker)
        (told,) = posted(stranger)
        assert (told["type"], told["data"]["resource"]["id"]) == ("press_event.released", event["id"])
        assert draft["id"] not in str([*posted(stranger), *posted(guest)])
    await hands.close()
