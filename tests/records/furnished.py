"""A service with one record of each kind in each of its states, made over HTTP by who may."""

from collections import deque
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlmodel import select
from starlette.datastructures import State

from app.main import furnish
from app.records.kinds import KINDS
from app.trail.models import Event
from tests import make
from tests.records.hands import before, done
from tests.records.table import SLUGS, TABLE
from tests.trail.hands import seal_here

DOCUMENT = {"number": "512/QĐ-UBND", "issued_on": "2027-03-04", "issuer": "UBND tỉnh"}
NOTE = "Theo ý kiến chỉ đạo."


def body_of(kind, named=(), **changes):
    """A body that makes one: the example of its kind, with agencies by role."""
    agencies = [{"role": role, "agency_id": str(id)} for role, id in named]
    return {**kind.example, "no_state_secret": True, "named": agencies, **changes}


def said_with(step, kind, into=None):
    """What a move asks for."""
    said = {}
    if step.reasons:
        said["reason"] = str(next(iter(step.reasons)))
    if step.needs_note or (said.get("reason") == "other" and not kind.textless):
        said["note"] = NOTE
    if step.needs_document:
        said["document"] = DOCUMENT
    if step.merges:
        said["into_id"] = into
    return said


def path_to(kind, state):
    """The shortest way of moves from the first state to this one."""
    ways, seen = deque([(kind.initial, ())]), {kind.initial}
    while ways:
        here, way = ways.popleft()
        if here == state:
            return way
        for step in kind.steps:
            to = step.leads(here)
            if here in step.sources and to not in seen:
                seen.add(to)
                ways.append((to, (*way, step)))
    msg = f"{kind.name}: no way to {state}"
    raise LookupError(msg)


@asynccontextmanager
async def on_stage(engine, built, server_url):
    """Records on a service of their own, shared by the tests of a file and rolled back in the end."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint", info={"poke": None}
        )
        built.state = State()
        furnish(built, make.settings(server_url, rate_limit=0), make.vault(), sessions)
        transport = httpx.ASGITransport(built, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
            yield Records(make.World(sessions, api, built))
        await transaction.rollback()


class Records:
    """Records as the agencies of the table make them."""

    def __init__(self, world):
        self.world, self.rows = world, {}

    async def caller(self, column):
        return await self.world.as_(SLUGS[column])

    async def create(self, name, column=None, named=True, **changes):
        """One of a kind, by the owner that the table says (or by another column)."""
        entry = TABLE[name]
        roles = [(entry.named, await self.world.agency_id(SLUGS["NAMED"]))] if entry.named and named else []
        caller = await self.caller(column or entry.owner)
        return await caller.post("/v1/records", body_of(KINDS[name], roles, **changes))

    async def made(self, name, *moves, **changes):
        """One of a kind after these moves, each by the first who may."""
        row = await done(self.create(name, **changes), 201)
        for move in moves:
            row = await done(self.move(row, move))
        return row

    async def move(self, row, move, column=None, **said):
        """Make a move, by the first column that the table lets."""
        kind, entry = KINDS[row["details"]["kind"]], TABLE[row["details"]["kind"]]
        step = kind.step(move)
        into = (await self.made(kind.name))["id"] if step.merges and "into_id" not in said else None
        by = column or (entry.owner if entry.owner in entry.moves[move] else min(entry.moves[move]))
        caller = await self.caller(by)
        said = said_with(step, kind, into) | said
        path = f"/v1/records/{row['id']}/moves/{move}"
        return await caller.request("POST", path, json=said, headers={"If-Match": "*"})

    async def read(self, column, row):
        """What one column is answered about a record."""
        return await (await self.caller(column)).get(f"/v1/records/{row['id']}")

    async def edit(self, row, **changes):
        """Change some members, by its own agency."""
        caller = await self.caller(TABLE[row["details"]["kind"]].owner)
        headers = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
        change = {"no_state_secret": True, **changes}
        return await caller.request("PATCH", f"/v1/records/{row['id']}", json=change, headers=headers)

    async def contribute(self, column, row, **said):
        """Add something to a record."""
        body = {"no_state_secret": True, "kind": "comment", "text": NOTE, **said}
        return await (await self.caller(column)).post(f"/v1/records/{row['id']}/contributions", body)

    async def seen(self, column, row):
        """The status of one look."""
        return (await self.read(column, row)).status_code

    async def pages(self, column, path):
        """The items of all pages of a list."""
        caller, cursor, found = await self.caller(column), None, []
        while True:
            page = await done(caller.get(path + (f"&cursor={cursor}" if cursor else "")))
            found += page["items"]
            if page["next_cursor"] in {None, cursor} or not page["items"]:
                return found
            cursor = page["next_cursor"]

    async def heard(self, column, row=None):
        """What the feed tells an agency: the types of events, about one record or about each."""
        await seal_here(self.world.sessions)
        caller, heard, last = await self.caller(column), {}, await before(self.world, row) if row else 0
        while True:
            page = await done(caller.get(f"/v1/events?limit=200&after={last}"))
            for item in page["items"]:
                heard.setdefault(item["data"]["resource"]["id"], []).append(item["type"])
            if page["last_sequence"] == last:
                break
            last = page["last_sequence"]
        return heard.get(row["id"], []) if row else heard

    async def copied(self, column):
        """What an agency that keeps a copy is given from the start: the ids of records."""
        caller, since, found = await self.caller(column), "", []
        while True:
            page = await done(caller.get(f"/v1/changes?types=record&limit=200{since}"))
            found += [item["id"] for item in page["items"] if "removed" not in item]
            if "sync_token" in page:
                return set(found)
            since = f"&since={page['next_page']}"

    async def delivered(self, column):
        """The ids of what the webhook of an agency is about to be told of."""
        async with self.world.sessions() as session:
            about = dict((await session.execute(select(Event.id, Event.resource_id))).all())
        rows = await self.pages(column, "/v1/webhook-deliveries?limit=200")
        return {str(about[UUID(row["event_id"])]) for row in rows}

    async def furnish(self):
        """One of each kind in each state."""
        for name in TABLE:
            for state in type(KINDS[name].initial):
                way = [step.name for step in path_to(KINDS[name], state)]
                self.rows[name, str(state)] = await self.made(name, *way)
        return self
