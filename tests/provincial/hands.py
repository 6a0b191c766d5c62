"""Hands that build, send up, approve and issue plans of the province."""

from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import time_machine
from sqlmodel import select

from app.trail.models import Event
from tests import make

COMMITTEE, OFFICE, OUTSIDER, THIRD = "ubnd-tinh", "vp-ubnd", "bao-dak-lak", "so-noi-vu"
PATH = "/v1/provincial-plans"
SIGNATORY = {"name": "Nguyễn Văn Hòa", "title": "Chủ tịch", "capacity": "TM."}
PROPOSAL = {"number": "12/TTr-STTTT", "issued_on": "2026-12-10", "issuer": "Sở Thông tin và Truyền thông"}
DECISION = {"number": "3012/QĐ-UBND", "issued_on": "2026-12-25", "issuer": "UBND tỉnh", "sha256": "0" * 64}
BODIES = {
    "submit": make.SUBMIT | {"document": PROPOSAL},
    "return": {"reason": "Chưa rõ nguồn lực."},
    "approve": {"document": DECISION, "signatory": SIGNATORY},
    "issue": {"effective_from": "2027-01-01"},
    "close": {"summary": "Hoàn thành."},
    "amend": {"reason": "Bổ sung nhiệm vụ."},
}
MAKERS = {"submit": make.COORDINATOR, "close": make.COORDINATOR, "amend": make.COORDINATOR}


@asynccontextmanager
async def at(world, moment):
    """The service at an instant; the tokens are of that instant too."""
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        await world.refresh()
        world._tokens.clear()
        yield


async def accepted(world, slug, *codes, year=2027, **changes):
    """An agency's accepted plan of a year, with a task of each code."""
    caller = await world.as_(slug)
    tasks = [make.a_task(code=code, title=f"{code} của {slug}", **changes) for code in codes or ("NV-01",)]
    row = (await caller.post("/v1/plans", make.a_plan(year=year, tasks=tasks))).json()
    row = (await caller.move(row, "submit", make.SUBMIT)).json()
    if row["state"] == "submitted":
        row = (await (await world.as_(make.COORDINATOR)).move(row, "accept", {})).json()
    assert row["state"] == "accepted", row
    return row


async def drafted(world, **changes):
    """A draft of the coordinator's."""
    body = {"year": 2027, "title": "Kế hoạch của tỉnh năm 2027", **changes}
    answer = await (await world.as_(make.COORDINATOR)).post(PATH, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def written(row, **changes):
    """A plan as it is written again."""
    words = {name: row[name] for name in ("title", "term", "until_year", "objectives", "priorities", "dropped")}
    tasks = [
        {name: value for name, value in task.items() if name not in ("id", "carried_from")} for task in row["tasks"]
    ]
    return {**words, "tasks": tasks, **changes}


async def replaced(world, row, body=None, **changes):
    """The answer to a plan that is written again."""
    body = written(row, **changes) if body is None else body
    return await (await world.as_(make.COORDINATOR)).put(f"{PATH}/{row['id']}", body, row["etag"])


async def gathered(world, row, **body):
    """The answer to a plan that is gathered again."""
    return await moved(world, row, "gather", body, make.COORDINATOR)


async def moved(world, row, move, body=None, slug=None):
    """The answer to a move."""
    caller = await world.as_(slug or MAKERS.get(move, COMMITTEE))
    return await caller.move(row, move, BODIES[move] if body is None else body, PATH[4:])


async def made(world, row, *moves):
    """The plan after these moves."""
    for move in moves:
        answer = await moved(world, row, move)
        assert answer.is_success, (move, answer.text)
        row = answer.json()
    return row


async def own(world, **changes):
    """A draft of another kind with one task of the coordinator's own."""
    facts = {"kind": "programme", "term": "medium_term", "until_year": 2030, **changes}
    row = await drafted(world, **facts)
    answer = await replaced(world, row, tasks=[await a_task(world, make.DISTRICT)])
    assert answer.status_code == 200, answer.text
    return answer.json()


async def a_task(world, slug, **changes):
    """A task of the province led by an agency."""
    return make.a_task(**{"code": "CT-01", "lead_agency_id": str(await world.agency_id(slug)), **changes})


async def seen(world, row, slug=make.COORDINATOR):
    """The answer to who reads the plan."""
    return await (await world.as_(slug)).get(f"{PATH}/{row['id']}")


async def sources(world, row):
    """Where each source stands."""
    answer = await (await world.as_(make.COORDINATOR)).get(f"{PATH}/{row['id']}/sources")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(world, id):
    """What was told of a resource, in its order."""
    async with world.sessions() as session:
        found = await session.scalars(select(Event.type).where(Event.resource_id == UUID(id)).order_by(Event.id))
        return [type.partition(".")[2] for type in found]
