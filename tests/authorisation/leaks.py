"""A few questions whose answers tell every leak: what each kind of caller sees, and what it is refused."""

import json
from collections import Counter
from functools import cache

from app.kit.clock import today
from app.rooms import EVENT_TYPES
from tests import make
from tests.authorisation import asked, money, owed, province, syncing, working
from tests.authorisation import portal as of_portal
from tests.authorisation import press as of_press
from tests.authorisation import records as of_records
from tests.authorisation.expected import APPRAISER, AS_HOST, COORDINATOR, EVERYBODY, OTHER, OWNER, READS, READS_ALL
from tests.authorisation.ground import FORMER, MISSING

OUTSIDER, MANAGER = "so-noi-vu", "ubnd-tinh"


KILLS = Counter()
"""How many leaks each question has told of: those that told of most are asked first."""


class Leak(Exception):  # noqa: N818 - what was found, not an error of the test
    """An answer that is not what it must be; `part`: of which look."""

    part = None


class Look:
    """Questions that belong together, in parts that can be asked in any order, each on the ground as it was built."""

    def __init__(self, *parts):
        self.parts = parts


def parts_of(looks):
    """The parts of these looks, each once."""
    return list(dict.fromkeys(part for look in looks for part in getattr(look, "parts", (look,))))


async def first_leak(ground, first=()):
    """What is wrong first; None when everything is as it must be. `first`: looks and parts to begin with."""
    for part in parts_of((*first, *LOOKS)):
        try:
            async with ground.undone():
                await part(ground)
        except Leak as leak:
            leak.part = part
            return leak
        except LookupError as missing:  # an answer without what must be in it
            leak = Leak(f"{part.__name__}: no {missing}")
            leak.part = part
            return leak
    return None


def unless(question, found, wanted):
    if found != wanted:
        KILLS[question] += 1
        raise Leak(f"{question}: {found!r}")


def who(ground, *slugs):
    """The systems of these agencies, with every right their functions give."""
    return [next(p for p in ground.principals.values() if p.name.endswith(f" {slug}")) for slug in slugs]


async def listed(ground, principal, path, key="id"):
    answer = await ground.send(principal, "GET", path)
    return {item[key] for item in answer.json()["items"]} if answer.is_success else {answer.text}


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
        # Every endpoint of the ground is active: what is due to it waits for nobody.
        for state, wanted in (("pending", endpoint), ("parked", set())):
            told = await listed(ground, principal, f"/v1/webhook-deliveries?limit=200&state={state}", "endpoint_id")
            unless(f"{state} deliveries", told, wanted)


async def all_answered(ground, deeds):
    """Each of these is answered as it must be, whatever the others did."""
    for question, principal, name, path, wanted in sorted(deeds, key=lambda deed: -KILLS[deed[0]]):
        async with ground.undone():
            answer = await ground.ask(principal, name, path)
        unless(question, answer.status_code, wanted)


def callers(ground, *slugs):
    """The systems of these agencies, by agency."""
    return dict(zip(slugs, who(ground, *slugs), strict=True))


FIVE = (OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
WITH_FINANCE = (OWNER, OTHER, COORDINATOR, APPRAISER, MANAGER)
WITH_PRESS = (OWNER, OTHER, COORDINATOR, OUTSIDER, of_press.PRESS)


def listing(room, slugs):
    """What each of these callers sees in the lists of a room."""

    async def lists(ground):
        await room.lists(ground, unless, listed, callers(ground, *slugs))

    return lists


def doing(room, slugs):
    """What each of these callers is refused in a room, and what not."""

    async def deeds(ground):
        await all_answered(ground, room.deeds(ground, *who(ground, *slugs)))

    return deeds


def asking(ask, *slugs):
    """More questions of a room, put by these callers."""

    async def more(ground):
        await ask(ground, unless, *who(ground, *slugs))

    return more


async def owed_rows(ground):
    """Whose obligations each caller sees."""
    await owed.rows(ground, unless, who(ground, OWNER, COORDINATOR, OUTSIDER))


async def provincial_lists(ground):
    """Whose plans of the province each caller sees."""
    for slug, principal in callers(ground, *FIVE).items():
        found = await listed(ground, principal, "/v1/provincial-plans?limit=200")
        unless(f"{slug}'s plans of the province", found, province.plans_of(ground, slug))


obligations = Look(
    owed_rows,
    asking(owed.reminded, COORDINATOR),
    asking(owed.moved, OWNER, COORDINATOR),
    doing(owed, (OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)),
)
requests = Look(
    listing(asked, FIVE),
    asking(asked.read, OWNER, COORDINATOR),
    asking(asked.answers, OWNER, OUTSIDER),
    doing(asked, FIVE),
)
plans_of_the_province = Look(provincial_lists, asking(province.read, OWNER, COORDINATOR), doing(province, FIVE))
budgets = Look(listing(money, WITH_FINANCE), asking(money.read, OWNER, COORDINATOR), doing(money, WITH_FINANCE))
works = Look(listing(working, FIVE), asking(working.read, OWNER, COORDINATOR), doing(working, FIVE))
press = Look(
    listing(of_press, WITH_PRESS),
    asking(of_press.read, *WITH_PRESS),
    asking(of_press.edits, OWNER, COORDINATOR),
    doing(of_press, WITH_PRESS),
)


async def statistics(ground):
    """Whose activities each caller sees counted."""
    for slug, principal in callers(ground, *WITH_PRESS).items():
        found = await listed(ground, principal, f"/v1/statistics?year={today().year}&by=agency", "agency")
        known = {str(ground.has[of].agency) for of in (ground.has if slug in READS_ALL else (slug,))}
        unless(f"{slug}'s statistics", found, known)


WITH_POLICE = (OWNER, OTHER, COORDINATOR, of_records.POLICE, OUTSIDER)
records = Look(
    listing(of_records, WITH_POLICE),
    asking(of_records.edits, OWNER, COORDINATOR),
    asking(of_records.readings, of_records.POLICE, OWNER),
    doing(of_records, WITH_POLICE),
)


async def portal(ground):
    """What is read without a token, and through a private address."""
    owner, press = who(ground, OWNER, of_press.PRESS)
    await of_portal.looks(ground, unless, owner, press)


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
        ("another's recovery", outsider, "get_webhook_recovery", has.path("recovery"), 404),
        ("one's own recovery", owner, "get_webhook_recovery", has.path("recovery"), 200),
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
        ("another's recovery", coordinator, "get_webhook_recovery", has.path("recovery"), 404),
        ("a recovery of another endpoint", owner, "get_webhook_recovery",
         has.path("recovery") | {"recovery_id": theirs.recovery}, 404),
        ("a recovery elsewhere", other, "get_webhook_recovery",
         theirs.path("recovery") | {"recovery_id": has.recovery}, 404),
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
    members = ("outcomes", "median_ms", "p99_ms", "given_up", "waiting")
    *stats, waiting = await read(owner, "get_webhook_endpoint_stats", has.path("endpoint"), *members)
    unless("one's own attempts", stats, [[{"outcome": "refused", "attempts": 1}], 5, 5, 0])
    shown = await listed(ground, owner, f"/v1/webhook-deliveries?limit=200&endpoint={has.endpoint}", "event_id")
    unless("what waits for one's own", waiting, len(shown))
    endpoint = await read(owner, "get_webhook_endpoint", has.path("endpoint"), "id")
    unless("the right endpoint", endpoint, [str(has.endpoint)])
    in_charge = await read(other, "get_focal_point", has.path("agency"), "name")
    unless("who is in charge", in_charge, [f"Phòng của {OWNER}"])
    (items,) = await read(other, "list_focal_points", has.path("agency"), "items")
    unless("who was in charge", [item["name"] for item in items], [f"Phòng của {OWNER}", "Trước đây"])


def counts_told(ground):
    """How many events of each type each caller is told of."""
    principals = who(ground, OWNER, OTHER, COORDINATOR, OUTSIDER, MANAGER)
    owner, other, coordinator, outsider, manager = principals
    agencies, shared = len(ground.has), len(ground.shared)
    every = agencies * 4 + shared + 1  # and the deleted one
    (finance,) = who(ground, APPRAISER)
    return {
        "plan.created": {owner: 4 + shared + 1, other: 4 + 2 + 1, coordinator: every, outsider: 4 + 1, manager: every},
        "report.created": dict.fromkeys((owner, other, outsider), 2)
        | dict.fromkeys((coordinator, manager), agencies * 2),
        "webhook_endpoint.created": dict.fromkeys(principals, 1),
        "focal_point.changed": dict.fromkeys(principals, 2 * agencies),
        # Who loses sight of a plan is told of what took it away.
        "plan.withdrawn": {owner: 2, other: 2, coordinator: 2, outsider: 1, manager: 2},
        "plan.replaced": {owner: 2, other: 1, coordinator: 2, outsider: 0, manager: 2},
        "plan.deleted": {owner: 1, other: 0, coordinator: 1, outsider: 0, manager: 1},
        "press_feed.created": dict.fromkeys(principals, 1),
        "client.created": {outsider: 1},
        # Signing keys are the operator's; the coordinator is told.
        "signing_key.rotated": dict.fromkeys(principals, 0) | {coordinator: 1},
        **owed.told(ground, {p: p.slug for p in principals}),
        **asked.told(owner, other, outsider, (coordinator, manager)),
        **province.told(owner, other, outsider, (coordinator, manager)),
        **money.told(owner, other, finance, (coordinator, manager)),
        **working.told(ground, {p: p.slug for p in principals}),
        **of_press.told(ground, {p: p.slug for p in principals}),
        **of_records.told(ground, {p: p.slug for p in principals}),
    }


@cache
def feeds_of(resource):
    """Who is told of what happens to one kind of resource."""

    async def feed(ground):
        for type, wanted in counts_told(ground).items():
            if EVENT_TYPES[type].resource == resource:
                for principal, number in wanted.items():
                    unless(f"{principal.name} told of {type}", await number_told(ground, principal, type), number)

    return feed


feeds = Look(*map(feeds_of, dict.fromkeys(event.resource for event in EVENT_TYPES.values())))


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


async def changes(ground):
    """What each caller's copy is told of."""
    await syncing.changes(ground, unless, callers(ground, OWNER, OTHER, COORDINATOR, OUTSIDER, APPRAISER))


LOOKS = (rows, deeds, parts, feeds, audits, writes, obligations, requests, plans_of_the_province, budgets, works, press,
         statistics, records, portal, changes)  # fmt: skip
