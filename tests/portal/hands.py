"""What tests of the portal work with: looks without a token, feeds read by others than those who wrote them."""

from datetime import datetime
from xml.etree import ElementTree as ET

import time_machine
import vobject

from tests.press.hands import OWNER, an_event, done

ATOM = "{http://www.w3.org/2005/Atom}"
EVENTS, ICS, FEED = "/v1/public/press-events", "/v1/public/press-events.ics", "/v1/public/press-events.atom"


def at(moment):
    return time_machine.travel(datetime.fromisoformat(moment), tick=False)


async def fresh(world):
    """Tokens and functions of the present instant."""
    world._tokens.clear()
    await world.refresh()


async def look(world, path, status=200, **headers):
    answer = await world.api.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == status, answer.text
    return answer


async def ids(world, path=EVENTS):
    return [item["id"] for item in (await look(world, path)).json()["items"]]


def calendar(answer):
    """The events of a calendar by their uid, as a parser of its own reads them."""
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (found,) = vobject.readComponents(answer.content.decode())
    events = {event.uid.value: event for event in found.contents.get("vevent", ())}
    assert len(events) == len(found.contents.get("vevent", ()))
    return events


async def subscribed(world, path=ICS):
    return calendar(await look(world, path))


async def entries(world, path=FEED):
    """The entries of the Atom feed by the id of their event."""
    answer = await look(world, path)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    return {entry.find(f"{ATOM}id").text.rpartition("/")[2]: entry for entry in root.iter(f"{ATOM}entry")}


async def announced(world, slug=OWNER, **changes):
    return await an_event(world, "announce", slug=slug, **changes)


async def invited(world, event, slug, host=OWNER):
    guest = {"agency_ids": [str(await world.agency_id(slug))], "accredit_before": "2099-03-09T17:00:00+07:00"}
    return await done((await world.as_(host)).post(f"/v1/press-events/{event['id']}/invitations", guest, "*"))


async def a_private_calendar(world, slug, **changes):
    """What a press body was given, and the path of its calendar."""
    body = {"name": "Lịch của tòa soạn"} | changes
    made = await done((await world.as_(slug)).post("/v1/press-feeds", body), 201)
    return made, made["url"].removeprefix("http://test")
