"""Nothing is seen before its time, wherever one looks, and everything at its second (QC.D8.K3).

One set of events that could leak, every way to look: the public's JSON (list, filters, one, tags and dates), its
calendar and its feed, a press body's private calendar, the room itself with tokens, and the log of events.
"""

from datetime import datetime

import pytest

from app.press import event_watch
from tests import make
from tests.authorisation.expected import AGENCIES, READS_ALL
from tests.portal.hands import EVENTS, FEED, ICS, a_private_calendar, announced, at, entries, fresh, invited, look
from tests.portal.hands import subscribed as subscribed_to
from tests.press.hands import (
    COMMITTEE,
    OTHER_PRESS,
    OUTSIDER,
    OWNER,
    PRESS,
    an_event,
    done,
    fed,
    listed,
    moved,
    patched,
    seen,
    watched,
)

BEFORE, UNTIL = "2027-05-04T09:59:59.999999+07:00", "2027-05-04T10:00:00+07:00"
START = "2027-05-04T09:50:00+07:00"
TITLE = "Chuyện chưa được nói"
HELD_BACK = {"title": TITLE, "embargo_until": UNTIL, "summary": TITLE, "place": TITLE}
BEHIND = (OWNER, make.COORDINATOR, COMMITTEE)
OUTSIDE = sorted({OTHER_PRESS, *AGENCIES} - {*READS_ALL, OWNER, PRESS})
"""An agency for each function there is, but for those who may know of it before its time."""
HANDED_OUT = [{"title": TITLE, "link": "https://a.example/1", "embargo_until": UNTIL}]
QUERIES = ("", "?form=periodic_briefing", "?from=2099-03-01&to=2099-03-31", "?limit=200", "?language=vi")


async def public_answers(world, event):
    """Every public look in which the event could show: the text of each, with its tag and date."""
    agency = str(await world.agency_id(OWNER))
    paths = [f"{EVENTS}{query}" for query in (*QUERIES, f"?agency={agency}")]
    paths += [f"{feed}{query}" for feed in (ICS, FEED) for query in ("", "?language=en", f"?agency={agency}")]
    answers = {path: await look(world, path) for path in paths}
    one = await world.api.get(f"{EVENTS}/{event['id']}")
    said = {path: (answer.text, answer.headers["ETag"]) for path, answer in answers.items()}
    return said | {"one": (one.text if one.is_success else "", one.status_code)}


def shows(text, event):
    return any(word in text for word in (event["id"], event["uid"], TITLE))


async def private_calendars(world):
    paths = {}
    for slug in (PRESS, OTHER_PRESS):
        _, paths[slug] = await a_private_calendar(world, slug)
    return paths


async def test_an_event_under_embargo_is_seen_nowhere_before_its_second_and_everywhere_at_it(world):
    with at(START):
        await fresh(world)
        paths = await private_calendars(world)
        empty = await public_answers(world, {"id": "0" * 36})
        event = await announced(world, **HELD_BACK)
        await invited(world, event, PRESS)
    with at(BEFORE):
        await fresh(world)
        for path, said in (await public_answers(world, event)).items():
            assert said == (empty[path] if path != "one" else ("", 404)), path
        assert int((await look(world, EVENTS)).headers["Cache-Control"].rpartition("=")[2]) == 0
        for slug in OUTSIDE:
            assert (await seen(world, slug, event), await listed(world, slug), await fed(world, slug, event)) == (
                404, [], [],
            ), slug  # fmt: skip
        for slug in (*BEHIND, PRESS):
            assert await seen(world, slug, event) == 200, slug
        assert set(await subscribed_to(world, paths[PRESS])) == {event["uid"]}
        assert set(await subscribed_to(world, paths[OTHER_PRESS])) == set()
    with at(UNTIL):
        await fresh(world)
        for path, (text, _) in (await public_answers(world, event)).items():
            assert shows(text, event), path
        for slug in (*OUTSIDE, *BEHIND, PRESS):
            assert (await seen(world, slug, event), await listed(world, slug)) == (200, [event["id"]]), slug
        for slug in (PRESS, OTHER_PRESS):
            assert set(await subscribed_to(world, paths[slug])) == {event["uid"]}, slug
        found = (await entries(world))[event["id"]]
        assert datetime.fromisoformat(found.find("{*}updated").text) == datetime.fromisoformat(UNTIL)
        assert (await look(world, f"{EVENTS}/{event['id']}")).json()["changed_at"] == UNTIL


@pytest.mark.parametrize(
    ("moves", "changes", "host"),
    [
        ((), {}, OWNER),
        (("announce",), {"visibility": "internal"}, OWNER),
        (("announce",), {"visibility": "press"}, OWNER),
        (("announce",), {"visibility": "internal"}, make.OTHER_DISTRICT),
        (("announce", "cancel"), {"embargo_until": "2098-01-01T00:00:00+07:00"}, OWNER),
        (("announce", "postpone"), {"visibility": "press"}, OWNER),
    ],
)
async def test_what_is_not_for_everybody_never_changes_what_anybody_reads(world, moves, changes, host):
    empty = await public_answers(world, {"id": "0" * 36})
    event = await an_event(world, *moves, slug=host, title=TITLE, **changes)
    for path, said in (await public_answers(world, event)).items():
        assert said == (empty[path] if path != "one" else ("", 404)), path
    paths = await private_calendars(world)
    for slug in (PRESS, OTHER_PRESS):
        meant = changes.get("visibility") == "press" and bool(moves)
        assert (event["uid"] in await subscribed_to(world, paths[slug])) == meant, slug


async def test_what_was_public_and_is_no_longer_is_gone_from_everywhere(world):
    event = await announced(world, title=TITLE)
    for path, (text, _) in (await public_answers(world, event)).items():
        assert shows(text, event), path
    await done(patched(world, event, {"visibility": "internal"}))
    for path, (text, _) in (await public_answers(world, event)).items():
        assert not shows(text, event), path


async def test_what_was_called_off_before_its_embargo_ended_shows_as_called_off_when_it_does(world):
    with at(START):
        await fresh(world)
        event = await announced(world, **HELD_BACK)
        await done(moved(world, event, "cancel"))
    with at(BEFORE):
        assert await subscribed_to(world) == {}
    with at(UNTIL):
        assert (await subscribed_to(world))[event["uid"]].status.value == "CANCELLED"


async def test_materials_are_released_at_their_own_second_and_told_of_once(world):
    with at(START):
        await fresh(world)
        event = await announced(world)
        path = f"/v1/press-events/{event['id']}/materials"
        body = {"items": HANDED_OUT}
        await done((await world.as_(OWNER)).request("PUT", path, json=body, headers={"If-Match": "*"}))
    with at(BEFORE):
        before = await look(world, f"{EVENTS}/{event['id']}")
        assert before.json()["materials"] == []
        assert before.headers["Cache-Control"] == "public, max-age=0"
    with at(UNTIL):
        await fresh(world)
        found = await look(world, f"{EVENTS}/{event['id']}")
        assert [item["title"] for item in found.json()["materials"]] == [TITLE]
        assert found.headers["ETag"] != before.headers["ETag"]
        moment = datetime.fromisoformat(UNTIL)
        assert await watched(world, event_watch.release_materials, moment) == 1
        assert await watched(world, event_watch.release_materials, moment) == 0
        assert (await fed(world, OUTSIDER, event)).count("press_event.material_released") == 1


async def test_a_material_that_was_free_from_the_start_is_not_told_of(world):
    event = await announced(world)
    free = HANDED_OUT[0] | {"embargo_until": "2020-01-01T00:00:00+07:00"}
    path = f"/v1/press-events/{event['id']}/materials"
    for items in ([free], [HANDED_OUT[0] | {"internal": True}]):
        await done((await world.as_(OWNER)).request("PUT", path, json={"items": items}, headers={"If-Match": "*"}))
        moment = datetime.fromisoformat("2027-06-01T00:00:00+07:00")
        assert await watched(world, event_watch.release_materials, moment) == 0
