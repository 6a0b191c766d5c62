"""What changed since a token: each resource once, what was lost, and nothing that was never anybody's business."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import text

from app.kit.clock import now
from app.sync import queries
from app.sync.tokens import Place, Tokens
from tests import make
from tests.sync.copying import Copy
from tests.trail.hands import seal_here


@pytest.fixture
async def district(world):
    return await world.as_(make.DISTRICT)


@pytest.fixture
async def other(world):
    return await world.as_(make.OTHER_DISTRICT)


async def created(caller, year, of="plans", **changes):
    body = make.a_plan(year=year, **changes) if of == "plans" else make.a_report(year=year, **changes)
    answer = await caller.post(f"/v1/{of}", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def moved(caller, row, *moves):
    for move in moves:
        answer = await caller.move(row, move, make.BODIES[move])
        assert answer.status_code == 200, answer.text
        row = answer.json()
    return row


async def asking(world, *slugs):
    return [make.a_task(cooperating_agency_ids=[str(await world.agency_id(slug)) for slug in slugs])]


async def test_from_nothing_everything_that_may_be_read_comes_once_as_lists_show_it(world, district, other):
    for year in range(2027, 2032):
        await created(district, year, title=f"Kế hoạch {year}")
    await created(other, 2027, title="Của người khác")
    await created(district, 2027, of="reports", title="Báo cáo")
    copy = await Copy(district, world).pull()
    assert copy.titles() == ["Báo cáo", *(f"Kế hoạch {year}" for year in range(2027, 2032))]
    assert len(copy.told) == 6
    listed = (await district.get("/v1/plans")).json()["items"]
    for plan in listed:
        item = copy.has[plan["id"]]
        assert item["resource"] == plan
        assert (item["type"], item["version"]) == ("plan", plan["version"])
        assert (await district.get(item["href"].removeprefix("http://test"))).json()["id"] == plan["id"]
    await copy.pull()
    assert copy.told == []


async def test_a_resource_comes_once_by_its_last_event_and_in_the_order_of_the_last(world, district):
    first, second = [await created(district, year) for year in (2027, 2028)]
    copy = await Copy(district, world).pull()
    await moved(district, first, "submit", "withdraw")
    await moved(district, second, "submit")
    again = (await created(district, 2027))["id"]
    await copy.pull()
    assert [id for _, id, _ in copy.told] == [first["id"], second["id"], again]
    assert copy.has[first["id"]]["resource"]["state"] == "withdrawn"


async def test_what_is_deleted_comes_as_removed_to_whoever_could_read_it(world, district, other):
    copies = [Copy(await world.as_(slug), world) for slug in (make.DISTRICT, make.COORDINATOR, make.OTHER_DISTRICT)]
    row = await created(district, 2027)
    for copy in copies:
        await copy.pull()
    await district.request("DELETE", f"/v1/plans/{row['id']}", headers={"If-Match": row["etag"]})
    for copy in copies:
        await copy.pull()
    gone = ("plan", row["id"], "deleted")
    assert [copy.told for copy in copies] == [[gone], [gone], []]
    assert [copy.has for copy in copies] == [{}, {}, {}]


async def test_an_agency_no_longer_asked_to_cooperate_loses_the_plan_and_gets_it_back(world, district, other):
    coordinator = await world.as_(make.COORDINATOR)
    theirs, ours = Copy(other, world), Copy(district, world)
    tasks = await asking(world, make.OTHER_DISTRICT)
    row = await created(district, 2027, tasks=tasks)
    assert (await theirs.pull()).told == []
    row = await moved(district, row, "submit")
    assert len((await theirs.pull()).has) == 1
    row = await moved(coordinator, row, "return")
    row = (await district.put(f"/v1/plans/{row['id']}", make.a_plan(), row["etag"])).json()
    assert (await theirs.pull()).told == [("plan", row["id"], "no_longer_visible")]
    row = (await district.put(f"/v1/plans/{row['id']}", make.a_plan(title="Không ai biết"), row["etag"])).json()
    assert (await theirs.pull()).told == []
    assert (await ours.pull()).titles() == ["Không ai biết"]
    await district.put(f"/v1/plans/{row['id']}", make.a_plan(title="Có lại", tasks=tasks), row["etag"])
    assert (await theirs.pull()).titles() == ["Có lại"]


async def test_what_was_shared_and_is_taken_back_is_lost_by_everybody_who_has_no_other_right(world, district, other):
    coordinator = await world.as_(make.COORDINATOR)
    slugs = (make.OTHER_DISTRICT, "so-noi-vu", make.COORDINATOR, make.DISTRICT)
    copies = [Copy(await world.as_(slug), world) for slug in slugs]
    tasks = await asking(world, "so-noi-vu")
    row = await moved(district, await created(district, 2027, shareable=True, tasks=tasks), "submit")
    row = await moved(coordinator, row, "accept")
    for copy in copies:
        assert len((await copy.pull()).has) == 1
    await moved(district, row, "withdraw")
    for copy in copies:
        await copy.pull()
    assert [reason for copy in copies for _, _, reason in copy.told] == ["no_longer_visible", None, None, None]


async def test_what_was_never_anybodys_business_is_not_named(world, district, other):
    theirs = await Copy(other, world).pull()
    row = await moved(district, await created(district, 2027), "submit", "withdraw")
    await district.request("DELETE", f"/v1/plans/{(await created(district, 2028))['id']}", headers={"If-Match": "*"})
    assert (await theirs.pull()).told == []
    # And what was lost before a copy was begun is not told to it.
    assert row["id"] not in {id for _, id, _ in (await Copy(other, world).pull()).told}


async def test_what_is_written_while_pages_are_read_comes_with_the_next_token(world, district):
    for year in range(2027, 2031):
        await created(district, year, title=f"{year}")
    await seal_here(world.sessions)
    page = (await district.get("/v1/changes?limit=2")).json()
    row = page["items"][0]
    late = await created(district, 2040, title="2040")
    await seal_here(world.sessions)
    seen = []
    while "next_page" in page:
        page = (await district.get("/v1/changes", params={"limit": 2, "since": page["next_page"]})).json()
        seen += [item["id"] for item in page["items"]]
    assert late["id"] not in seen
    assert row["id"] not in seen
    page = (await district.get("/v1/changes", params={"since": page["sync_token"]})).json()
    assert [item["id"] for item in page["items"]] == [late["id"]]


async def test_a_look_goes_through_a_part_of_the_log_and_a_page_may_be_empty(world, district, other, monkeypatch):
    monkeypatch.setattr(queries, "SCANNED", 3)
    for year in range(2027, 2034):
        await created(other, year)
    mine = await created(district, 2027)
    await seal_here(world.sessions)
    pages = [(await district.get("/v1/changes?types=plan")).json()]
    while "next_page" in pages[-1]:
        query = {"types": "plan", "since": pages[-1]["next_page"]}
        pages.append((await district.get("/v1/changes", params=query)).json())
    assert pages[0]["items"] == []
    assert [item["id"] for page in pages for item in page["items"]] == [mine["id"]]


async def test_what_is_lost_twice_between_two_tokens_is_told_once(world, district, other, monkeypatch):
    tasks = await asking(world, make.OTHER_DISTRICT)
    row = await moved(district, await created(district, 2027, tasks=tasks), "submit")
    row = await moved(await world.as_(make.COORDINATOR), row, "return")
    theirs = await Copy(other, world, limit=1).pull()
    assert len(theirs.has) == 1
    for title, asked in (("a", []), ("b", tasks), ("c", []), ("d", [])):
        body = make.a_plan(year=2027, title=title, tasks=asked or [make.a_task()])
        answer = await district.put(f"/v1/plans/{row['id']}", body, row["etag"])
        assert answer.status_code == 200, answer.text
        row = answer.json()
    monkeypatch.setattr(queries, "SCANNED", 1)
    assert (await theirs.pull()).told == [("plan", row["id"], "no_longer_visible")]


async def test_a_release_or_a_scope_that_adds_types_asks_for_a_full_sync(world, district):
    actor = await world.app.state.snapshot.authenticate(district.token, "http://test")
    before = Tokens(world.app.state.vault, actor, None, ["plan"]).write(Place())
    answer = await district.get("/v1/changes", params={"since": before})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor-expired")


async def test_a_token_is_of_use_to_its_client_and_types_alone(world, district):
    await seal_here(world.sessions)
    token = (await district.get("/v1/changes?types=plan")).json()["sync_token"]
    assert (await district.get("/v1/changes", params={"types": "plan", "since": token})).status_code == 200
    same_agency = make.Caller(world.api, await world.token(make.DISTRICT))
    for caller, query in (
        (district, {}),
        (district, {"types": "plan,report"}),
        (same_agency, {"types": "plan"}),
    ):
        answer = await caller.get("/v1/changes", params={**query, "since": token})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")
    for wrong in ("x", token[:-1], token + "A"):
        assert (await district.get("/v1/changes", params={"types": "plan", "since": wrong})).status_code == 400


async def test_a_type_is_shown_to_who_holds_its_scope(world, district):
    await created(district, 2027)
    await created(district, 2027, of="reports")
    caller = make.Caller(world.api, await world.token(make.DISTRICT, scope="registry:read plans:read"))
    copy = await Copy(caller, world).pull()
    assert {kind for kind, _, _ in copy.told} == {"plan"}
    answer = await caller.get("/v1/changes?types=plan,report")
    assert (answer.status_code, answer.json()["scope"]) == (403, "reports:read")
    answer = await district.get("/v1/changes?types=plan,agency")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "types")
    bare = make.Caller(world.api, await world.token(make.DISTRICT, scope="registry:read"))
    assert (await Copy(bare, world).pull()).told == []


async def test_an_old_token_asks_for_a_full_sync(world, district):
    actor = await world.app.state.snapshot.authenticate(district.token, "http://test")
    tokens = Tokens(world.app.state.vault, actor, ["plan"], ["plan"])
    for days, status in ((89, 200), (91, 410)):
        with time_machine.travel(now() - timedelta(days=days), tick=False):
            token = tokens.write(Place())
        answer = await district.get("/v1/changes", params={"types": "plan", "since": token})
        assert answer.status_code == status
    assert answer.json()["code"] == "cursor-expired"
    # The service was restored from a backup that is older than the token.
    answer = await district.get("/v1/changes", params={"types": "plan", "since": tokens.write(Place(10**6))})
    assert answer.status_code == 410


async def test_a_token_from_before_the_agency_had_other_functions_asks_for_a_full_sync(world):
    slug = "so-noi-vu"
    caller = await world.as_(slug)
    copy = await Copy(caller, world).pull()
    async with world.sessions() as session, session.begin():
        await session.execute(text("SET LOCAL ROLE NONE"))
        await session.execute(
            text(
                "INSERT INTO function_held (id, function, agency_id, valid_from, singleton)"
                " SELECT :id, 'PRESS', id, '2014-01-01', false FROM agency WHERE slug = :slug"
            ),
            {"id": uuid4(), "slug": slug},
        )
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    await world.refresh()
    answer = await caller.get("/v1/changes", params={"since": copy.token})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor-expired")
    assert (await caller.get("/v1/changes")).status_code == 200


async def test_requests_for_reports_are_told_to_whom_they_ask(world, district, other):
    asked = await make.asked(world, make.DISTRICT)
    types = {"types": "report_request"}
    ours, theirs = await Copy(district, world, **types).pull(), await Copy(other, world, **types).pull()
    assert ours.told == [("report_request", asked["id"], None)]
    assert theirs.told == []
    coordinator = await world.as_(make.COORDINATOR)
    answer = await coordinator.post(f"/v1/report-requests/{asked['id']}/cancel", make.WITHDRAW, "*")
    assert answer.status_code == 200, answer.text
    assert (await ours.pull()).told == [("report_request", asked["id"], None)]
    assert ours.has[asked["id"]]["resource"]["state"] == "cancelled"
