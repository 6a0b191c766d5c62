"""From the sealed log to the endpoints: a delivery for each one whose agency may see the event."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.access.grants import Scope
from app.access.snapshot import State
from app.kit.clock import now, today
from app.kit.driver import Statement, run
from app.kit.ids import new_id
from app.trail.feed import Sights, seen
from app.trail.models import Event
from app.trail.sealer import FanOut, Sealed
from app.webhooks.models import WebhookEndpoint

MOST_COMPILED = 256
"""Sets of functions whose statement is kept."""
ENDPOINTS = Statement(
    select(*(col(getattr(WebhookEndpoint, name)) for name in ("id", "agency_id", "function", "event_types")))
)
PUT = Statement(
    text("""
    INSERT INTO webhook_delivery (id, endpoint_id, event_id, event_type, sequence, state, attempts, next_at, created_at)
    SELECT t.*, 'pending', 0, now(), now() FROM unnest(
        CAST(:id AS uuid[]), CAST(:endpoint_id AS uuid[]), CAST(:event_id AS uuid[]), CAST(:event_type AS text[]),
        CAST(:sequence AS bigint[])
    ) AS t
    ON CONFLICT DO NOTHING
""")
)
EVERY = "*"
TEST = {"test": True}
"""What an event carries that only the endpoint it is about is told of."""


def actor_of(agency_id: UUID, state: State) -> Actor:
    """An agency as the one who is told: what it may see follows the functions it holds today."""
    return Actor(None, agency_id, state.functions(agency_id, today()), frozenset(Scope))


@dataclass(frozen=True, slots=True)
class Listener:
    """What the fan-out needs to know of an endpoint."""

    id: UUID
    agency_id: UUID
    function: str | None
    event_types: Sequence[str]


def told_as(endpoint: Listener, endpoints: Iterable[Listener], state: State) -> list[UUID]:
    """The agencies through whose eyes an endpoint's events are chosen: its own, as a rule.

    A subscription of a function that its agency holds no more waits for the new holders, whose eyes count, until one
    of them has an endpoint of its own for the function; from then on nothing more is put to the old one.
    """
    function, day = endpoint.function, today()
    if function is None or function in state.functions(endpoint.agency_id, day):
        return [endpoint.agency_id]
    holders = [agency for agency in state.held if function in state.functions(agency, day)]
    taken = any(other.function == function and other.agency_id in holders for other in endpoints)
    return [] if taken else holders or [endpoint.agency_id]


def fan_out(sights: Sights, state_now: Callable[[AsyncSession], Awaitable[State]]) -> FanOut:
    """Make the sealer's fan-out; endpoints that are not active are told as well, when they are."""

    @lru_cache(MOST_COMPILED)
    def may_see(shape: Actor) -> Statement:
        asked = col(Event.id) == any_(bindparam("ids", type_=ARRAY(Uuid)))
        return Statement(select(col(Event.id)).where(asked, seen(shape, sights)))

    async def spread(session: AsyncSession, sealed: Sealed) -> None:
        endpoints = [Listener(*found) for found in await run(session, ENDPOINTS, {})]
        if not endpoints:
            return
        state = await state_now(session)
        asked = {"ids": [event.id for _, event in sealed], "moment": now()}
        eyes = {endpoint.id: told_as(endpoint, endpoints, state) for endpoint in endpoints}
        visible: dict[UUID, set[UUID]] = {}
        for agency_id in {agency for told in eyes.values() for agency in told}:
            shape = actor_of(agency_id, state).shape
            found = await run(session, may_see(shape), asked | {"actor_agency": agency_id})
            visible[agency_id] = {id for (id,) in found}
        rows = [
            row(endpoint.id, event.id, event.type, sequence)
            for endpoint in endpoints
            for sequence, event in sealed
            if any(event.id in visible[agency] for agency in eyes[endpoint.id]) and wants(endpoint, event)
        ]
        await put(session, rows)

    return spread


def row(endpoint_id: UUID, event_id: UUID, type: str, sequence: int) -> dict[str, Any]:
    """A new delivery."""
    return {
        "id": new_id(),
        "endpoint_id": endpoint_id,
        "event_id": event_id,
        "event_type": type,
        "sequence": sequence,
    }


async def put(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Queue deliveries that are not there yet, due at once."""
    if rows:
        await run(session, PUT, {name: [one[name] for one in rows] for name in rows[0]})


def wants(endpoint: Listener, event: Event) -> bool:
    """Whether the endpoint is to be told: of a test of itself, and of the types it subscribed to."""
    if event.data.get("test"):
        return event.resource_id == endpoint.id
    return subscribed(endpoint.event_types, event.type)


def subscribed(event_types: Iterable[str], type: str) -> bool:
    """Whether the type is among these: by name, by `plan.*`, or by `*`."""
    return not {EVERY, type, f"{type.partition('.')[0]}.*"}.isdisjoint(event_types)
