"""A few questions whose answers tell every leak: what each kind of caller sees, and what it is refused."""

import json

from tests import make
from tests.authorisation import asked, money, owed, province, working
from tests.authorisation import press as of_press
from tests.authorisation.expected import APPRAISER, AS_HOST, COORDINATOR, EVERYBODY, OTHER, OWNER, READS
from tests.authorisation.ground import FORMER, MISSING

OUTSIDER, MANAGER = "so-noi-vu", "ubnd-tinh"


async def first_leak(ground, first=()):
    """What is wrong first; None when everything is as it must be. `first`: where to look first."""
    try:
        for look in dict.fromkeys((*first, *LOOKS)):
            async with ground.undone():
                await look(ground)
    except Leak as leak:
        return str(leak)
    return None


class Leak(Exception):  # noqa: N818 - what was found, not an error of the test
    """An answer that is not what it must be."""


def unless(question, found, wanted):
    if found != wanted:
        raise Leak(f"{question}: {found!r}")


def who(ground, *slugs):
    """The systems of these agencies, with every right their functions give."""
    return [next(p for p in ground.principals.values() if p.name.endswith(f" {slug}")) for slug in slugs]


async def listed(ground, principal, path, key="id"):
    answer = await ground.send(principal, "GET", path)
    return {item[key] for item in answer.json()["items"]} if answer.is_success else answer.text


async def rows(ground):
    """Whose plans, endpoints and deliveries each caller sees."""
    owner, other, coordinator, outsider, manager = who(ground, OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    has, shared = ground.has[OWNER], {name: str(id) for name, id in ground.shared.items()}
    theirs = ground.has[OTHER]
    own = {str(ground.has[OUTSIDER].draft.id), str(ground.has[OUTSIDER].sent.id)} | money.plans_of(ground.has[OUTSIDER])
    cooperating = {str(theirs.draft.id), str(theirs.sent.id), shared["asked, sent"], shared["asked, withdrawn"]}
    cooperating |= money.plans_of(theirs)
    everybodys = {shared["shareable, accepted"]}
    everything = {str(plan.id) for h in ground.has.values() for plan in (h.draft, h.sent)} | set(shared.values())
    everything |= set().union(*map(money.plans_of, ground.has.values()))
    owners = {str(has.draft.id), str(has.sent.id), *shared.values()} | money.plans_of(has)
    for question, principal, wanted in (
        ("an outsider's plans", outsider, own | everybodys),
        ("a cooperating agency's plans", other, cooperating | everybodys),
        ("an owner's plans", owner, owners),
        ("the coordinator's plans", coordinator, everything),
        ("the committee's plans", manager, everything),
    ):
        unless(question, await listed(ground, principal, "/v1/plans?limit=200"), wanted)

    reports = {slug: {str(h.drafted_report.id), str(h.sent_report.id)} for slug, h in ground.has.items()}
    for slug, principal in ((OWNER, owner), (OUTSIDER, outsider), (COORDINATOR, coordinator), (MANAGER, manager)):
        wanted = set().union(*reports.values()) if principal in {coordinator, manager} else reports[slug]
        unless(f"{slug}'s reports", await listed(ground, principal, "/v1/reports?limit=200"), wanted)
    for principal, mine in ((owner, has), (coordinator, ground.has[COORDINATOR])):
        endpoint = {str(mine.endpoint)}
        unless("endpoints", await listed(ground, principal, "/v1/webhook-endpoints"), endpoint)
        told = await listed(ground, principal, "/v1/webhook-deliveries?limit=200", "endpoint_id")
        unless("deliveries", told, endpoint)


async def all_answered(ground, deeds):
    """Each of these is answered as it must be, whatever the others did."""
    for question, principal, name, path, wanted in deeds:
        async with ground.undone():
            answer = await ground.ask(principal, name, path)
        unless(question, answer.status_code, wanted)


async def obligations(ground):
    """Whose obligations each caller sees, what it may do to them, and whom reminders reach."""
    owner, coordinator, outsider, manager, other = who(ground, OWNER, COORDINATOR, OUTSIDER, MANAGER, OTHER)
    await owed.rows(ground, unless, (owner, coordinator, outsider))
    await all_answered(ground, owed.deeds(ground, owner, other, coordinator, outsider, manager))
    await owed.reminded(ground, unless, coordinator)
    await owed.moved(ground, unless, owner, coordinator)


async def requests(ground):
    """Whose requests and consolidated reports each caller sees, and what it may do to them."""
    slugs = (OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    callers = dict(zip(slugs, who(ground, *slugs), strict=True))
    owner, _, coordinator, outsider, _ = callers.values()
    await asked.lists(ground, unless, listed, callers)
    await all_answered(ground, asked.deeds(ground, *callers.values()))
    await asked.read(ground, unless, owner, coordinator)
    await asked.answers(ground, unless, owner, outsider)


async def plans_of_the_province(ground):
    """Whose plans of the province each caller sees, and what it may do to them."""
    slugs = (OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    callers = dict(zip(slugs, who(ground, *slugs), strict=True))
    owner, _, coordinator, _, _ = callers.values()
    for slug, principal in callers.items():
        found = await listed(ground, principal, "/v1/provincial-plans?limit=200")
        unless(f"{slug}'s plans of the province", found, province.plans_of(ground, slug))
    await all_answered(ground, province.deeds(ground, *callers.values()))
    await province.read(ground, unless, owner, coordinator)


async def budgets(ground):
    """Whose estimates and budgets each caller sees, and what it may do to them."""
    slugs = (OWNER, OTHER, COORDINATOR, APPRAISER, MANAGER)
    callers = dict(zip(slugs, who(ground, *slugs), strict=True))
    owner, _, coordinator, _, _ = callers.values()
    await money.lists(ground, unless, listed, callers)
    await all_answered(ground, money.deeds(ground, *callers.values()))
    await money.read(ground, unless, owner, coordinator)


async def works(ground):
    """Whose tasks and requests to cooperate each caller sees, and what it may do to them."""
    slugs = (OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    callers = dict(zip(slugs, who(ground, *slugs), strict=True))
    owner, _, coordinator, _, _ = callers.values()
    await working.lists(ground, unless, listed, callers)
    await all_answered(ground, working.deeds(ground, *callers.values()))
    await working.read(ground, unless, owner, coordinator)


async def press(ground):
    """What of the press each caller sees, and what it may do to it."""
    slugs = (OWNER, OTHER, COORDINATOR, OUTSIDER, of_press.PRESS)
    callers = dict(zip(slugs, who(ground, *slugs), strict=True))
    await of_press.lists(ground, unless, listed, callers)
    await all_answered(ground, of_press.deeds(ground, *callers.values()))
    await of_press.read(ground, unless, *callers.values())
    await of_press.edits(ground, unless, callers[OWNER], callers[COORDINATOR])


async def deeds(ground):
    """What each caller is refused, and what not."""
    owner, other, coordinator, outsider, former = who(ground, OWNER, OTHER, COORDINATOR, OUTSIDER, FORMER)
    has, theirs, shared = ground.has[OWNER], ground.has[OTHER], ground.shared
    me = (await ground.ask(former, "get_me", {})).json()
    unless("functions of other days", me.get("functions"), ["CUSTOMS", "PRESS"])
    unless("scopes of other days", {*me.get("scopes", ())}, EVERYBODY | AS_HOST)
    basic = (str(ground.reader.client_id), ground.reader.client_secret)
    granted = await ground.api.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=basic)
    unless("a reader's token", set(granted.json().get("scope", "").split()), READS)
    refused = [
        ("another's draft", outsider, "get_plan", has.path("draft"), 404),
        ("one's own draft", outsider, "get_plan", ground.has[OUTSIDER].path("draft"), 200),
        ("another's plan", outsider, "submit_plan", has.path("draft"), 404),
        ("another's version", outsider, "get_plan_version", has.path("draft"), 404),
        ("a plan asked to cooperate on", other, "get_plan", {"id": shared["asked, sent"]}, 200),
        ("its versions", other, "get_plan_version", {"id": shared["asked, sent"], "version": 1}, 404),
        ("a reviewer's version", coordinator, "get_plan_version", has.path("draft"), 200),
        ("a cooperating agency may not write", other, "replace_plan", {"id": shared["asked, sent"]}, 403),
        ("a cooperating agency may not withdraw", other, "withdraw_plan", {"id": shared["asked, sent"]}, 403),
        ("the coordinator may not write", coordinator, "replace_plan", has.path("draft"), 403),
        ("the coordinator may not send", coordinator, "submit_plan", has.path("draft"), 403),
        ("the coordinator may not answer", coordinator, "answer_plan_remark", has.path("sent"), 403),
        ("another's report", outsider, "get_report", has.path("drafted report"), 404),
        ("another's report, to write", outsider, "replace_report", has.path("drafted report"), 404),
        ("the register's other agencies", other, "assign_focal_point", has.path("agency"), 403),
        ("no agency", other, "assign_focal_point", {"id": MISSING}, 404),
        ("a reader may not write", ground.principals["reader"], "replace_plan", has.path("draft"), 403),
        ("a drafter may not send", ground.principals["drafter"], "submit_plan", has.path("draft"), 403),
        ("a member may not review", owner, "accept_plan", has.path("sent"), 403),
        ("only the scopes asked for", ground.principals["asked for events:read"], "get_plan", has.path("draft"), 403),
        ("nor others", ground.principals["asked for registry:read"], "list_events", {}, 403),
        ("those asked for", ground.principals["asked for events:read"], "list_events", {}, 200),
        ("no token", ground.principals["anonymous"], "get_plan", has.path("draft"), 401),
        ("a revoked client", ground.principals["revoked"], "get_plan", has.path("draft"), 401),
        ("another's endpoint", coordinator, "get_webhook_endpoint", has.path("endpoint"), 404),
        ("another's delivery", coordinator, "redeliver_webhook_delivery", has.path("delivery"), 404),
        ("a remark elsewhere", coordinator, "resolve_plan_remark",
         {"id": theirs.sent.id, "remark_id": has.remark}, 404),
        ("a token taken back", ground.principals["taken back"], "get_plan", has.path("draft"), 401),
        ("another agency's client", ground.principals["another agency's client"], "get_plan", has.path("draft"), 401),
        ("no agency's focal points", owner, "list_focal_points", {"id": MISSING}, 404),
        ("an agency's focal points", other, "list_focal_points", has.path("agency"), 200),
        ("one's own focal point", owner, "assign_focal_point", has.path("agency"), 200),
        ("a version to come", owner, "get_plan_version", {"id": has.draft.id, "version": 2}, 404),
        ("no version", owner, "get_plan_version", {"id": has.sent.id, "version": 9}, 404),
        ("one's own version", owner, "get_plan_version", has.path("draft"), 200),
    ]  # fmt: skip
    unread = await ground.ask(owner, "assign_focal_point", has.path("agency"), If_Match=None)
    unless("a change without its version", unread.status_code, 428)
    await all_answered(ground, refused)


async def parts(ground):
    """What hangs on a resource is that resource's only."""
    owner, coordinator, other = who(ground, OWNER, COORDINATOR, OTHER)
    has = ground.has[OWNER]

    async def read(principal, name, path, *keys):
        answer = await ground.ask(principal, name, path)
        unless(name, answer.status_code, 200)
        return [answer.json()[key] for key in keys]

    (items,) = await read(owner, "list_plan_remarks", has.path("sent"), "items")
    unless("remarks", [item["id"] for item in items], [str(has.remark)])
    (items,) = await read(owner, "list_plan_versions", has.path("draft"), "items")
    unless("versions", [item["version"] for item in items], [1])
    version = await read(owner, "get_plan_version", has.path("draft"), "year")
    unless("the right version", version, [2027])
    version = await read(owner, "get_plan_version", has.path("sent") | {"version": 2}, "year")
    unless("the right version after a move", version, [2028])
    for number, title in ((1, make.a_plan()["title"]), (2, "Sửa")):
        edited = {"id": ground.shared["asked, a draft"], "version": number}
        unless("a version of several", await read(owner, "get_plan_version", edited, "title"), [title])
    id, year, tasks, moves = await read(owner, "get_plan", has.path("draft"), "id", "year", "tasks", "allowed_moves")
    unless("the right plan", (id, year), (str(has.draft.id), 2027))
    unless("its tasks", [task["code"] for task in tasks], ["NV-01"])
    unless("an owner's moves", [move["move"] for move in moves], ["submit"])
    (moves,) = await read(coordinator, "get_plan", has.path("sent"), "allowed_moves")
    unless("a reviewer's moves", [move["move"] for move in moves], ["return", "accept"])
    (moves,) = await read(ground.principals["reader"], "get_plan", has.path("draft"), "allowed_moves")
    unless("a reader's moves", moves, [])
    (tries,) = await read(owner, "get_webhook_delivery", has.path("delivery"), "tries")
    unless("one's own receiver", [one["answer"] for one in tries], [f"Máy nhận của {OWNER} hỏng"])
    endpoint = await read(owner, "get_webhook_endpoint", has.path("endpoint"), "id")
    unless("the right endpoint", endpoint, [str(has.endpoint)])
    in_charge = await read(other, "get_focal_point", has.path("agency"), "name")
    unless("who is in charge", in_charge, [f"Phòng của {OWNER}"])
    (items,) = await read(other, "list_focal_points", has.path("agency"), "items")
    unless("who was in charge", [item["name"] for item in items], [f"Phòng của {OWNER}", "Trước đây"])


async def feeds(ground):
    """Who is told of what, kind by kind."""
    principals = who(ground, OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    owner, other, coordinator, outsider, manager = principals
    agencies, shared = len(ground.has), len(ground.shared)
    every = agencies * 4 + shared + 1  # and the deleted one
    (finance,) = who(ground, APPRAISER)
    counts = {
        "plan.created": {owner: 4 + shared + 1, other: 4 + 2 + 1, coordinator: every, outsider: 4 + 1, manager: every},
        "report.created": dict.fromkeys((owner, other, outsider), 2)
        | dict.fromkeys((coordinator, manager), agencies * 2),
        "webhook_endpoint.created": dict.fromkeys(principals, 1),
        "focal_point.changed": dict.fromkeys(principals, 2 * agencies),
        # Who loses sight of a plan is told of what took it away.
        "plan.withdrawn": {owner: 2, other: 2, coordinator: 2, outsider: 1, manager: 2},
        "plan.replaced": {owner: 2, other: 1, coordinator: 2, outsider: 0, manager: 2},
        "plan.deleted": {owner: 1, other: 0, coordinator: 1, outsider: 0, manager: 1},
        "client.created": {outsider: 1},
        # Signing keys are the operator's; the coordinator is told.
        "signing_key.rotated": dict.fromkeys(principals, 0) | {coordinator: 1},
        **owed.told(ground, {p: p.slug for p in principals}),
        **asked.told(owner, other, outsider, (coordinator, manager)),
        **province.told(owner, other, outsider, (coordinator, manager)),
        **money.told(owner, other, finance, (coordinator, manager)),
        **working.told(ground, {p: p.slug for p in principals}),
        **of_press.told(ground, {p: p.slug for p in principals}),
    }
    for type, wanted in counts.items():
        for principal, number in wanted.items():
            unless(f"{principal.name} told of {type}", await number_told(ground, principal, type), number)


async def number_told(ground, principal, type):
    """How many events of a type a caller is told of, page by page."""
    told, after, found = 0, 0, 200
    while found == 200:
        page = (await ground.send(principal, "GET", f"/v1/events?limit=200&type={type}&after={after}")).json()
        found, after = len(page.get("items", ())), page.get("last_sequence", 0)
        told += found
    return told


async def writes(ground):
    """What must still work, and on the right rows."""
    owner, coordinator = who(ground, OWNER, COORDINATOR)
    has = ground.has[OWNER]

    async def deed(principal, name, path, status):
        answer = await ground.ask(principal, name, path)
        unless(f"{principal.name}: {name}", answer.status_code, status)

    async def sync(principal, source, key, year, status):
        path = f"/v1/plans/by-external-id/{source}/{key}"
        answer = await ground.send(principal, "PUT", path, make.a_plan(year=year))
        unless(f"{principal.name}: {path}", answer.status_code, status)
        return answer.json()["id"]

    await deed(owner, "delete_plan", {"id": ground.shared["asked, sent"]}, 409)
    await deed(coordinator, "accept_plan", has.path("draft"), 409)
    first = await sync(owner, "hscv", "KH-1", 2071, 201)
    second = await sync(owner, "hscv", "KH-2", 2072, 201)
    await sync(owner, "khac", "KH-1", 2073, 201)
    await sync(coordinator, "hscv", "KH-1", 2071, 201)
    unless("an upsert finds its own", await sync(owner, "hscv", "KH-1", 2071, 200), first)
    await deed(owner, "submit_plan", {"id": second}, 200)
    await deed(owner, "withdraw_plan", {"id": second}, 200)
    await sync(owner, "hscv", "KH-2", 2072, 201)
    await deed(owner, "answer_plan_remark", has.path("sent"), 200)
    await deed(coordinator, "resolve_plan_remark", has.path("sent"), 200)
    await deed(owner, "answer_plan_remark", has.path("sent"), 409)
    await deed(coordinator, "return_plan", has.path("sent"), 200)
    await deed(owner, "submit_plan", has.path("sent"), 200)
    await deed(coordinator, "accept_plan", has.path("sent"), 200)
    await deed(owner, "delete_plan", has.path("draft"), 204)


async def audits(ground):
    """Whose rows of the audit each caller reads, listed and exported."""
    owner, other, coordinator, outsider, manager = who(ground, OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    counts = {
        "audit_reading.read": {owner: 1, other: 1, coordinator: 1, outsider: 0, manager: 1},
        "plan.withdrawn": {owner: 2, other: 0, coordinator: 2, outsider: 0, manager: 2},
    }
    for type, wanted in counts.items():
        for principal, number in wanted.items():
            found = await listed(ground, principal, f"/v1/audit?type={type}", "sequence")
            unless(f"{principal.name}'s rows of {type}", len(found), number)
            answer = await ground.send(principal, "GET", f"/v1/audit/export?type={type}")
            exported = {json.loads(line)["sequence"] for line in answer.text.splitlines()}
            unless(f"{principal.name}'s export of {type}", exported, found)
    first = await ground.send(owner, "GET", "/v1/audit?type=plan.withdrawn&limit=1")
    cursor = first.json()["next_cursor"]
    second = await ground.send(owner, "GET", f"/v1/audit?type=plan.withdrawn&limit=1&cursor={cursor}")
    below = [item["sequence"] < first.json()["items"][0]["sequence"] for item in second.json()["items"]]
    unless("the second page", (below, second.json()["next_cursor"]), ([True], None))


LOOKS = (rows, deeds, parts, feeds, audits, writes, obligations, requests, plans_of_the_province, budgets, works, press)
