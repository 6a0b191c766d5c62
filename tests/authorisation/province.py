"""Plans of the province: those of each agency of the table, those that name others, those that all may read."""

from app.kit.etag import Expected
from app.provincial import moving, service
from app.provincial.rules import PROVINCIAL
from app.provincial.schemas import DraftProvincial, ProvincialWrite
from tests.authorisation.expected import (
    AGENCIES,
    COORDINATOR,
    OTHER,
    OWNER,
    PROVINCE_BODIES,
    READS_ALL,
    SUPERSEDE,
    province_task,
)

WAYS = {"": (), "sent ": ("submit",), "approved ": ("submit", "approve"), "issued ": ("submit", "approve", "issue")}
WORDS = {"title": "Chương trình", "term": "medium_term", "until_year": 2030}


async def furnish(session, actor, has):
    """A programme of the agency's own in each state, with one task that it leads."""
    for name, moves in WAYS.items():
        has.provincial[f"{name}provincial"] = await made(session, actor, moves, [province_task(has.agency)])


async def share(session, ground):
    """The coordinator's: one with tasks for two agencies that was sent up, such a draft, and one for all."""
    coordinator = ground.actor(COORDINATOR, frozenset({"COORD"}))
    owner, other, stranger = (ground.has[slug].agency for slug in (OWNER, OTHER, COORDINATOR))
    tasks = [province_task(owner), province_task(stranger, code="CT-02", cooperating_agency_ids=[str(other)])]
    ground.naming = await made(session, coordinator, ("submit",), tasks)
    ground.naming_draft = await made(session, coordinator, (), tasks)
    ground.for_all = await made(session, coordinator, WAYS["issued "], [province_task(stranger)])
    ground.deleted_provincial = await made(session, ground.actor(OWNER), (), [province_task(owner)])
    await service.delete(session, ground.actor(OWNER), ground.deleted_provincial, Expected(None))
    SUPERSEDE["by_plan_id"] = str(ground.for_all)


async def made(session, actor, moves, tasks):
    draft = await service.draft(session, actor, DraftProvincial(kind="programme", year=2027, **WORDS))
    await service.replace(session, actor, draft.id, Expected(None), ProvincialWrite(**WORDS, tasks=tasks))
    for move in moves:
        step = PROVINCIAL.moves[move]
        body = step.body.model_validate(PROVINCE_BODIES[move])
        await moving.move(session, actor, draft.id, step, Expected(None), body)
    return draft.id


def plans_of(ground, slug):
    """The plans of the province an agency may know of: its own, those that name it, those that were issued."""
    if slug in READS_ALL:
        everything = {str(id) for has in ground.has.values() for id in has.provincial.values()}
        return everything | {str(ground.naming), str(ground.naming_draft), str(ground.for_all)}
    own = {str(id) for id in ground.has[slug].provincial.values()}
    issued = {str(has.provincial["issued provincial"]) for has in ground.has.values()}
    return own | issued | {str(ground.for_all)} | ({str(ground.naming)} if slug in (OWNER, OTHER) else set())


def deeds(ground, owner, other, coordinator, outsider, manager):
    """What each caller is refused of these, and what not."""
    has, mine = ground.has[OWNER], ground.has[COORDINATOR]
    naming, everybodys = {"id": ground.naming}, {"id": ground.for_all}
    draft, issued = has.path("provincial"), mine.path("issued provincial")
    return [
        ("another's draft", outsider, "get_provincial_plan", draft, 404),
        ("what was sent up", outsider, "get_provincial_plan", has.path("sent provincial"), 404),
        ("what was approved", outsider, "get_provincial_plan", has.path("approved provincial"), 404),
        ("what was issued", outsider, "get_provincial_plan", has.path("issued provincial"), 200),
        ("a plan with a task to lead", owner, "get_provincial_plan", naming, 200),
        ("a plan with a task to help with", other, "get_provincial_plan", naming, 200),
        ("a plan with nothing for one", outsider, "get_provincial_plan", naming, 404),
        ("a draft with a task to lead", owner, "get_provincial_plan", {"id": ground.naming_draft}, 404),
        ("a draft with a task to help with", other, "get_provincial_plan", {"id": ground.naming_draft}, 404),
        ("one's own sources", owner, "list_provincial_plan_sources", draft, 200),
        ("the sources of what one has a task in", owner, "list_provincial_plan_sources", naming, 404),
        ("the sources of what was issued", outsider, "list_provincial_plan_sources", everybodys, 404),
        ("the committee sees the sources", manager, "list_provincial_plan_sources", everybodys, 200),
        ("another's, to write", coordinator, "replace_provincial_plan", draft, 403),
        ("another's, to send up", coordinator, "submit_provincial_plan", draft, 403),
        ("another's, to amend", coordinator, "amend_provincial_plan", has.path("issued provincial"), 403),
        ("another's, to close", coordinator, "close_provincial_plan", has.path("issued provincial"), 403),
        ("one's own, to amend", coordinator, "amend_provincial_plan", issued, 201),
        ("the committee approves", manager, "approve_provincial_plan", has.path("sent provincial"), 200),
        ("but no draft", manager, "approve_provincial_plan", draft, 409),
        ("the coordinator approves nothing", coordinator, "approve_provincial_plan", has.path("sent provincial"), 403),
        ("the committee supersedes", manager, "supersede_provincial_plan", issued, 200),
        ("the committee drafts none", manager, "draft_provincial_plan", {}, 403),
    ]


async def read(ground, unless, owner, coordinator):
    """The right ones are read, with their own tasks."""
    has = ground.has[OWNER]
    shown = (await ground.ask(owner, "get_provincial_plan", has.path("provincial"))).json()
    unless("the right plan of the province", shown.get("id"), str(has.provincial["provincial"]))
    unless("its tasks", [task["lead_agency_id"] for task in shown["tasks"]], [str(has.agency)])
    mine = ground.has[COORDINATOR].path("issued provincial")
    async with ground.undone():
        amended = (await ground.ask(coordinator, "amend_provincial_plan", mine)).json()
    unless("what is amended", amended.get("amends_id"), str(mine["id"]))
    unless("its tasks go along", len(amended.get("tasks", ())), 1)


def told(owner, other, outsider, reads_all):
    """How many events of these kinds each caller is told of."""
    number = len(AGENCIES)
    everything = number * len(WAYS) + 3
    own = len(WAYS) + (number - 1) + 1
    return {
        "provincial_plan.drafted": {owner: own + 1 + 1, other: own + 1, outsider: own}
        | dict.fromkeys(reads_all, everything + 1),
        "provincial_plan.issued": dict.fromkeys((owner, other, outsider, *reads_all), number + 1),
        "provincial_plan.deleted": {owner: 1, other: 0, outsider: 0} | dict.fromkeys(reads_all, 1),
    }
