"""What is not yours answers, to the byte, like what never existed, whatever the request carries."""

import json
from uuid import uuid4

import pytest

from app.rooms import EVENT_TYPES
from tests import make
from tests.authorisation import asked, money, owed, press, province, records, working
from tests.authorisation.expected import AGENCIES, COORDINATOR, ENDPOINT, OTHER, OWNER, READS_ALL, RULES, TABLE
from tests.authorisation.ground import FOR_ALL, MISSING, NEVER, OF_NOBODY, told

OWNED = {"reads", "writes", "reviews", "own"}
STRANGERS = (OTHER, "cuc-hai-quan", "ubnd-tinh", COORDINATOR)
MEDIA = "application/xml"


def caller(ground, slug):
    return ground.principals[f"{AGENCIES[slug][0]} {slug}"]


def strangers(ground, name):
    """Callers who have the scope and to whom the owner's resource must not exist."""
    row = TABLE[name]
    for slug in STRANGERS:
        principal = caller(ground, slug)
        if row.scope in principal.scopes and RULES[row.rule][2 if principal.reads_all else 1] == "not-found":
            yield principal


def variations(tag, key):
    """Ways of sending one request: what stands in its headers, and in its body."""
    for language in ("vi", "en"):
        yield {"Accept_Language": language}, {}
    for known in (tag, "*", f"W/{tag}", '"v9"'):
        yield {"If_None_Match": known}, {}
    for version in (tag, '"v9"', '"v1.0000", "v2"', "v1", "", None):
        yield {"If_Match": version}, {}
    for value in (key, str(uuid4()), "a b", "", None):
        yield {"Idempotency_Key": value}, {}
    for body in (b"{}", b"{", b"[]", b'{"id": "x"}', b""):
        yield {}, {"body": body}
    yield {}, {"media": MEDIA}
    for preference in ("return=minimal", "handling=strict"):
        yield {"Prefer": preference}, {}
    yield {"Accept": "text/csv"}, {}


async def tag_of(ground, name):
    row, path = TABLE[name], ground.has[OWNER].path(TABLE[name].on)
    reads = {"draft": "get_plan", "sent": "get_plan", "endpoint": "get_webhook_endpoint"}
    reads |= dict.fromkeys(("owed", "nil", "waived"), "get_obligation") | {"reminder": "get_reminder"}
    reads |= {"drafted report": "get_report", "sent report": "get_report", "request": "get_report_request"}
    reads |= dict.fromkeys(("consolidated", "sent consolidated"), "get_consolidated_report")
    reads |= dict.fromkeys(ground.has[OWNER].provincial, "get_provincial_plan")
    reads |= {f"{state} estimate": "get_budget_estimate" for state in ("drafted", "sent", "decided")}
    budgets = ("budget", "sent budget", "appraised budget", "decided budget")
    reads |= dict.fromkeys(budgets, "get_provincial_budget")
    reads |= {"task": "get_plan_task", "cooperation": "get_cooperation"}
    reads |= dict.fromkeys(("press event", "announced event", "held event"), "get_press_event")
    reads |= {"invitation": "get_press_invitation", "series": "get_press_series", "guidance": "get_press_guidance"}
    reads |= {"supply": "get_information_supply", "recovery": "get_webhook_recovery"}
    reads |= {"record": "get_record", "draft record": "get_record", "press feed": "get_press_feed"}
    owner = caller(ground, OWNER)
    answer = await ground.ask(owner, reads.get(row.on, "get_webhook_delivery"), path)
    assert answer.status_code == 200
    return answer.headers["etag"]


async def compared(ground, principal, name, headers, changes, method=None):
    """The same request about the owner's resource and about none: both answers, told to the byte."""
    answers = []
    for path in (ground.has[OWNER].path(TABLE[name].on), NEVER):
        (usual, address, body, media), given = ground.request(name, path, **headers)
        sent = {"body": body, "media": media} | changes
        answers.append(await ground.send(principal, method or usual, address, **sent, **given))
    assert told(answers[0]) == told(answers[1]), (name, principal.name, headers, changes, answers[0].text)
    return answers[0]


async def test_another_agency_s_resource_answers_like_none_whatever_the_request_carries(ground):
    count, before = 0, await ground.fingerprint()
    for name, (method, _, _) in ground.operations.items():
        if TABLE[name].rule not in OWNED:
            continue
        tag = await tag_of(ground, name)
        found = list(strangers(ground, name))
        for principal, first in ((one, found[0]) for one in found):
            assert (await compared(ground, principal, name, {}, {})).status_code == 404
            # The variations once for each operation: by the first who may ask it and must not find it.
            for headers, changes in variations(tag, str(uuid4())) if principal is first else ():
                answer = await compared(ground, principal, name, headers, changes)
                assert 400 <= answer.status_code < 500, (name, answer.status_code)
                count += 1
            if method == "GET":
                await compared(ground, principal, name, {"If_None_Match": tag}, {}, "HEAD")
        assert await ground.fingerprint() == before, name
    print(f"\n{count} pairs of requests")
    assert count >= 400


async def test_a_part_of_another_s_whole_answers_like_no_part(ground):
    """Remarks and versions, under their own parent, under one's own, and under none."""
    mine, theirs = ground.has[OTHER], ground.has[OWNER]
    pairs = [
        (theirs.sent.id, theirs.remark),
        (theirs.sent.id, mine.remark),
        (mine.sent.id, theirs.remark),
        (theirs.draft.id, mine.remark),
        (MISSING, theirs.remark),
        (MISSING, mine.remark),
    ]
    member, coordinator = caller(ground, OTHER), caller(ground, COORDINATOR)
    nothing = told(await ground.ask(member, "answer_plan_remark", NEVER))
    for plan, remark in pairs:
        found = await ground.ask(member, "answer_plan_remark", {"id": plan, "remark_id": remark})
        assert told(found) == nothing, (plan, remark)
    nothing = told(await ground.ask(coordinator, "resolve_plan_remark", NEVER))
    for plan, remark in pairs[1:]:
        found = await ground.ask(coordinator, "resolve_plan_remark", {"id": plan, "remark_id": remark})
        assert told(found) == nothing, (plan, remark)
    nothing = told(await ground.ask(member, "get_plan_version", NEVER))
    assert theirs.sent.version > 1
    for plan, version in [(theirs.sent.id, v) for v in (1, 2, 3, 2**31 - 1)] + [(mine.draft.id, 2), (mine.draft.id, 9)]:
        found = await ground.ask(member, "get_plan_version", {"id": plan, "version": version})
        assert told(found) == nothing, (plan, version)
    for first, last in ((1, 1), (1, 2), (2, 9)):
        addresses = [f"/v1/plans/{plan}/difference?from={first}&to={last}" for plan in (theirs.sent.id, MISSING)]
        answers = [told(await ground.send(member, "GET", address)) for address in addresses]
        assert answers[0] == answers[1]
        assert answers[0][0] == 404


async def test_a_filter_by_another_agency_finds_what_no_agency_would(ground):
    for slug in AGENCIES:
        principal, theirs = caller(ground, slug), ground.has[OWNER if slug != OWNER else OTHER]
        for path, id in (
            ("/v1/plans?agency={}&limit=200", theirs.agency),
            ("/v1/webhook-deliveries?endpoint={}&limit=200", theirs.endpoint),
            ("/v1/obligations?agency={}&limit=200", theirs.agency),
            ("/v1/reminders?agency={}&limit=200", theirs.agency),
            ("/v1/reminders?obligation={}&limit=200", theirs.owes["owed"]),
        ):
            found, nobody = [await ground.send(principal, "GET", path.format(id)) for id in (id, MISSING)]
            assert nobody.json() == {"items": [], "next_cursor": None}
            if slug in READS_ALL and "webhook" not in path:
                assert {item["agency_id"] for item in found.json()["items"]} == {str(theirs.agency)}
            elif "plans" in path:
                assert open_to(ground, slug) >= {item["id"] for item in found.json()["items"]}
            else:
                assert told(found) == told(nobody), (slug, path)


def open_to(ground, slug):
    """The plans of the owner that another agency may know of, by hand."""
    found = {"shareable, accepted"} | ({"asked, sent", "asked, withdrawn"} if slug == OTHER else set())
    return {str(ground.shared[name]) for name in found}


def plans_of(ground, slug):
    own = {str(ground.has[slug].draft.id), str(ground.has[slug].sent.id)} | money.plans_of(ground.has[slug])
    return own | ({str(id) for id in ground.shared.values()} if slug == OWNER else set())


async def test_lists_hold_what_each_agency_may_see_and_nothing_else(ground):
    everything = set().union(*(plans_of(ground, slug) for slug in AGENCIES))
    for slug, has in ground.has.items():
        principal = caller(ground, slug)
        plans = everything if slug in READS_ALL else plans_of(ground, slug) | open_to(ground, slug)
        assert await listed(ground, principal, "/v1/plans") == plans, slug
        assert await listed(ground, principal, "/v1/webhook-endpoints") == {str(has.endpoint)}, slug
        assert await listed(ground, principal, "/v1/press-feeds") == {str(has.press_feed)}, slug
        deliveries = await rows(ground, principal, "/v1/webhook-deliveries")
        assert {item["endpoint_id"] for item in deliveries} == {str(has.endpoint)}, slug
        assert str(has.delivery) in {item["id"] for item in deliveries}, slug
        assert await owed.lists(ground, principal) == owed.lists_expected(ground, slug)
        assert await listed(ground, principal, "/v1/report-requests") == asked.requests_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/provincial-plans") == province.plans_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/plan-tasks") == working.tasks_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/cooperations") == working.cooperations_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/consolidated-reports") == asked.consolidated_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/budget-estimates") == money.estimates_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/provincial-budgets") == money.budgets_of(ground, slug), slug
        planned = {id for one in press.series_of(ground, slug) for id in await occurrences(ground, principal, one)}
        assert await listed(ground, principal, "/v1/press-events") - planned == press.events_of(ground, slug), slug
        assert await listed(ground, principal, "/v1/records") == records.records_of(ground, slug), slug
        for path, of in press.LISTS.items():
            assert await listed(ground, principal, path) == of(ground, slug), (slug, path)


@pytest.mark.parametrize("slug", AGENCIES)
async def test_tables_hold_what_each_agency_may_see_and_nothing_else(ground, slug):
    """The matrix, the chase list and the ledger, as JSON, as CSV and as a spreadsheet."""
    principal = caller(ground, slug)
    matrix = await owed.matrix_expected(ground, slug)
    assert await owed.matrix(ground, principal) == matrix
    chased = await owed.chased_expected(ground, slug)
    assert await owed.chased(ground, principal) == chased
    ledger = await owed.ledger_expected(ground, slug)
    assert await owed.ledger(ground, principal) == ledger
    for format in ("csv", "xlsx"):
        found = await owed.table(ground, principal, f"/v1/obligations/matrix?year={owed.FIRST}", format)
        cells = [(name, duty, str(count)) for id, name, duty, count, *_ in matrix if id and duty]
        assert sorted((row[0], row[1], row[3]) for row in found) == sorted(cells)
        found = await owed.table(ground, principal, "/v1/obligations/chase-list", format)
        assert sorted(row[0] for row in found) == sorted(name for _, name, _ in chased)
        found = await owed.table(ground, principal, f"/v1/reminders/ledger?year={owed.FIRST}", format)
        assert [(row[0], row[2]) for row in found] == [(number, name) for number, name, *_ in ledger]


async def test_an_agency_that_is_asked_learns_nothing_of_who_else_is(ground):
    """Neither from the request, nor from what it may filter by, nor from the events."""
    id = str(ground.asked_of_both)
    for slug, neighbour in ((OWNER, OTHER), (OTHER, OWNER)):
        principal, others = caller(ground, slug), str(ground.has[neighbour].agency)
        shown = await ground.ask(principal, "get_report_request", {"id": id})
        assert shown.json()["progress"] is None
        assert others not in shown.text
        mine = await rows(ground, principal, "/v1/obligations", f"&request={id}")
        assert {item["agency_id"] for item in mine} == {str(ground.has[slug].agency)}
        assert await rows(ground, principal, "/v1/obligations", f"&request={id}&agency={others}") == []
        about = [event for event in await feed(ground, principal) if event["data"]["resource"]["id"] == id]
        assert about
        assert others not in json.dumps(about)


async def test_what_is_delivered_is_what_may_be_seen(ground):
    for slug in AGENCIES:
        principal = caller(ground, slug)
        events = {event["data"]["event_id"]: event for event in await feed(ground, principal)}
        sent = {item["event_id"] for item in await rows(ground, principal, "/v1/webhook-deliveries")}
        assert sent == {id for id, event in events.items() if event["type"].startswith("plan.")}, slug


async def rows(ground, principal, path, more=""):
    found, cursor = [], ""
    while True:
        page = (await ground.send(principal, "GET", f"{path}?limit=200{more}{cursor}")).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def occurrences(ground, principal, series):
    return {item["id"] for item in await rows(ground, principal, "/v1/press-events", f"&series={series}")}


async def listed(ground, principal, path):
    return {item["id"] for item in await rows(ground, principal, path)}


async def feed(ground, principal, type=None):
    found, after = [], 0
    while True:
        query = f"/v1/events?limit=200&after={after}" + (f"&type={type}" if type else "")
        page = (await ground.send(principal, "GET", query)).json()
        found += page["items"]
        if len(page["items"]) < 200:
            return found
        after = page["last_sequence"]


async def test_the_feed_holds_what_each_agency_may_see_and_nothing_else(ground):
    # Kinds that everybody is told of; that nobody but the agency is told of; the rest: those who read all as well.
    to_all = {"agency", "focal_point", "obligation_year", "calendar_day"}
    to_own = {"webhook_endpoint", "webhook_delivery", "press_feed"}
    everything = {str(ground.deleted)}.union(*(plans_of(ground, slug) for slug in AGENCIES))
    for slug, has in ground.has.items():
        found = await feed(ground, caller(ground, slug))
        for event in found:
            data = event["data"]
            kind = EVENT_TYPES[event["type"]].resource
            assert data["resource"]["type"] == kind
            everybodys = asked.requests_of(ground, slug) | asked.consolidated_of(ground, slug)
            everybodys |= province.plans_of(ground, slug) | working.tasks_of(ground, slug)
            everybodys |= working.cooperations_of(ground, slug)
            everybodys |= money.estimates_of(ground, slug) | money.budgets_of(ground, slug)
            everybodys |= press.everything_of(ground, slug) | records.records_of(ground, slug)
            shared = data["resource"]["id"] in open_to(ground, slug) | everybodys
            if kind in OF_NOBODY:
                assert slug == COORDINATOR, (slug, event)
                continue
            if kind in FOR_ALL:
                assert data["agency"] is None
                continue
            # Who loses sight of something is told of it by the event that took it away; `leaks` counts how often.
            lost = event["type"] in {"plan.withdrawn", "plan.replaced", "publication.withdrawn"}
            once_shared = map(str, (*ground.shared.values(), *ground.records.values()))
            shared = shared or (lost and data["resource"]["id"] in once_shared)
            seen = kind in to_all or (kind not in to_own and slug in READS_ALL) or shared
            assert seen or data["agency"]["id"] == str(has.agency), (slug, event)
        assert {EVENT_TYPES[event["type"]].resource for event in found} >= FOR_ALL, slug
        told_of = {event["data"]["resource"]["id"] for event in found if event["type"] == "plan.created"}
        mine = plans_of(ground, slug) | open_to(ground, slug) | ({str(ground.deleted)} if slug == OWNER else set())
        assert told_of == (everything if slug in READS_ALL else mine), slug
        for type, ids in (("obligation.created", "obligations"), ("reminder.sent", "reminders")):
            told_of = sorted(event["data"]["resource"]["id"] for event in found if event["type"] == type)
            assert told_of == owed.lists_expected(ground, slug)[ids], (slug, type)


@pytest.mark.parametrize("slug", [OWNER, OTHER, COORDINATOR])
async def test_asking_for_one_type_of_event_shows_no_more_than_asking_for_all(ground, slug):
    principal = caller(ground, slug)
    found = await feed(ground, principal)
    for type in EVENT_TYPES:
        assert await feed(ground, principal, type) == [event for event in found if event["type"] == type]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/plans",
        "/v1/webhook-endpoints",
        "/v1/webhook-deliveries",
        "/v1/obligations",
        "/v1/reminders",
        "/v1/report-requests",
        "/v1/consolidated-reports",
        "/v1/provincial-plans",
        "/v1/budget-estimates",
        "/v1/provincial-budgets",
        "/v1/plan-tasks",
        "/v1/cooperations",
        "/v1/press-events",
        "/v1/press-invitations",
        "/v1/press-series",
        "/v1/press-guidance",
        "/v1/information-supplies",
        "/v1/press-products",
    ],
)
async def test_another_client_s_cursor_shows_one_s_own_page(ground, path):
    owner, other = caller(ground, COORDINATOR), caller(ground, OTHER)
    if path == "/v1/webhook-endpoints":
        await with_second(ground, owner)
    cursor = (await ground.send(owner, "GET", f"{path}?limit=1")).json()["next_cursor"]
    mine = {item["id"] for item in await rows(ground, other, path)}
    answer = await ground.send(other, "GET", f"{path}?limit=200&cursor={cursor}")
    assert answer.status_code == 200, answer.text
    assert {item["id"] for item in answer.json()["items"]} <= mine
    other_filter = await ground.send(other, "GET", f"{path}?limit=200&state=submitted&cursor={cursor}")
    assert other_filter.status_code in {200, 400}
    if other_filter.status_code == 200:  # a list without that filter takes no notice of it
        assert {item["id"] for item in other_filter.json()["items"]} <= mine


async def test_another_client_s_idempotency_key_replays_nothing(ground):
    """Neither to another agency, nor to another client of the same one, nor on another's resource."""
    owner, other = caller(ground, OWNER), caller(ground, OTHER)
    administrator = ground.principals["administrator"]
    first = await ground.ask(owner, "create_plan", {}, Idempotency_Key="k-1")
    assert first.status_code == 201
    again = await ground.ask(owner, "create_plan", {}, Idempotency_Key="k-1")
    assert again.headers["idempotency-replayed"] == "true"
    theirs = await ground.ask(other, "create_plan", {}, Idempotency_Key="k-1")
    assert theirs.status_code == 201
    assert "idempotency-replayed" not in theirs.headers
    assert theirs.json()["agency_id"] == str(ground.has[OTHER].agency)
    colleague = await ground.ask(administrator, "create_plan", {}, Idempotency_Key="k-1")
    assert (colleague.status_code, colleague.json()["code"]) == (
        409,
        "conflict",
    )  # the year is taken: done, not replayed
    path = ground.has[OWNER].path("draft")
    sent = await ground.ask(owner, "submit_plan", path, Idempotency_Key="k-2")
    assert sent.status_code == 200
    refused = [await ground.ask(other, "submit_plan", at, Idempotency_Key="k-2") for at in (path, NEVER)]
    assert refused[0].status_code == 404
    assert told(refused[0]) == told(refused[1])
    secret = await ground.ask(owner, "create_webhook_endpoint", {}, Idempotency_Key="k-3")
    own = await ground.ask(other, "create_webhook_endpoint", {}, Idempotency_Key="k-3")
    assert own.status_code == 201
    assert own.json()["secret"] != secret.json()["secret"]


async def test_another_agency_s_external_id_is_free(ground):
    owner, other = caller(ground, OWNER), caller(ground, OTHER)
    theirs = (await ground.ask(owner, "upsert_plan", {})).json()
    free = {"source": "hscv", "external_id": "KH-never"}
    for headers in ({}, {"If_Match": theirs["etag"]}, {"If_Match": "*"}, {"If_Match": '"v9"'}):
        shown = []
        for at in ({}, free):
            async with ground.undone():
                answer = await ground.ask(other, "upsert_plan", at, **headers)
                shown.append((answer.status_code, {**answer.json(), **unlike(answer)}))
        assert shown[0] == shown[1], headers
        assert shown[0][0] == 201
    mine = await ground.ask(other, "upsert_plan", {})
    assert (mine.status_code, mine.json()["agency_id"]) == (201, str(ground.has[OTHER].agency))
    assert mine.json()["id"] != theirs["id"]
    assert (await ground.ask(owner, "get_plan", {"id": theirs["id"]})).json() == theirs


def unlike(answer):
    """What two plans differ in that were made one after the other."""
    tasks = [{**task, "id": ""} for task in answer.json()["tasks"]]
    return {"id": "", "created_at": "", "updated_at": "", "external": "", "tasks": tasks}


async def with_second(ground, principal):
    assert (await ground.ask(principal, "create_webhook_endpoint", {})).status_code == 201


async def test_a_token_says_nothing_that_the_register_does_not(ground):
    """A genuine signature over another agency, or over scopes the client never had, gives nothing."""
    snapshot = ground.app.state.snapshot.state
    clients = {known.agency_id: id for id, known in snapshot.clients.items() if known.role == "integration"}
    reader = next(id for id, known in snapshot.clients.items() if known.role == "reader")
    mine, theirs = ground.has[OTHER].agency, ground.has[OWNER].agency

    def forged(client, agency, scope):
        claims = ground._claims(client)
        late = int(claims["iat"]) + 20 * 60
        changed = {"agency": str(agency), "scope": scope, "iat": late, "exp": late + 300}
        return snapshot.signing.sign(claims | changed)

    async def status(token, name):
        principal = ground.principals["anonymous"].__class__("forged", token=token)
        async with ground.undone():
            return (await ground.ask(principal, name, ground.has[OWNER].path(TABLE[name].on))).status_code

    everything = " ".join(sorted({row.scope for row in TABLE.values() if row.scope}))
    assert await status(forged(clients[mine], theirs, everything), "get_plan") == 401
    assert await status(forged(uuid4(), theirs, everything), "get_plan") == 401
    assert await status(forged(clients[mine], mine, everything), "get_plan") == 404
    assert await status(forged(clients[mine], mine, everything), "accept_plan") == 403
    assert await status(forged(reader, theirs, everything), "get_plan") == 200
    assert await status(forged(reader, theirs, everything), "delete_plan") == 403
    assert await status(forged(reader, theirs, json.dumps(everything)), "get_plan") in {200, 403}


async def test_another_client_s_token_is_neither_read_nor_ended(ground):
    token = caller(ground, OWNER).token
    for slug, role in ((OTHER, "integration"), (OWNER, "reader"), (COORDINATOR, "administrator")):
        made = await ground.world.credentials(slug, role)
        basic = (str(made.client_id), made.client_secret)
        read, nothing = [
            await ground.api.post("/oauth/introspect", data={"token": of}, auth=basic) for of in (token, "x.y.z")
        ]
        assert read.json() == {"active": False}
        assert told(read) == told(nothing)
        ended = await ground.api.post("/oauth/revoke", data={"token": token}, auth=basic)
        assert (ended.status_code, ended.json()["error"]) == (400, "invalid_grant")
    await ground.world.refresh()
    assert (await ground.ask(caller(ground, OWNER), "get_me", {})).status_code == 200


async def test_uniqueness_is_each_agency_s_own(ground):
    """The same year, external id, task code, key and address in two agencies: both are fine, neither tells."""
    headers = {"Idempotency_Key": "the-same"}
    plan = make.a_plan(year=2060, tasks=[make.a_task(code="NV-01")])
    for slug in (OWNER, OTHER, "so-tai-chinh"):
        principal = caller(ground, slug)
        made = await ground.send(principal, "POST", "/v1/plans", plan, **headers)
        assert (made.status_code, made.json()["agency_id"]) == (201, str(ground.has[slug].agency))
        path = "/v1/plans/by-external-id/hscv/KH-2061"
        synced = await ground.send(principal, "PUT", path, make.a_plan(year=2061))
        assert (synced.status_code, synced.json()["agency_id"]) == (201, str(ground.has[slug].agency))
        endpoint = await ground.send(principal, "POST", "/v1/webhook-endpoints", ENDPOINT, Idempotency_Key="e")
        assert endpoint.status_code == 201
        # One's own are still unique, and only they are spoken of.
        twice = await ground.send(principal, "POST", "/v1/plans", plan, Idempotency_Key="another")
        assert (twice.status_code, twice.json()["code"]) == (409, "conflict")
        nightly = await ground.send(principal, "PUT", path, make.a_plan(year=2061))
        assert (nightly.status_code, nightly.json()["id"]) == (200, synced.json()["id"])


async def test_a_function_lost_takes_what_came_with_it_and_leaves_one_s_own(ground):
    """Functions are held from a date to a date: what a token may do follows the register, not the day it was issued."""
    coordinator, path = caller(ground, COORDINATOR), ground.has[OWNER].path("sent")
    assert (await ground.ask(coordinator, "get_plan", path)).status_code == 200
    state = ground.app.state.snapshot._state
    held = {agency: rows for agency, rows in state.held.items() if agency != ground.has[COORDINATOR].agency}
    try:
        ground.app.state.snapshot._state = type(state)(state.version, state.keys, state.signing, state.clients, held)
        lost = await ground.ask(coordinator, "get_plan", path)
        assert told(lost) == told(await ground.ask(coordinator, "get_plan", NEVER))
        assert (await ground.ask(coordinator, "accept_plan", path)).json()["code"] == "insufficient-scope"
        assert (await ground.ask(coordinator, "get_plan", ground.has[COORDINATOR].path("sent"))).status_code == 200
        types = {event["data"]["agency"]["id"] for event in await feed(ground, coordinator, "plan.submitted")}
        assert types == {str(ground.has[COORDINATOR].agency), str(ground.has[OWNER].agency)}  # the shared plan's
        about = {event["data"]["resource"]["id"] for event in await feed(ground, coordinator, "plan.submitted")}
        assert about <= plans_of(ground, COORDINATOR) | open_to(ground, COORDINATOR)
    finally:
        ground.app.state.snapshot._state = state
