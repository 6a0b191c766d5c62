"""What tests of the press work with: events in any state, guidance, the feed of an agency."""

from sqlmodel import select

from app.kit.db import transaction
from app.trail.models import Event
from tests import make
from tests.trail.hands import seal_here

OWNER, HOST, PRESS, OTHER_PRESS, OUTSIDER = make.DISTRICT, "so-ngoai-vu", "bao-dak-lak", "dai-ptth", "so-noi-vu"
COMMITTEE = "ubnd-tinh"
BECAUSE = {"reason": "Trùng lịch họp"}
LATER = BECAUSE | {"starts_at": "2099-03-17T08:30:00+07:00", "ends_at": "2099-03-17T10:00:00+07:00"}
CAME = {"attendance": [{"kind": "domestic_press", "bodies": 9, "people": 14}], "minutes": "Biên bản."}
BODIES = {
    "announce": make.SUBMIT,
    "postpone": BECAUSE,
    "reschedule": LATER,
    "cancel": BECAUSE,
    "hold": {},
    "conclude": CAME,
}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


async def done(answer, status=200):
    found = await answer
    assert found.status_code == status, found.text
    return found.json()


async def scheduled(world, slug=OWNER, **changes):
    caller = await world.as_(slug)
    return await done(caller.post("/v1/press-events", make.a_press_event(**changes)), 201)


async def moved(world, event, move, slug=OWNER, **changes):
    caller = await world.as_(slug)
    return await caller.post(f"/v1/press-events/{event['id']}/{move}", BODIES[move] | changes, "*")


async def an_event(world, *moves, slug=OWNER, **changes):
    """An event after these moves."""
    event = await scheduled(world, slug, **changes)
    for move in moves:
        event = await done(moved(world, event, move, slug))
    return event


async def patched(world, event, change, slug=OWNER, scope=None):
    caller = await world.as_(slug)
    path = f"/v1/press-events/{event['id']}" + (f"?scope={scope}" if scope else "")
    return await caller.request("PATCH", path, json=change, headers=MERGE_PATCH | {"If-Match": "*"})


async def read(world, slug, path):
    return await (await world.as_(slug)).get(path)


async def seen(world, slug, event):
    """The status of one look at an event."""
    return (await read(world, slug, f"/v1/press-events/{event['id']}")).status_code


async def listed(world, slug, path="/v1/press-events"):
    return [item["id"] for item in (await done(read(world, slug, path)))["items"]]


async def fed(world, slug, event, sealed=True):
    """The types of events about a resource that the feed tells an agency of."""
    if sealed:
        await seal_here(world.sessions)
    page = await done(read(world, slug, "/v1/events?limit=200"))
    return [item["type"] for item in page["items"] if item["data"]["resource"]["id"] == event["id"]]


async def recorded(world, event):
    """The events about a resource, in their order."""
    async with world.sessions() as session:
        found = select(Event).where(Event.resource_id == event["id"]).order_by(Event.id)
        return (await session.scalars(found)).all()


async def guided(world, event, slug=make.COORDINATOR, **changes):
    body = make.a_guidance(kind="briefing", press_event_id=event["id"], all_press=False, **changes)
    return await done((await world.as_(slug)).post("/v1/press-guidance", body), 201)


async def watched(world, step, moment):
    async with transaction(world.sessions) as session:
        return await step(session, moment)
