"""The tasks that the issued plans of the ground assign, and who is asked to cooperate; and the looks at them."""

from sqlmodel import select

from app.obligations.models import Obligation
from app.tasks.assignment import requested
from app.tasks.models import AssignedTask
from tests.authorisation.expected import ASK_TO_HELP, COORDINATOR, OTHER, OWNER, READS_ALL

STRANGER = "so-y-te"


async def share(session, ground):
    """Each agency leads the task of its own issued plan, and is asked to cooperate on the coordinator's."""
    await session.flush()
    of = {has.agency: has for has in ground.has.values()}
    rows = {}
    for row in await session.scalars(select(AssignedTask)):
        owed = await session.scalar(select(Obligation.id).where(Obligation.request_id == row.id))
        of[row.agency_id].owes[f"task {row.id}"] = owed
        if row.plan_id == ground.for_all:
            ground.everyones_task = row.id
            rows[COORDINATOR] = row
        else:
            of[row.agency_id].task = row.id
            rows[row.agency_id] = row
    for slug, has in ground.has.items():
        led = rows[COORDINATOR] if slug != COORDINATOR else rows[ground.has["vp-ubnd"].agency]
        has.cooperation = requested(session, ground.actor(COORDINATOR), led, has.agency, f"Việc của {slug}").id
    # Released: its agency no longer sees the task, and its lead still sees what was asked.
    released = requested(session, ground.actor(OWNER), rows[ground.has[OWNER].agency], ground.has[OTHER].agency)
    released.state, ground.released = "released", released.id
    ASK_TO_HELP["partner_agency_id"] = str(await ground.world.agency_id(STRANGER))


def tasks_of(ground, slug):
    """The tasks an agency may know of: the one it leads, and the one that everybody is asked to help with."""
    of = ground.has.values() if slug in READS_ALL else [ground.has[slug]]
    return {str(has.task) for has in of} | {str(ground.everyones_task)}


def cooperations_of(ground, slug):
    """The requests to cooperate an agency may know of: those to itself, and those on the task it leads."""
    of = ground.has.values() if slug in READS_ALL else [ground.has[slug]]
    released = {str(ground.released)} if slug in {OWNER, OTHER, *READS_ALL} else set()
    return {str(has.cooperation) for has in of} | released


async def lists(ground, unless, listed, callers):
    """Whose tasks and requests to cooperate each caller sees, one by one and counted."""
    for slug, principal in callers.items():
        tasks = tasks_of(ground, slug)
        unless(f"{slug}'s tasks", await listed(ground, principal, "/v1/plan-tasks?limit=200"), tasks)
        found = await listed(ground, principal, "/v1/cooperations?limit=200")
        unless(f"{slug}'s requests to cooperate", found, cooperations_of(ground, slug))
        shown = (await ground.send(principal, "GET", "/v1/plan-tasks/execution?year=2027")).json()
        leads = {has.agency for has in ground.has.values() if slug in READS_ALL} | {
            ground.has[slug].agency, ground.has[COORDINATOR].agency,
        }  # fmt: skip
        unless(f"{slug}'s leads", {item["key"] for item in shown.get("items", ())}, {str(id) for id in leads})
        unless(f"{slug}'s count of tasks", shown.get("total", {}).get("not_started"), len(tasks))


def deeds(ground, owner, other, coordinator, outsider, manager):
    """What each caller is refused of these, and what not."""
    has, everyones = ground.has[OWNER], {"id": ground.everyones_task}
    task, asked, reader = has.path("task"), has.path("cooperation"), ground.principals["reader"]
    return [
        ("another's task", outsider, "get_plan_task", task, 404),
        ("one's own task", owner, "get_plan_task", task, 200),
        ("a task that one helps with", outsider, "get_plan_task", everyones, 200),
        ("anybody's task", manager, "get_plan_task", task, 200),
        ("progress on another's task", outsider, "progress_plan_task", task, 404),
        ("progress on what one helps with", outsider, "progress_plan_task", everyones, 403),
        ("the coordinator reports on no other's", coordinator, "progress_plan_task", task, 403),
        ("a reader reports nothing", reader, "progress_plan_task", task, 403),
        ("one's own progress", owner, "progress_plan_task", task, 200),
        ("one's own completion", owner, "complete_plan_task", task, 200),
        ("nobody checks oneself", owner, "check_plan_task", task, 403),
        ("nor does the committee check", manager, "check_plan_task", task, 403),
        ("the coordinator checks", coordinator, "check_plan_task", task, 201),
        ("help with another's task", outsider, "request_cooperation", task, 404),
        ("help asked for another", coordinator, "request_cooperation", task, 403),
        ("help with one's own", owner, "request_cooperation", task, 201),
        ("another's request to cooperate", other, "get_cooperation", asked, 404),
        ("one's own request to cooperate", owner, "get_cooperation", asked, 200),
        ("anybody's request to cooperate", manager, "get_cooperation", asked, 200),
        ("another's answer", other, "accept_cooperation", asked, 404),
        ("the lead answers none", coordinator, "accept_cooperation", asked, 403),
        ("a reader answers none", reader, "decline_cooperation", asked, 403),
        ("one's own answer", owner, "accept_cooperation", asked, 200),
        ("one's own contribution", owner, "contribute_cooperation", asked, 200),
        ("a task is no request to cooperate", owner, "get_cooperation", task, 404),
    ]


async def read(ground, unless, owner, coordinator):
    """The right ones are read and moved, on the version that was read."""
    has = ground.has[OWNER]
    for principal, name, kind, member, wanted in (
        (owner, "get_plan_task", "task", "state", "assigned"),
        (owner, "progress_plan_task", "task", "state", "in_progress"),
        (owner, "complete_plan_task", "task", "state", "completed"),
        (owner, "get_cooperation", "cooperation", "state", "asked"),
        (owner, "decline_cooperation", "cooperation", "state", "declined"),
        (coordinator, "check_plan_task", "task", "state", "assigned"),
    ):
        async with ground.undone():
            answer = await ground.ask(principal, name, has.path(kind))
        unless(name, (answer.json().get("id"), answer.json().get(member)), (str(has.path(kind)["id"]), wanted))
        if not name.startswith("get"):
            async with ground.undone():
                old = await ground.ask(principal, name, has.path(kind), If_Match='"v9"')
            unless(f"{name} on another version", old.status_code, 412)


def told(ground, principals):
    """How many events of each kind each caller is told of."""
    return {
        "plan_task.assigned": {p: len(tasks_of(ground, slug)) for p, slug in principals.items()},
        "cooperation.requested": {p: len(cooperations_of(ground, slug)) for p, slug in principals.items()},
    }
