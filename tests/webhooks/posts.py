"""Endpoints, events and deliveries, as tests of delivering want them."""

from sqlalchemy import text

from app.kit.db import make_engine
from tests import make

PROVEN = """
    UPDATE webhook_endpoint SET state = 'active', verified_at = now(), last_success_at = now(), challenge_at = NULL
    WHERE state = 'pending'
"""


async def an_endpoint(world, caller, url, types=("plan.*",), **more):
    """Register an endpoint, proven as if its receiver had answered; the answer holds its secret."""
    made = await pending(caller, url, types, **more)
    engine = make_engine(world.url, role=None, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text(PROVEN))
    await engine.dispose()
    return made


async def pending(caller, url, types=("plan.*",), **more):
    """Register an endpoint that has still to prove itself."""
    made = await caller.post("/v1/webhook-endpoints", {"url": url, "event_types": list(types), **more})
    assert made.status_code == 201, made.text
    return made.json()


async def plans(caller, number=1, first=2014):
    """Make something happen, this often."""
    for year in range(first, first + number):
        made = await caller.post("/v1/plans", make.a_plan(year=year))
        assert made.status_code == 201, made.text


async def turn(worker):
    """Seal, claim and send once; wait until every answer is recorded."""
    while await worker.seal_once():
        pass
    count = 0
    while claimed := await worker.deliver_once():
        count += claimed
        for task in list(worker._under_way):
            await task
    return count


async def due_now(hands):
    """Let the waiting of every delivery be over."""
    await hands.sql("UPDATE webhook_delivery SET next_at = now() WHERE state = 'pending'")


async def leases_over(hands):
    """Let every lease have ended, as if its worker had died long ago."""
    await hands.sql("UPDATE webhook_delivery SET leased_until = now() - interval '1 second' WHERE leased_until > now()")


async def deliveries(hands, columns="state, attempts"):
    return await hands.sql(f"SELECT {columns} FROM webhook_delivery ORDER BY sequence, endpoint_id")


async def tries(caller):
    """The only delivery there is, with its attempts, as its owner sees it."""
    (item,) = (await caller.get("/v1/webhook-deliveries")).json()["items"]
    return (await caller.get(f"/v1/webhook-deliveries/{item['id']}")).json()
