"""The province's plan: gathered from accepted plans, worked on, sent up, approved, issued (QC.D8.K2, QC.D4.K1)."""

import hashlib
import json

import pytest

from app.provincial import hooks
from tests import make
from tests.provincial.hands import (
    COMMITTEE,
    DECISION,
    OFFICE,
    OUTSIDER,
    PATH,
    PROPOSAL,
    SIGNATORY,
    THIRD,
    a_task,
    accepted,
    at,
    drafted,
    gathered,
    made,
    moved,
    own,
    replaced,
    seen,
    sources,
    told,
    written,
)
from tests.shape import assert_problem
from tests.sync.copying import Copy

HASHED = (
    "kind", "term", "year", "until_year", "edition", "title", "objectives", "priorities", "absorbed", "excluded",
    "absent", "dropped", "tasks",
)  # fmt: skip


def errors(answer):
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def recomputed(row):
    """The hash as its description tells a reader to make it."""
    canonical = json.dumps(
        {name: row[name] for name in HASHED}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


async def opened(world):
    """2027 is a year with dates: everybody owes a plan, the coordinator the province's."""
    document = {"number": "12/STTTT", "issued_on": "2026-01-04", "issuer": "Sở"}
    dates = {"QC.D7.K1-a": "2026-10-31", "QC.D8.K2-a": "2026-12-20"}
    deadlines = [{"duty": duty, "last_on_time_date": day} for duty, day in dates.items()]
    body = {"document": document, "deadlines": deadlines, "weekend_policy": "none"}
    answer = await (await world.as_(make.COORDINATOR)).put("/v1/obligation-years/2027", body)
    assert answer.status_code == 201, answer.text


async def owed(world, slug, duty):
    query = f"agency={await world.agency_id(slug)}&duty={duty}&year=2027"
    (item,) = (await (await world.as_(slug)).get(f"/v1/obligations?{query}")).json()["items"]
    return item


async def test_a_draft_proposes_a_task_for_each_one_accepted_and_says_who_is_absent_and_why(world):
    async with at(world, "2026-09-01T08:00:00+07:00"):
        await opened(world)
        third = str(await world.agency_id(THIRD))
        first = await accepted(world, make.DISTRICT, "B", "A", cooperating_agency_ids=[third])
        left_out = await accepted(world, make.OTHER_DISTRICT)
        await accepted(world, THIRD, year=2026)
        waiting = (await (await world.as_("so-y-te")).post("/v1/plans", make.a_plan())).json()
        assert (await (await world.as_("so-y-te")).move(waiting, "submit", make.SUBMIT)).is_success
        for slug, move, body, by in (
            ("so-gtvt", "waive", {"reason": "Sắp xếp lại"}, make.COORDINATOR),
            ("so-khcn", "nil-return", {"no_state_secret": True, "reason": "Không phát sinh"}, "so-khcn"),
        ):
            mine = await owed(world, slug, "QC.D7.K1-a")
            done = await (await world.as_(by)).post(f"/v1/obligations/{mine['id']}/{move}", body, mine["etag"])
            assert done.is_success, done.text
        row = await drafted(world, excluded=[{"plan_id": left_out["id"], "reason": "Trùng"}])
        district = str(await world.agency_id(make.DISTRICT))
        ids = {slug: str(await world.agency_id(slug)) for slug in ("so-y-te", "so-gtvt", "so-khcn", THIRD)}
        (listed,) = (await (await world.as_(make.COORDINATOR)).get(PATH)).json()["items"]
        read = await seen(world, row)
    assert (row["kind"], row["term"], row["until_year"], row["edition"], row["state"]) == (
        "provincial_annual", "annual", 2027, 1, "draft",
    )  # fmt: skip
    assert [(t["code"], t["title"], t["lead_agency_id"], t["sources"]) for t in row["tasks"]] == [
        ("NV-001", f"B của {make.DISTRICT}", district, [first["tasks"][0]["id"]]),
        ("NV-002", f"A của {make.DISTRICT}", district, [first["tasks"][1]["id"]]),
    ]
    assert row["tasks"][0]["cooperating_agency_ids"] == [third]
    assert row["tasks"][0]["starts_on"] == "2027-03-01"
    (absorbed,), (excluded,) = row["absorbed"], row["excluded"]
    assert (absorbed["plan_id"], absorbed["agency"]) == (first["id"], "Ủy ban nhân dân huyện Buôn Đôn")
    assert len(absorbed["sha256"]) == 64
    assert (excluded["plan_id"], excluded["reason"]) == (left_out["id"], "Trùng")
    absent = {item["agency_id"]: (item["state"], item["reason"]) for item in row["absent"]}
    assert absent[ids["so-y-te"]] == ("not_accepted", None)
    assert absent[ids["so-gtvt"]] == ("waived", "Sắp xếp lại")
    assert absent[ids["so-khcn"]] == ("nil_return", "Không phát sinh")
    assert absent[ids[THIRD]] == ("missing", None)
    assert district not in absent
    assert read.json() == row
    assert read.headers["ETag"] == row["etag"]
    assert listed == {name: row[name] for name in listed}
    assert await told(world, row["id"]) == ["drafted"]


async def test_what_is_left_out_must_be_an_accepted_plan_of_the_year(world):
    coordinator, waiting = await world.as_(make.COORDINATOR), await accepted(world, make.DISTRICT, year=2026)
    for kind, years in (("provincial_annual", {}), ("scheme", {})):
        excluded = [{"plan_id": waiting["id"], "reason": "Trùng"}]
        body = {"kind": kind, "year": 2027, "title": "x", "excluded": excluded, **years}
        assert errors(await coordinator.post(PATH, body)) == [("/excluded/0/plan_id", "unknown_plan")]


@pytest.mark.parametrize(
    ("facts", "pointer", "code"),
    [
        ({"until_year": 2028}, "/until_year", "one_year"),
        ({"term": "long_term"}, "/term", "one_year"),
        ({"until_year": 2026}, "/until_year", "period_reversed"),
        ({"kind": "programme", "term": "annual", "until_year": 2028}, "/until_year", "one_year"),
    ],
)
async def test_an_annual_plan_is_of_one_year(world, facts, pointer, code):
    answer = await (await world.as_(make.COORDINATOR)).post(PATH, {"year": 2027, "title": "x", **facts})
    assert errors(answer) == [(pointer, code)]


async def test_tasks_are_merged_kept_and_dropped_and_each_source_stands_once(world):
    await accepted(world, make.DISTRICT, "A", "B")
    await accepted(world, make.OTHER_DISTRICT, "A")
    row = await drafted(world)
    one, two, three = [task["sources"][0] for task in row["tasks"]]
    kept, other, third = written(row)["tasks"]
    merged = kept | {"title": "Gộp", "sources": [one, three]}
    dropped = [{"task_id": two, "reason": "Ngoài phạm vi"}]
    answer = await replaced(world, row, tasks=[merged], dropped=dropped)
    assert answer.status_code == 200, answer.text
    new = answer.json()
    assert (new["tasks"][0]["id"], new["tasks"][0]["title"]) == (row["tasks"][0]["id"], "Gộp")
    found = await sources(world, new)
    assert found["unplaced"] == 0
    shown = {item["id"]: (item["placed"] and item["placed"]["code"], item["dropped"]) for item in found["items"]}
    assert shown == {one: ("NV-001", None), two: (None, "Ngoài phạm vi"), three: ("NV-001", None)}
    for tasks, gone, wanted in (
        ([merged, other | {"sources": [three]}], [], ("/tasks/1/sources/0", "placed_twice")),
        ([kept | {"sources": [one, one]}], [], ("/tasks/0/sources/1", "placed_twice")),
        ([merged], [{"task_id": one, "reason": "x"}], ("/dropped/0/task_id", "placed_twice")),
        ([kept | {"sources": [row["id"]]}], [], ("/tasks/0/sources/0", "unknown_task")),
        ([third], [{"task_id": row["id"], "reason": "x"}], ("/dropped/0/task_id", "unknown_task")),
        ([kept | {"lead_agency_id": row["id"]}], [], ("/tasks/0/lead_agency_id", "unknown_agency")),
        ([kept | {"cooperating_agency_ids": [row["id"]]}], [],
         ("/tasks/0/cooperating_agency_ids/0", "unknown_agency")),
    ):  # fmt: skip
        assert errors(await replaced(world, new, tasks=tasks, dropped=gone)) == [wanted]
    lacking = (await replaced(world, new, tasks=[third], dropped=[])).json()
    refused = await moved(world, lacking, "submit")
    assert errors(refused) == [("/tasks", "unplaced_tasks")]
    assert f"2 nhiệm vụ của các kế hoạch đã gom chưa được xếp hoặc bỏ, đầu tiên là {one}" in refused.text
    assert await told(world, row["id"]) == ["drafted", "edited", "edited"]


async def test_writing_the_same_again_changes_nothing_and_a_patch_changes_what_it_names(world):
    await accepted(world, make.DISTRICT)
    row = await drafted(world, priorities=["Cà phê"])
    same = await replaced(world, row)
    assert (same.status_code, same.json()) == (200, row)
    assert (await gathered(world, row)).json() == row
    coordinator = await world.as_(make.COORDINATOR)
    headers = {"If-Match": row["etag"], "Content-Type": "application/merge-patch+json"}
    changed = await coordinator.request("PATCH", f"{PATH}/{row['id']}", json={"priorities": []}, headers=headers)
    assert changed.status_code == 200, changed.text
    assert changed.json()["priorities"] == []
    assert changed.json()["tasks"] == row["tasks"]
    stale = await coordinator.request("PATCH", f"{PATH}/{row['id']}", json={"title": "x"}, headers=headers)
    await assert_problem(world.api, stale, "precondition-failed")
    headers["If-Match"] = changed.json()["etag"]
    wrong = await coordinator.request("PATCH", f"{PATH}/{row['id']}", json={"title": None}, headers=headers)
    assert errors(wrong) == [("/title", "missing")]
    marked = await coordinator.request("PATCH", f"{PATH}/{row['id']}", json={"title": "TUYỆT MẬT"}, headers=headers)
    await assert_problem(world.api, marked, "state-secret-refused")
    assert await told(world, row["id"]) == ["drafted", "edited"]


async def test_gathering_again_takes_in_what_came_lets_go_what_went_and_leaves_the_rest(world):
    first = await accepted(world, make.DISTRICT, "A", "B")
    second = await accepted(world, make.OTHER_DISTRICT, "A")
    row = await drafted(world)
    one, two, three = [task["sources"][0] for task in row["tasks"]]
    kept = written(row)["tasks"][0] | {"title": "Gộp", "sources": [one, three]}
    extra = await a_task(world, THIRD)
    row = (await replaced(world, row, tasks=[kept, extra], dropped=[{"task_id": two, "reason": "x"}])).json()
    withdrawn = await (await world.as_(make.OTHER_DISTRICT)).move(second, "withdraw", make.WITHDRAW)
    assert withdrawn.is_success
    third = await accepted(world, THIRD, "A")
    await assert_problem(world.api, await moved(world, row, "submit"), "conflict")
    new = (await gathered(world, row)).json()
    shown = [(task["code"], task["title"], task["sources"]) for task in new["tasks"]]
    assert shown[:2] == [("NV-001", "Gộp", [one]), ("CT-01", extra["title"], [])]
    assert shown[2] == ("NV-002", f"A của {THIRD}", [third["tasks"][0]["id"]])
    assert new["dropped"] == [{"task_id": two, "reason": "x"}]
    # Left out now, the first plan takes its tasks along; taken in again, they are proposed anew.
    excluded = [{"plan_id": first["id"], "reason": "Chờ"}]
    fewer = (await gathered(world, new, excluded=excluded)).json()
    assert [task["code"] for task in fewer["tasks"]] == ["CT-01", "NV-002"]
    assert fewer["dropped"] == []
    assert (await gathered(world, fewer)).json() == fewer
    again = (await gathered(world, fewer, excluded=[])).json()
    assert [task["code"] for task in again["tasks"]] == ["CT-01", "NV-002", "NV-001", "NV-003"]
    assert (await moved(world, again, "submit")).status_code == 200


async def test_sending_it_up_freezes_it_with_a_hash_anybody_can_make(world):
    plan = await accepted(world, make.DISTRICT)
    row = await made(world, await drafted(world, priorities=["Cà phê"]), "submit")
    assert (row["state"], row["submitted"]["document"]["number"]) == ("submitted", "12/TTr-STTTT")
    assert row["content_sha256"] == recomputed(row) == recomputed((await seen(world, row)).json())
    district = await world.as_(make.DISTRICT)
    held = (await district.get(f"/v1/plans/{plan['id']}")).json()
    assert (held["state"], held["allowed_moves"]) == ("consolidated", [])
    await assert_problem(world.api, await district.move(held, "withdraw", make.WITHDRAW), "wrong-state")
    assert (await replaced(world, row, title="x")).status_code == 409
    assert (await gathered(world, row)).status_code == 409
    assert await told(world, plan["id"]) == ["created", "submitted", "accepted", "consolidated"]
    back = await made(world, row, "return")
    assert (back["state"], back["returned"]["reason"]) == ("returned", "Chưa rõ nguồn lực.")
    assert (await district.get(f"/v1/plans/{plan['id']}")).json()["state"] == "accepted"
    again = (await replaced(world, back, title="Tên mới")).json()
    sent = await made(world, again, "submit")
    assert (sent["returned"], sent["content_sha256"] != row["content_sha256"]) == (None, True)
    assert await told(world, plan["id"]) == [
        "created", "submitted", "accepted", "consolidated", "released", "consolidated",
    ]  # fmt: skip
    assert await told(world, row["id"]) == ["drafted", "submitted", "returned", "edited", "submitted"]


async def test_the_year_s_duty_is_received_with_the_plan_and_accepted_with_its_approval(world):
    async with at(world, "2026-09-01T08:00:00+07:00"):
        await opened(world)
        await accepted(world, make.DISTRICT)
        row = await drafted(world)
    async with at(world, "2026-12-20T23:59:59+07:00"):
        row = await made(world, row, "submit")
        assert (await owed(world, make.COORDINATOR, "QC.D8.K2-a"))["state"] == "received_on_time"
        row = await made(world, row, "return")
        assert (await owed(world, make.COORDINATOR, "QC.D8.K2-a"))["state"] == "received_on_time"
    async with at(world, "2026-12-21T00:00:00+07:00"):
        # Lateness is judged by the first time; a programme answers nothing of the year.
        row = await made(world, row, "submit")
        assert (await owed(world, make.COORDINATOR, "QC.D8.K2-a"))["state"] == "received_on_time"
        row = await made(world, row, "approve")
        assert (await owed(world, make.COORDINATOR, "QC.D8.K2-a"))["state"] == "accepted"
        await made(world, await own(world), "submit", "approve")
        row = await made(world, row, "issue")
        amendment = await made(world, row, "amend", "submit", "return")
        mine = await owed(world, make.COORDINATOR, "QC.D8.K2-a")
        assert (mine["state"], mine["submission"]["id"]) == ("accepted", row["id"]), amendment


async def test_approval_needs_number_date_signatory_and_the_signed_file(world):
    row = await made(world, await own(world), "submit")
    for document, signatory, pointer in (
        ({name: value for name, value in DECISION.items() if name != "sha256"}, SIGNATORY, "/document/sha256"),
        (DECISION | {"sha256": None}, SIGNATORY, "/document/sha256"),
        ({name: value for name, value in DECISION.items() if name != "number"}, SIGNATORY, "/document/number"),
        ({name: value for name, value in DECISION.items() if name != "issued_on"}, SIGNATORY, "/document/issued_on"),
        (DECISION, None, "/signatory"),
    ):
        answer = await moved(world, row, "approve", {"document": document, "signatory": signatory})
        assert [at for at, _ in errors(answer)] == [pointer]
    assert errors(await moved(world, await own(world), "submit", make.SUBMIT)) == [("/document", "missing")]
    approved = await made(world, row, "approve")
    assert approved["approved"]["document"] == DECISION
    assert approved["approved"]["signatory"] == SIGNATORY
    assert approved["submitted"]["document"] == PROPOSAL | {"sha256": None}


async def test_issued_it_is_everybody_s_in_its_lists_its_events_and_its_hooks(world, monkeypatch):
    called = []

    async def follow(session, actor, plan, tasks):
        called.append((str(plan.id), plan.state, [(str(t.id), t.carried_from) for t in tasks]))

    monkeypatch.setattr(hooks, "ISSUED", [follow])
    await accepted(world, make.DISTRICT, cooperating_agency_ids=[str(await world.agency_id(THIRD))])
    row = await drafted(world)
    named, stranger = (make.DISTRICT, THIRD), (make.OTHER_DISTRICT, OUTSIDER)
    for slug in (*named, *stranger):
        assert (await seen(world, row, slug)).status_code == 404
    for move in ("submit", "approve"):
        row = await made(world, row, move)
        assert [(await seen(world, row, slug)).status_code for slug in named] == [200, 200]
        assert [(await seen(world, row, slug)).status_code for slug in stranger] == [404, 404]
        assert (await (await world.as_(OUTSIDER)).get(PATH)).json()["items"] == []
    row = await made(world, row, "issue")
    for slug in (*named, *stranger):
        shown = (await seen(world, row, slug)).json()
        assert {**row, "allowed_moves": [], "etag": shown["etag"]} == shown
        assert [item["id"] for item in (await (await world.as_(slug)).get(PATH)).json()["items"]] == [row["id"]]
        # What the agencies wrote stays between them and the coordinator.
        assert (await (await world.as_(slug)).get(f"{PATH}/{row['id']}/sources")).status_code == 404
    assert (await (await world.as_(OFFICE)).get(f"{PATH}/{row['id']}/sources")).status_code == 200
    assert called == [(row["id"], "issued", [(row["tasks"][0]["id"], None)])]


async def test_an_amendment_takes_the_place_of_what_it_amends_on_its_day(world, monkeypatch):
    called = []

    def follow(name):
        async def noted(session, actor, plan, tasks):
            called.append((name, str(plan.id), [t.carried_from and str(t.carried_from) for t in tasks]))

        return noted

    monkeypatch.setattr(hooks, "ISSUED", [follow("issued")])
    monkeypatch.setattr(hooks, "ENDED", [follow("ended")])
    async with at(world, "2027-02-01T08:00:00+07:00"):
        first = await accepted(world, make.DISTRICT)
        row = await made(world, await drafted(world), "submit", "approve", "issue")
        second = await accepted(world, make.OTHER_DISTRICT)
        amendment = await made(world, row, "amend")
        assert (amendment["state"], amendment["edition"], amendment["amends_id"]) == ("draft", 2, row["id"])
        (carried,) = amendment["tasks"]
        assert carried == row["tasks"][0] | {"id": carried["id"], "carried_from": row["tasks"][0]["id"]}
        await assert_problem(world.api, await moved(world, row, "amend"), "conflict")
        await assert_problem(world.api, await moved(world, amendment, "submit"), "conflict")
        amendment = (await gathered(world, amendment)).json()
        assert [item["plan_id"] for item in amendment["absorbed"]] == [first["id"], second["id"]]
        amendment = await made(world, amendment, "submit", "return")
        # Only what came with the amendment is let go: the first plan stands in the issued one.
        states = [
            (await (await world.as_(make.COORDINATOR)).get(f"/v1/plans/{plan['id']}")).json()["state"]
            for plan in (first, second)
        ]
        assert states == ["consolidated", "accepted"]
        amendment = await made(world, amendment, "submit", "approve")
        answer = await moved(world, amendment, "issue", {"effective_from": "2027-03-01"})
        assert answer.status_code == 200, answer.text
        amended = (await seen(world, row)).json()
        assert (amended["state"], amended["in_force"], amended["ended"]["on"]) == ("amended", True, "2027-03-01")
        assert amended["ended"]["reason"] == "Bổ sung nhiệm vụ."
        assert answer.json()["in_force"] is False
    async with at(world, "2027-03-01T00:00:00+07:00"):
        states = [(await seen(world, one)).json()["in_force"] for one in (row, amendment)]
        assert states == [False, True]
        for wanted, ids in (("true", [amendment["id"]]), ("false", [row["id"]])):
            found = await (await world.as_(OUTSIDER)).get(f"{PATH}?in_force={wanted}&year=2027&kind=provincial_annual")
            assert [item["id"] for item in found.json()["items"]] == ids
        found = await (await world.as_(OUTSIDER)).get(f"{PATH}?state=amended")
        assert [item["id"] for item in found.json()["items"]] == [row["id"]]
    carried_from = row["tasks"][0]["id"]
    assert called == [
        ("issued", row["id"], [None]),
        ("issued", amendment["id"], [carried_from, None]),
        ("ended", row["id"], [None]),
    ]
    assert await told(world, row["id"]) == ["drafted", "submitted", "approved", "issued", "amended"]


async def test_an_amendment_of_what_no_longer_stands_is_not_issued(world):
    row = await made(world, await own(world), "submit", "approve", "issue")
    amendment = await made(world, row, "amend", "submit", "approve")
    await made(world, row, "close")
    await assert_problem(world.api, await moved(world, amendment, "issue"), "conflict")
    assert (await seen(world, amendment)).json()["state"] == "approved"


async def test_one_annual_plan_of_a_year_lives(world):
    await accepted(world, make.DISTRICT)
    row = await drafted(world)
    coordinator = await world.as_(make.COORDINATOR)
    body = {"year": 2027, "title": "Thứ hai"}
    await assert_problem(world.api, await coordinator.post(PATH, body), "conflict")
    assert (await coordinator.post(PATH, {**body, "kind": "programme"})).status_code == 201
    assert (await coordinator.post(PATH, {**body, "year": 2028})).status_code == 201
    row = await made(world, row, "submit", "approve", "issue", "amend", "submit", "approve", "issue")
    await assert_problem(world.api, await coordinator.post(PATH, body), "conflict")
    row = await made(world, row, "close")
    assert (row["state"], row["ended"]["reason"]) == ("closed", "Hoàn thành.")
    assert (await coordinator.post(PATH, body)).status_code == 201


async def test_it_is_superseded_by_another_that_is_issued(world):
    async with at(world, "2027-02-01T08:00:00+07:00"):
        old = await made(world, await own(world), "submit", "approve", "issue")
        draft = await own(world, year=2028)
        for id in (old["id"], draft["id"], "01a00000-0000-7000-8000-000000000000"):
            answer = await moved(world, old, "supersede", {"by_plan_id": id, "reason": "Gộp"})
            assert errors(answer) == [("/by_plan_id", "unknown_provincial_plan")]
        new = await made(world, draft, "submit", "approve")
        new = (await moved(world, new, "issue", {"effective_from": "2028-02-29"})).json()
        answer = await moved(world, old, "supersede", {"by_plan_id": new["id"], "reason": "Gộp"}, OFFICE)
        assert answer.status_code == 200, answer.text
        ended = answer.json()["ended"]
        assert (ended["on"], ended["reason"], ended["superseded_by"]) == ("2028-02-29", "Gộp", new["id"])
        assert answer.json()["in_force"] is True
    async with at(world, "2028-02-29T00:00:00+07:00"):
        assert [(await seen(world, one)).json()["in_force"] for one in (old, new)] == [False, True]


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2028-02-28T23:59:59.999+07:00", False),
        ("2028-02-29T00:00:00+07:00", True),
        ("2030-12-31T23:59:59.999+07:00", True),
        ("2031-01-01T00:00:00+07:00", False),
    ],
)
async def test_a_plan_of_several_years_holds_from_its_leap_day_to_the_end_of_its_last_year(world, moment, holds):
    async with at(world, "2027-12-01T08:00:00+07:00"):
        row = await own(world, year=2028, until_year=2030)
        tasks = [await a_task(world, make.DISTRICT, starts_on="2028-02-29", ends_on="2030-12-31")]
        row = await made(world, (await replaced(world, row, tasks=tasks)).json(), "submit", "approve")
        assert errors(await moved(world, row, "issue", {"effective_from": "2031-01-01"})) == [
            ("/effective_from", "never_in_force")
        ]
        assert (await moved(world, row, "issue", {"effective_from": "2029-02-29"})).status_code == 422
        row = (await moved(world, row, "issue", {"effective_from": "2028-02-29"})).json()
        assert row["in_force"] is False
    async with at(world, moment):
        shown = await seen(world, row, COMMITTEE)
        assert shown.json()["in_force"] is holds
        # The tag tells it, though nobody touched the plan.
        assert (shown.headers["ETag"] != row["etag"]) is holds
        found = await (await world.as_(OUTSIDER)).get(f"{PATH}?in_force={str(holds).lower()}")
        assert [item["id"] for item in found.json()["items"]] == [row["id"]]


async def test_only_a_draft_that_was_never_sent_is_deleted(world):
    row = await own(world)
    coordinator = await world.as_(make.COORDINATOR)
    sent = await made(world, await own(world), "submit", "return")
    headers = {"If-Match": sent["etag"]}
    refused = await coordinator.request("DELETE", f"{PATH}/{sent['id']}", headers=headers)
    await assert_problem(world.api, refused, "wrong-state")
    gone = await coordinator.request("DELETE", f"{PATH}/{row['id']}", headers={"If-Match": row["etag"]})
    assert gone.status_code == 204
    assert (await seen(world, row)).status_code == 404
    assert await told(world, row["id"]) == ["drafted", "edited", "deleted"]


async def test_a_plan_without_tasks_is_not_sent_up(world):
    assert errors(await moved(world, await drafted(world), "submit")) == [("/tasks", "no_tasks")]


async def test_a_copy_loses_a_plan_whose_tasks_no_longer_name_its_agency(world):
    row = await made(world, await own(world), "submit")
    theirs = Copy(await world.as_(make.DISTRICT), world, types="provincial_plan")
    assert list((await theirs.pull()).has) == [row["id"]]
    row = await made(world, row, "return")
    answer = await replaced(world, row, tasks=[await a_task(world, make.OTHER_DISTRICT)])
    assert answer.status_code == 200, answer.text
    assert (await theirs.pull()).told == [("provincial_plan", row["id"], "no_longer_visible")]
    await made(world, answer.json(), "submit", "approve", "issue")
    assert list((await theirs.pull()).has) == [row["id"]]
