"""An issued plan of the province with tasks, through the API alone."""

from tests import make
from tests.provincial import hands as provincial

COMMITTEE, PARTNER, OUTSIDER = "ubnd-tinh", "so-ngoai-vu", "so-noi-vu"
WAY = ("submit", "approve", "issue")
PROGRESS = {"no_state_secret": True, "percent": 40, "pace": "on_track", "done": "Đã dựng hai phóng sự."}
COMPLETE = {"no_state_secret": True, "done": "Đã phát sóng đủ."}
CHECK = {"checked_on": "2026-11-20", "finding": "satisfactory"}
CONTRIBUTION = {"no_state_secret": True, "text": "Bản phụ đề đã hiệu đính."}
BODIES = {"progress": PROGRESS, "complete": COMPLETE}


async def a_task(world, code="NV-01", lead=make.DISTRICT, partners=(), **changes):
    """A task of a plan of the province, as it is written."""
    asked = [str(await world.agency_id(slug)) for slug in partners]
    facts = {"code": code, "ends_on": "2027-06-30", "cooperating_agency_ids": asked}
    return await provincial.a_task(world, lead, **facts | changes)


async def drafted(world, *tasks):
    """A draft with these tasks."""
    return await written(world, await provincial.drafted(world, kind="programme"), *tasks)


async def written(world, plan, *tasks):
    """The draft with these tasks instead."""
    answer = await provincial.replaced(world, plan, tasks=list(tasks))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def issued(world, *tasks):
    """A plan of the province that was issued."""
    return await provincial.made(world, await drafted(world, *tasks), *WAY)


async def amended(world, plan, *tasks):
    """The issued amendment of a plan."""
    return await provincial.made(world, await written(world, await provincial.made(world, plan, "amend"), *tasks), *WAY)


async def tasks_of(world, slug, query=""):
    """The tasks an agency sees, oldest first."""
    answer = await (await world.as_(slug)).get(f"/v1/plan-tasks{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"][::-1]


async def task(world, slug=make.DISTRICT):
    """The only task an agency sees, whole."""
    (row,) = await tasks_of(world, slug)
    return await read(world, row, slug)


async def read(world, row, slug=make.DISTRICT):
    """A task whole."""
    answer = await (await world.as_(slug)).get(f"/v1/plan-tasks/{row['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reported(world, row, move, body=None, slug=make.DISTRICT):
    """A task after its lead reported on it."""
    answer = await (await world.as_(slug)).move(
        row, move, body or {"progress": PROGRESS, "complete": COMPLETE}[move], "plan-tasks"
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def checked(world, row, **changes):
    """A task after a check."""
    path = f"/v1/plan-tasks/{row['id']}/checks"
    answer = await (await world.as_(make.COORDINATOR)).post(path, CHECK | changes, row["etag"])
    assert answer.status_code == 201, answer.text
    return answer.json()


async def cooperation(world, slug=PARTNER):
    """The only request to cooperate an agency sees, whole."""
    caller = await world.as_(slug)
    (row,) = (await caller.get("/v1/cooperations")).json()["items"]
    return (await caller.get(f"/v1/cooperations/{row['id']}")).json()


async def owed(world, row, slug=make.COORDINATOR):
    """The obligation behind a task."""
    answer = await (await world.as_(slug)).get(f"/v1/obligations/{row['obligation_id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()
