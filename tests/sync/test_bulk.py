"""Many plans or reports in one call: each judged by itself, written in sets, twice without harm."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests import make
from tests.statements import counting

NDJSON = "application/x-ndjson"


def an_item(key, year, **changes):
    return {"source": "qlvb", "external_id": key, "body": make.a_plan(year=year, **changes)}


async def bulk(caller, items, of="plans", headers=None, **query):
    return await caller.request("POST", f"/v1/{of}/bulk", json={"items": items}, params=query, headers=headers or {})


async def jsonl(caller, lines, **query):
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return await caller.request("POST", "/v1/plans/bulk", content=body, params=query, headers={"Content-Type": NDJSON})


def told(answer):
    assert answer.status_code == 207, answer.text
    items = answer.json()["items"]
    assert [item["index"] for item in items] == list(range(len(items)))
    return [item["status"] for item in items]


async def events(world):
    async with world.sessions() as session:
        return await session.scalar(text("SELECT count(*) FROM event"))


@pytest.fixture
async def district(world):
    return await world.as_(make.DISTRICT)


async def test_the_same_sync_twice_is_all_unchanged_without_event_or_version(world, district):
    items = [an_item(f"KH-{year}", year) for year in range(2027, 2033)]
    first = await bulk(district, items)
    assert told(first) == ["created"] * 6
    before = await events(world)
    second = await bulk(district, items)
    assert told(second) == ["unchanged"] * 6
    assert await events(world) == before
    keys = ("id", "version", "etag", "source", "external_id")
    assert [[i[k] for k in keys] for i in first.json()["items"]] == [
        [i[k] for k in keys] for i in second.json()["items"]
    ]
    one = second.json()["items"][2]
    found = await district.get(f"/v1/plans/{one['id']}")
    assert (found.headers["ETag"], found.json()["external"]) == (one["etag"], {"source": "qlvb", "id": "KH-2029"})


async def test_what_changed_is_updated_and_keeps_its_id_and_the_ids_of_its_tasks(district):
    (made,) = (await bulk(district, [an_item("a", 2027)])).json()["items"]
    task = (await district.get(f"/v1/plans/{made['id']}")).json()["tasks"][0]
    tasks = [make.a_task(title="Sửa"), make.a_task(code="NV-02")]
    answer = await bulk(district, [an_item("a", 2027, tasks=tasks), an_item("b", 2028)])
    assert told(answer) == ["updated", "created"]
    updated = answer.json()["items"][0]
    assert (updated["id"], updated["version"]) == (made["id"], 2)
    after = (await district.get(f"/v1/plans/{made['id']}")).json()
    assert [(t["code"], t["title"]) for t in after["tasks"]] == [("NV-01", "Sửa"), ("NV-02", make.a_task()["title"])]
    assert after["tasks"][0]["id"] == task["id"]
    assert after["etag"] == updated["etag"]


async def test_what_is_wrong_fails_by_itself_with_its_problem_and_pointers_into_the_item(district):
    nobody = str(uuid4())
    wrong = [
        an_item("a", 2027),
        an_item("b", 2028, title=""),
        {"source": "qlvb", "body": make.a_plan(year=2029)},
        7,
        an_item("a", 2030),
        an_item("c", 2027),
        an_item("d", 2031, tasks=[make.a_task(), make.a_task(code="NV-02", cooperating_agency_ids=[nobody])]),
        an_item("e", 2032, tasks=[make.a_task(), make.a_task()]),
        an_item("f", 2033),
    ]
    answer = await bulk(district, wrong)
    assert told(answer) == ["created", *["failed"] * 7, "created"]
    found = [item["problem"] for item in answer.json()["items"][1:-1]]
    assert [p["code"] for p in found] == [
        "validation-failed", "validation-failed", "validation-failed", "conflict", "conflict", "validation-failed",
        "validation-failed",
    ]  # fmt: skip
    places = [p["errors"][0].get("pointer") for p in found if "errors" in p]
    assert places[:2] == ["/body/title", "/external_id"]
    assert places[3] == "/body/tasks/1/cooperating_agency_ids/0"
    assert answer.json()["items"][2]["source"] == "qlvb"
    assert all(item["id"] is None for item in answer.json()["items"][1:-1])
    listed = (await district.get("/v1/plans")).json()["items"]
    assert sorted(plan["year"] for plan in listed) == [2027, 2033]


async def test_atomic_is_all_or_nothing(world, district):
    await bulk(district, [an_item("z", 2026)])
    before = await events(world)
    items = [an_item("a", 2027), an_item("b", 2027), an_item("z", 2026), an_item("z2", 2028)]
    answer = await bulk(district, items, atomic=True)
    assert told(answer) == ["not_applied", "failed", "not_applied", "not_applied"]
    assert await events(world) == before
    assert told(await bulk(district, [items[0], items[3]], atomic=True)) == ["created", "created"]


async def test_a_dry_run_judges_everything_and_writes_nothing(world, district):
    await bulk(district, [an_item("z", 2026), an_item("y", 2025)])
    before = await events(world)
    items = [an_item("z", 2026), an_item("y", 2025, title="Mới"), an_item("a", 2027), an_item("b", 2027)]
    answer = await bulk(district, items, dry_run=True)
    assert told(answer) == ["unchanged", "updated", "created", "failed"]
    assert [item["version"] for item in answer.json()["items"]] == [1, 1, None, None]
    assert await events(world) == before
    assert told(await bulk(district, items)) == ["unchanged", "updated", "created", "failed"]


async def test_what_was_sent_is_not_written_over_but_the_same_again_is_unchanged(district, world):
    (made,) = (await bulk(district, [an_item("a", 2027)])).json()["items"]
    sent = (await district.move(made, "submit", make.SUBMIT)).json()
    answer = await bulk(district, [an_item("a", 2027)])
    assert told(answer) == ["unchanged"]
    assert answer.json()["items"][0]["etag"] == sent["etag"]
    answer = await bulk(district, [an_item("a", 2027, title="Khác")])
    assert told(answer) == ["failed"]
    assert answer.json()["items"][0]["problem"]["code"] == "wrong-state"
    coordinator = await world.as_(make.COORDINATOR)
    await coordinator.move(sent, "return", make.RETURN)
    answer = await bulk(district, [an_item("a", 2029)])
    assert answer.json()["items"][0]["problem"]["errors"][0]["pointer"] == "/body/year"
    assert told(await bulk(district, [an_item("a", 2027, title="Khác")])) == ["updated"]


async def test_a_key_is_its_agency_s_own_and_free_again_after_a_withdrawal(district, world):
    (made,) = (await bulk(district, [an_item("a", 2027)])).json()["items"]
    other = await world.as_(make.OTHER_DISTRICT)
    (theirs,) = (await bulk(other, [an_item("a", 2027)])).json()["items"]
    assert theirs["status"] == "created"
    sent = (await district.move(made, "submit", make.SUBMIT)).json()
    await district.move(sent, "withdraw", make.WITHDRAW)
    (again,) = (await bulk(district, [an_item("a", 2027)])).json()["items"]
    assert again["status"] == "created"
    assert again["id"] != made["id"]


async def test_years_that_change_places_do_so_over_two_calls(district):
    await bulk(district, [an_item("a", 2027), an_item("b", 2028)])
    answer = await bulk(district, [an_item("b", 2029), an_item("a", 2028)])
    assert told(answer) == ["updated", "failed"]
    assert told(await bulk(district, [an_item("b", 2029), an_item("a", 2028)])) == ["unchanged", "updated"]


async def test_lines_are_items_and_a_bad_line_is_named(district):
    items = [an_item(f"KH-{year}", year) for year in (2027, 2028)]
    assert told(await jsonl(district, [items[0], "", items[1], ""])) == ["created", "created"]
    answer = await jsonl(district, [items[0], "", "{"])
    assert (answer.status_code, answer.json()["code"], answer.json()["line"]) == (400, "malformed-json", 3)
    too_many = await jsonl(district, ["{}"] * 5001)
    assert (too_many.status_code, too_many.json()["errors"][0]["code"]) == (422, "too_long")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"items": [{}] * 501}, "validation-failed", "/items"),
        ({}, "validation-failed", "/items"),
        ([], "validation-failed", ""),
        ({"items": [], "more": 1}, "validation-failed", "/more"),
    ],
)
async def test_a_whole_call_that_is_wrong_is_one_problem(district, body, code, pointer):
    answer = await district.request("POST", "/v1/plans/bulk", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_only_json_and_lines_of_it_are_read(district):
    answer = await district.request("POST", "/v1/plans/bulk", content="x", headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["expected"]) == (415, f"application/json, {NDJSON}")
    answer = await district.request("POST", "/v1/plans/bulk", content="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


async def test_a_marking_in_one_item_refuses_the_call_before_any_statement(district, engine):
    items = [an_item("a", 2027), an_item("b", 2028, objectives="Mở đầu\nTuyệt mật\n")]
    with counting(engine) as asked:
        answer = await bulk(district, items)
    assert (answer.status_code, answer.json()["code"]) == (422, "state-secret-refused")
    assert not [statement for statement in asked if "plan" in statement or "version" in statement]


async def test_the_number_of_statements_does_not_grow_with_the_items(district, world, engine):
    other = str(await world.agency_id(make.OTHER_DISTRICT))
    tasks = [make.a_task(cooperating_agency_ids=[other])]

    async def count(items):
        with counting(engine) as asked:
            told(await bulk(district, items))
        return len([statement for statement in asked if "plan" in statement or "agency" in statement])

    few = [an_item(f"a{year}", year, tasks=tasks) for year in (2027, 2028)]
    many = [an_item(f"b{year}", year, tasks=tasks) for year in range(2030, 2060)]
    created = await count(few), await count(many)
    unchanged = await count(few), await count(many)
    for item in (*few, *many):
        item["body"]["title"] = "Khác"
    updated = await count(few), await count(many)
    assert created[0] == created[1]
    assert unchanged[0] == unchanged[1] < created[0]
    assert updated[0] == updated[1]


async def test_a_repeated_key_is_answered_again(district):
    key = {"Idempotency-Key": str(uuid4())}
    first = await bulk(district, [an_item("a", 2027)], headers=key)
    again = await bulk(district, [an_item("a", 2027)], headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (207, "true")
    assert again.json() == first.json()
    assert (await bulk(district, [an_item("b", 2027)], headers=key)).json()["code"] == "idempotency-key-reused"


async def test_reports_too_with_their_own_rules(world, district):
    asked = await make.asked(world, make.DISTRICT)
    elsewhere = await make.asked(world, make.OTHER_DISTRICT)

    def a_report(key, **changes):
        return {"source": "qlvb", "external_id": key, "body": make.a_report(**changes)}

    items = [
        a_report("a", year=2027),
        a_report("b", year=2027),
        a_report("c", kind="ad_hoc", request_id=asked["id"]),
        a_report("d", kind="ad_hoc", request_id=elsewhere["id"]),
        a_report("e", kind="ad_hoc", request_id=asked["id"]),
        a_report("f", kind="interim", period_start="2027-01-01", period_end="2027-06-30"),
        a_report("g", kind="interim", period_start="2027-01-01", period_end="2027-06-30"),
    ]
    answer = await bulk(district, items, of="reports")
    assert told(answer) == ["created", "failed", "created", "failed", "failed", "created", "created"]
    assert answer.json()["items"][3]["problem"]["errors"][0]["pointer"] == "/body/request_id"
    expected = ["unchanged", "failed", "unchanged", "failed", "failed", "unchanged", "unchanged"]
    assert told(await bulk(district, items, of="reports")) == expected
