"""What tests of records work with: bodies of any kind, records after any moves, what an agency is told."""

from uuid import UUID

from sqlmodel import func, select

from app.access.grants import READS_ALL
from app.flow.machine import Party
from app.records.kinds import KINDS
from app.trail.models import Event, Ledger
from tests import make
from tests.trail.hands import seal_here

# One agency of the register for each function; a kind that everybody records is recorded by the district.
HOLDERS = {
    "UBND": "ubnd-tinh", "VPUBND": "vp-ubnd", "COORD": make.COORDINATOR, "FOREIGN": "so-ngoai-vu", "INVEST": "so-khdt",
    "CULTURE": "so-vhttdl", "FINANCE": make.FINANCE, "POLICE": "cong-an-tinh", "BORDER": "bch-bdbp",
    "CUSTOMS": "cuc-hai-quan", "PROPAGANDA": "ban-tuyen-giao", "PRESS": "bao-dak-lak", "PORTAL": "tt-cong-ttdt",
    "DISTRICT": make.DISTRICT, "MEMBER": make.DISTRICT,
}  # fmt: skip
VISITED = make.OTHER_DISTRICT
"""The agency that records name."""
OUTSIDER = "so-noi-vu"
MERGE_PATCH = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
DOCUMENT = {"number": "15/QĐ-UBND", "issued_on": "2027-01-05", "issuer": "UBND tỉnh"}


def a_body(kind, **changes):
    """The kind's own example, as a body."""
    return {**KINDS[kind].example, "no_state_secret": True, **changes}


def writer(kind):
    """An agency that records the kind."""
    writers = KINDS[kind].writers
    return HOLDERS[next((f for f in HOLDERS if f in writers), "MEMBER")]


def mover(kind, step):
    """An agency that makes a move; the one named is VISITED."""
    match step.party:
        case Party.owner:
            return writer(kind)
        case Party.named:
            return VISITED
    return HOLDERS[next(f for f in HOLDERS if f in step.holders)]


def said(step, other=None):
    """What a move asks for."""
    body = {}
    if step.reasons:
        body["reason"] = next(reason.value for reason in step.reasons if reason.value != "other")
    if step.needs_note:
        body["note"] = "Đã xem xét."
    if step.needs_document:
        body["document"] = DOCUMENT
    return body | ({"into_id": other} if step.merges else {})


async def named(world, kind):
    """Every role of the kind, filled by VISITED."""
    id = str(await world.agency_id(VISITED))
    return [{"role": role, "agency_id": id} for role in KINDS[kind].named]


async def done(answer, status=200):
    found = await answer
    assert found.status_code == status, found.text
    return found.json() if found.content else None


async def recorded(world, kind, slug=None, **changes):
    """A record of a kind, by an agency that records it."""
    changes.setdefault("named", await named(world, kind))
    caller = await world.as_(slug or writer(kind))
    return await done(caller.post("/v1/records", a_body(kind, **changes)), 201)


async def move(world, record, name, slug=None, **body):
    """The answer to one move, by an agency that makes it unless another is named."""
    step = KINDS[record["kind"]].step(name)
    caller = await world.as_(slug or mover(record["kind"], step))
    return await caller.post(f"/v1/records/{record['id']}/moves/{name}", said(step) | body, "*")


async def moved(world, record, name, slug=None, **body):
    return await done(move(world, record, name, slug, **body))


async def a_record(world, kind, *moves, **changes):
    """A record after these moves."""
    record = await recorded(world, kind, **changes)
    for name in moves:
        record = await moved(world, record, name, **await target(world, record, name))
    return record


async def target(world, record, name):
    """For a merge: another record of the kind to go on for both."""
    if not KINDS[record["kind"]].step(name).merges:
        return {}
    return {"into_id": (await recorded(world, record["kind"]))["id"]}


def way_to(kind, state):
    """The moves that lead from the first state to this one."""
    ways, waiting = {str(kind.initial): []}, [str(kind.initial)]
    while waiting:
        here = waiting.pop(0)
        for step in kind.steps:
            if here in step.sources and step.leads(here) not in ways:
                ways[step.leads(here)] = [*ways[here], step.name]
                waiting.append(str(step.leads(here)))
    return ways[state]


async def read(world, slug, record):
    """The status of one look at a record."""
    return (await (await world.as_(slug)).get(f"/v1/records/{record['id']}")).status_code


async def listed(world, slug, query=""):
    caller = await world.as_(slug)
    return [item["id"] for item in (await done(caller.get(f"/v1/records?limit=200{query}")))["items"]]


async def patched(world, record, change, slug=None):
    caller = await world.as_(slug or writer(record["kind"]))
    path = f"/v1/records/{record['id']}"
    return await caller.request("PATCH", path, json=change | {"no_state_secret": True}, headers=MERGE_PATCH)


async def fed(world, slug, record, *, sealed=True):
    """The types of events about a record that the feed tells an agency of."""
    if sealed:
        await seal_here(world.sessions)
    page = await done((await world.as_(slug)).get(f"/v1/events?limit=200&after={await before(world, record)}"))
    return [item["type"] for item in page["items"] if item["data"]["resource"]["id"] == record["id"]]


async def before(world, record):
    """Where the sealed log stood before anything was told of a record."""
    told = select(func.min(Ledger.sequence)).join(Event, Ledger.event_id == Event.id)
    async with world.sessions() as session:
        first = await session.scalar(told.where(Event.resource_id == UUID(record["id"])))
    return (first or 1) - 1


def reads_by_function(kind):
    """The agencies that read every record of a kind for what they are."""
    return {HOLDERS[function] for function in {*KINDS[kind].readers, *READS_ALL} if function in HOLDERS}
