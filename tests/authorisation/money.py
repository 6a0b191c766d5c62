"""Estimates and budgets: what each agency has of them, who sees which, and the looks at them."""

from app.access.actor import Actor
from app.access.grants import Scope
from app.budgets import adjusting, budget_service
from app.budgets.budget_queries import held
from app.budgets.budget_rules import BUDGET
from app.budgets.budget_schemas import AdjustBudget, AppraiseBudget, BuildBudget, DecideBudget, SubmitBudget
from app.budgets.schemas import EstimateWrite
from app.budgets.service import ESTIMATES
from app.flow import remarks
from app.flow.remarks import RemarkWrite
from app.flow.submission import Accept, Submit
from app.kit.etag import Expected
from app.kit.writes import write
from app.plans.service import PLANS
from tests import make
from tests.authorisation.expected import (
    AGENCIES,
    APPRAISAL,
    APPRAISER,
    DECISION,
    OTHER,
    OWNER,
    PAPER,
    READS_ALL,
)
from tests.authorisation.expected import (
    BUDGET as A_BUDGET,
)

FROM = 2030
"""Each agency has four years of its own from here on, one for each of its budgets."""
WAY = {"budget": (), "sent budget": ("submit",), "appraised budget": ("submit", "appraise")}
WAY["decided budget"] = (*WAY["appraised budget"], "decide")
SENT = ("sent_budget", "appraised_budget", "decided_budget")


async def estimate(session, actor, has):
    """The estimates of the plan that is a draft, and of the one that will be sent, with a remark on it."""
    for plan, name in ((has.draft, "drafted_estimate"), (has.sent, "sent_estimate")):
        setattr(has, name, (await drafted(session, actor, plan)).id)
    row = (await session.scalars(ESTIMATES.one(actor, has.sent_estimate))).one()
    said = [RemarkWrite(pointer="/title", text="Ý kiến")]
    content = await ESTIMATES.content(session, row)
    (remark,) = await remarks.add(session, actor, "budget_estimate", row, content, said)
    has.estimate_remark = remark.id


async def drafted(session, actor, plan):
    """A draft that goes with a plan."""
    made = await ESTIMATES.create(session, actor, EstimateWrite(**make.an_estimate(str(plan.id))))
    await write(session)
    return made


async def furnish(session, ground, slug, number):
    """A plan and an estimate that were decided, and a budget in each state."""
    has, actor = ground.has[slug], Actor(None, ground.has[slug].agency, frozenset({"FINANCE"}), frozenset(Scope))
    years = dict(zip(WAY, range(FROM + 4 * (number - 1), FROM + 4 * number), strict=True))
    has.budgeted = await ground._plan(session, slug, years["decided budget"], no_budget_reason=None)
    made = await drafted(session, actor, has.budgeted)
    has.decided_estimate = made.id
    for move, said in ((PLANS.rules.submit, Submit(**make.SUBMIT)), (PLANS.rules.accept, Accept())):
        await PLANS.move(session, actor, has.budgeted.id, move, Expected(None), said)
    for name, moves in WAY.items():
        await _budget(session, actor, has, name, years[name], moves)
    has.own_line["decided estimate"] = made.lines[0].id


async def _budget(session, actor, has, name, year, moves):
    made = await budget_service.build(session, actor, BuildBudget(**A_BUDGET, year=year))
    setattr(has, name.replace(" ", "_"), made.id)
    lines = (await session.scalars(held(made.id))).all()
    has.own_line[name] = lines[-1].id
    found = [{"line_id": line.id, "appraised_vnd": line.requested_vnd} for line in lines]
    bodies = {
        "submit": SubmitBudget(**make.SUBMIT),
        "appraise": AppraiseBudget(**APPRAISAL | {"lines": found}),
        "decide": DecideBudget(**DECISION | {"exceptions": []}),
    }
    for move in moves:
        await budget_service.move(session, actor, made.id, BUDGET.moves[move], Expected(None), bodies[move])
    if moves[-1:] == ("decide",):
        change = {"line_id": has.own_line[name], "change_vnd": 7, "reason": "Bổ sung"}
        await adjusting.adjust(session, actor, made.id, AdjustBudget(document=PAPER, lines=[change]))


def filled(body, known):
    """A body with ids in the place of their names in braces."""
    match body:
        case dict():
            return {name: filled(value, known) for name, value in body.items()}
        case list():
            return [filled(value, known) for value in body]
        case str() if body.startswith("{"):
            return str(known.get(body.strip("{}")))
    return body


def plans_of(has):
    """The plans of an agency that are there for their estimates."""
    return {str(has.bare.id), str(has.budgeted.id)}


def estimates_of(ground, slug):
    """The estimates an agency may know of: its own, all, or what was accepted."""
    every = {s: {str(h.drafted_estimate), str(h.sent_estimate), str(h.decided_estimate)} for s, h in ground.has.items()}
    if slug in READS_ALL:
        return set().union(*every.values())
    return every[slug] | ({str(h.decided_estimate) for h in ground.has.values()} if slug == APPRAISER else set())


def budgets_of(ground, slug):
    """The budgets an agency may know of: its own, all, or what was sent to be appraised."""
    sent = {s: {str(getattr(h, name)) for name in SENT} for s, h in ground.has.items()}
    if slug in READS_ALL:
        return set().union(*sent.values()) | {str(h.budget) for h in ground.has.values()}
    return {str(ground.has[slug].budget)} | (set().union(*sent.values()) if slug == APPRAISER else sent[slug])


async def lists(ground, unless, listed, callers):
    """Whose estimates and budgets each caller sees."""
    for slug, principal in callers.items():
        found = await listed(ground, principal, "/v1/budget-estimates?limit=200")
        unless(f"{slug}'s estimates", found, estimates_of(ground, slug))
        found = await listed(ground, principal, "/v1/provincial-budgets?limit=200")
        unless(f"{slug}'s budgets", found, budgets_of(ground, slug))


def deeds(ground, owner, other, coordinator, finance, manager):
    """What each caller is refused of these, and what not."""
    has = ground.has[OWNER]
    draft, sent, decided = (has.path(name) for name in ("drafted estimate", "sent estimate", "decided estimate"))
    return [
        ("another's estimate", other, "get_budget_estimate", decided, 404),
        ("an estimate that was not accepted", finance, "get_budget_estimate", sent, 404),
        ("a draft of an estimate", finance, "get_budget_estimate", draft, 404),
        ("what was accepted", finance, "get_budget_estimate", decided, 200),
        ("what passed about it", finance, "list_budget_estimate_versions", decided, 404),
        ("another's settlement", finance, "settle_budget_estimate", decided, 403),
        ("one's own settlement", owner, "settle_budget_estimate", decided, 200),
        ("a draft of a budget", finance, "get_provincial_budget", has.path("budget"), 404),
        ("its lines", finance, "list_budget_lines", has.path("budget"), 404),
        ("what was sent", finance, "appraise_provincial_budget", has.path("sent budget"), 200),
        ("another's budget", other, "get_provincial_budget", has.path("sent budget"), 404),
        ("another's lines", other, "list_budget_lines", has.path("decided budget"), 404),
        ("the coordinator decides nothing", coordinator, "decide_provincial_budget", has.path("appraised budget"), 403),
        ("the committee does", manager, "decide_provincial_budget", has.path("appraised budget"), 200),
        ("another's, to send", coordinator, "submit_provincial_budget", has.path("budget"), 403),
    ]


async def read(ground, unless, owner, coordinator):
    """The right ones are read, with their own lines, their own amounts and nobody else's."""
    has = ground.has[OWNER]
    shown = (await ground.ask(owner, "get_budget_estimate", has.path("decided estimate"))).json()
    told = [(line["id"], line["decided_vnd"], line["change_vnd"]) for line in shown["lines"]]
    unless("the right estimate", shown.get("id"), str(has.decided_estimate))
    unless("its lines", told, [(str(has.own_line["decided estimate"]), 18_000_000, 0)])
    async with ground.undone():
        shown = (await ground.ask(owner, "patch_budget_estimate", has.path("drafted estimate"))).json()
    unless("the lines of a draft", [line["code"] for line in shown.get("lines", ())], ["DT-01"])
    path = f"/v1/provincial-budgets/{has.decided_budget}/lines"
    for query, wanted in (
        ("", [(18_000_000, 0), (5, 7)]),
        ("?category=programme", [(18_000_000, 0), (5, 7)]),
        ("?category=facilities", []),
        (f"?agency={ground.has[OTHER].agency}", []),
    ):
        found = (await ground.send(coordinator, "GET", path + query)).json()["items"]
        unless(f"lines{query}", [(line["requested_vnd"], line["change_vnd"]) for line in found], wanted)
    whole = (await ground.ask(coordinator, "get_provincial_budget", has.path("decided budget"))).json()
    unless("the right budget", (whole["id"], whole["totals"]["change_vnd"]), (str(has.decided_budget), 7))


def told(owner, other, finance, reads_all):
    """How many events of these kinds each caller is told of."""
    number = len(AGENCIES)
    return {
        "budget_estimate.created": {owner: 4, other: 3, finance: 2 + number} | dict.fromkeys(reads_all, 3 * number + 1),
        "budget_estimate.deleted": {owner: 1, other: 0, finance: 0} | dict.fromkeys(reads_all, 1),
        "budget_estimate.decided": {owner: 1, other: 1, finance: number} | dict.fromkeys(reads_all, number),
        "budget.consolidated": {owner: 4, other: 4, finance: 1 + 3 * number} | dict.fromkeys(reads_all, 4 * number),
    }
