"""Who is told of what a provision orders: what the feed says, and what the webhooks are about to deliver."""

from sqlalchemy import text

from app.kit.db import transaction
from app.rooms import PATHS, SIGHTS, names_of
from app.trail.sealer import Sealing, seal
from app.webhooks.fan_out import fan_out
from tests import make

COMMITTEE, FOREIGN, PRESS, OUTSIDER = "ubnd-tinh", "so-ngoai-vu", "bao-dak-lak", "so-noi-vu"


SUBMITTED = tuple(f"{name}.*" for name in ("plan", "report", "focal_point", "press_event", "information_supply"))


async def listening(world, *slugs, types=SUBMITTED):
    """A webhook of each agency that takes all it may know of among these."""
    for slug in slugs:
        body = {"url": f"http://127.0.0.1:9/{slug}", "event_types": [*types]}
        answer = await (await world.as_(slug)).post("/v1/webhook-endpoints", body)
        assert answer.status_code == 201, answer.text


async def sealed(world):
    """What a worker makes of what has happened: the ledger, and a delivery for each endpoint that may know."""
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE ttdn_worker"))
        while await seal(
            session, Sealing("http://test", PATHS, names_of, fan_out(SIGHTS, world.app.state.snapshot.now))
        ):
            pass
        await session.execute(text("SET LOCAL ROLE ttdn_app"))


async def feed(world, slug):
    """Every event that an agency is told of, in the ledger's order."""
    await sealed(world)
    caller, found, after, full = await world.as_(slug), [], 0, True
    while full:
        page = (await caller.get("/v1/events", params={"after": after, "limit": 200})).json()
        found += page["items"]
        after, full = page["last_sequence"], len(page["items"]) == 200
    return found


async def told(world, slug, row):
    """The events about a resource that an agency is told of, each with the provisions it cites."""
    known = [item for item in await feed(world, slug) if item["data"]["resource"]["id"] == row["id"]]
    return {item["type"]: item["data"]["provisions"] for item in known}


async def delivered(world, slug):
    """The types of the events that stand in deliveries to an agency's webhook, oldest first."""
    types = {item["data"]["event_id"]: item["type"] for item in await feed(world, slug)}
    rows = (await get(world, slug, "/v1/webhook-deliveries?limit=200"))["items"]
    return [types[row["event_id"]] for row in sorted(rows, key=lambda row: row["sequence"])]


async def post(world, slug, path, body, status=201):
    """A request that must be answered so; on whatever version stands."""
    answer = await (await world.as_(slug)).post(path, body, None if status == 201 else "*")
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(world, slug, path):
    """What an agency reads."""
    answer = await (await world.as_(slug)).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def status(world, slug, path):
    """How an agency is answered."""
    return (await (await world.as_(slug)).get(path)).status_code


async def submitted(world, slug, path, body):
    """Something an agency drafted and sent."""
    row = await post(world, slug, path, body)
    return await post(world, slug, f"{path}/{row['id']}/submit", make.SUBMIT, 200)
