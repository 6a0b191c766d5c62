"""The sealer: numbers committed events without gaps, freezes what is told of them, chains their hashes, fans them out.

A cursor over the events' own numbers would lose those that commit late. Here one leader at a time takes what has
committed, in insert order, and gives it the next numbers; the writers pay nothing for it.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.kit.clock import ZONE, local, now
from app.kit.driver import PLAN_ONCE, Statement, run
from app.kit.writes import fresh
from app.trail.models import AgencyNameAt, Event, Ledger, Outbox
from app.trail.poke import SEALED
from app.trail.record import ON_BEHALF_OF

LEADER = 0x7474646E  # one advisory lock for every process on this database
GENESIS = bytes(32)
_HASHED = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)

EVENT = [column.name for column in Event.__table__.c]  # type: ignore[attr-defined]
LEAD = Statement(select(func.pg_try_advisory_xact_lock(LEADER), PLAN_ONCE))
TAKE = Statement(
    select(col(Outbox.position), *(col(getattr(Event, name)) for name in EVENT))
    .join(Event, col(Event.id) == col(Outbox.event_id))
    .order_by(col(Outbox.position))
    .limit(bindparam("batch", type_=Integer))
)
LAST = Statement(select(col(Ledger.sequence), col(Ledger.hash)).order_by(col(Ledger.sequence).desc()).limit(1))
WRITE = Statement(
    text("""
    WITH sealed AS (
        INSERT INTO ledger (sequence, event_id, sealed_at, body, hash) SELECT * FROM unnest(
            CAST(:sequence AS bigint[]), CAST(:event_id AS uuid[]), CAST(:sealed_at AS timestamptz[]),
            CAST(:body AS text[]), CAST(:hash AS bytea[])
        )
    ), done AS (DELETE FROM outbox WHERE position = ANY(CAST(:positions AS bigint[])))
    SELECT pg_notify(:channel, '')
    """)
)

Sealed = Sequence[tuple[int, Event]]
FanOut = Callable[[AsyncSession, Sealed], Awaitable[None]]
Names = Callable[[AsyncSession, set[UUID]], Awaitable[Sequence[AgencyNameAt]]]


@dataclass(frozen=True, slots=True)
class Sealing:
    """What the sealer must be told by the floors above: addresses, names, and who wants to know."""

    base_url: str
    paths: Mapping[str, str | None]
    names: Names
    fan_out: FanOut


async def seal(session: AsyncSession, how: Sealing, batch: int = 500) -> int:
    """Seal up to `batch` committed events in this transaction; 0 when there is nothing, or another process leads."""
    if not (await run(session, LEAD, {}))[0][0]:
        return 0
    taken = await run(session, TAKE, {"batch": batch})
    if not taken:
        return 0
    events = [_event(row[1:]) for row in taken]
    last = await run(session, LAST, {})
    sequence, chain = last[0] if last else (0, GENESIS)
    agencies = {i for event in events for i in (event.agency_id, event.actor_agency_id, _named(event)) if i}
    names = await how.names(session, agencies)
    entries = []
    for event in events:
        sequence += 1
        body = to_json(compose(event, sequence, how, names)).decode()
        entry = Ledger(sequence=sequence, event_id=event.id, sealed_at=now(), body=body, hash=b"")
        chain = entry.hash = link(chain, entry, event)
        entries.append(entry)
    await how.fan_out(session, [(entry.sequence, event) for entry, event in zip(entries, events, strict=True)])
    columns = {name: [getattr(entry, name) for entry in entries] for name in Ledger.model_fields}
    await run(session, WRITE, columns | {"positions": [row[0] for row in taken], "channel": SEALED})
    return len(entries)


def _event(row: Sequence[Any]) -> Event:
    return fresh(Event, dict(zip(EVENT, row, strict=True)))


def _named(event: Event) -> UUID | None:
    """The agency in whose name another acted."""
    named = event.data.get(ON_BEHALF_OF)
    return UUID(named) if named else None


def compose(event: Event, sequence: int, how: Sealing, names: Sequence[AgencyNameAt]) -> dict[str, Any]:
    """The thin body that feed and webhooks carry: what happened to which resource, no content of it."""

    def agency(id: UUID | None) -> dict[str, str] | None:
        day = event.occurred_at.astimezone(ZONE).date()
        named = (
            n.name for n in names if n.agency_id == id and n.valid_from <= day and (not n.valid_to or day < n.valid_to)
        )
        return {"id": str(id), "name": next(named, "")} if id else None

    path = how.paths[event.resource_type]
    url = f"{how.base_url}{path.format(id=event.resource_id)}" if path else None
    return {
        "type": event.type,
        "timestamp": local(event.occurred_at).isoformat(),
        "data": {
            "event_id": str(event.id),
            "sequence": sequence,
            "test": event.data.get("test") is True,
            "resource": {
                "type": event.resource_type,
                "id": str(event.resource_id),
                "version": event.resource_version,
                "url": url,
            },
            "agency": agency(event.agency_id),
            "actor": agency(event.actor_agency_id),
            "on_behalf_of": agency(_named(event)),
            "period": event.period,
            "state": event.state,
            "previous_state": event.previous_state,
            "provisions": event.provisions,
            "feed": f"{how.base_url}/v1/events?after={sequence - 1}",
        },
    }


def link(previous: bytes, entry: Ledger, event: Event) -> bytes:
    """The hash that binds an event's facts, its place, and its frozen body to everything before it."""
    return chained(previous, (entry.sequence, entry.sealed_at, entry.body), event.model_dump())


def chained(previous: bytes, entry: tuple[int, datetime, str], event: Mapping[str, Any]) -> bytes:
    """The same, of what was read without an ORM: sequence, time of sealing, body; and the event's columns."""
    sequence, sealed_at, body = entry
    # What is null is left out: a column added later must not alter the hashes of the rows from before it.
    facts = {name: value for name, value in event.items() if value is not None}
    text = _HASHED.encode([sequence, sealed_at, facts, body])
    return hashlib.sha256(previous + text.encode()).digest()
