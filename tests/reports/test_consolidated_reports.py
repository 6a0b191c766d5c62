"""A year's accepted reports made into one, frozen, sent to the People's Committee and answered (QC.D8.K8, QD.D2)."""

import hashlib
import json
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.trail.models import Event
from tests import make
from tests.shape import assert_problem

COMMITTEE, THIRD, FOURTH = "ubnd-tinh", "so-noi-vu", "so-y-te"
IN_TIME, TOO_LATE = "2027-12-14T23:59:59.999+07:00", "2027-12-15T00:00:00+07:00"
DUE, OVERDUE = "2027-12-31T23:59:59+07:00", "2028-01-01T00:00:00+07:00"
PATH = "/v1/consolidated-reports"
WORDS = {"title": "Báo cáo tổng hợp năm 2027", "summary": "Cơ bản hoàn thành.", "proposals": "Bổ sung biên chế."}
DIRECTION = {
    "direction": "Nhân rộng mô hình.",
    "document": {"number": "12/UBND-VHXH", "issued_on": "2028-01-10", "issuer": "UBND tỉnh"},
}


@asynccontextmanager
async def at(world, moment):
    """The service at an instant; the tokens are of that instant too."""
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        await world.refresh()
        world._tokens.clear()
        yield


@pytest.fixture
async def december(world):
    """2027 is opened, the coordinator's own date is 31 December; the test stands in the evening of the 14th."""
    async with at(world, "2027-01-04T08:00:00+07:00"):
        document = {"number": "12/STTTT-TTBCXB", "issued_on": "2027-01-04", "issuer": "Sở"}
        deadlines = [{"duty": "QC.D8.K8", "last_on_time_date": "2027-12-31"}]
        body = {"document": document, "deadlines": deadlines, "weekend_policy": "none"}
        opened = await (await world.as_(make.COORDINATOR)).put("/v1/obligation-years/2027", body)
        assert opened.status_code == 201, opened.text
    async with at(world, IN_TIME):
        yield


async def sent(world, slug, **changes):
    caller = await world.as_(slug)
    report = (await caller.post("/v1/reports", make.a_report(**changes))).json()
    answer = await caller.move(report, "submit", make.SUBMIT, "reports")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def accepted(world, slug, **changes):
    report = await sent(world, slug, **changes)
    if report["state"] == "accepted":
        return report
    done = await (await world.as_(make.COORDINATOR)).move(report, "accept", {}, "reports")
    assert done.status_code == 200, done.text
    return done.json()


async def built(world, **changes):
    answer = await (await world.as_(make.COORDINATOR)).post(PATH, {"year": 2027, **WORDS, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def rebuilt(world, row, **changes):
    return await (await world.as_(make.COORDINATOR)).put(f"{PATH}/{row['id']}", {**WORDS, **changes}, row["etag"])


async def moved(world, row, move, body=None, slug=None):
    slug = slug or (make.COORDINATOR if move == "submit" else COMMITTEE)
    return await (await world.as_(slug)).move(row, move, BODIES[move] if body is None else body, PATH[4:])


async def made(world, row, *moves):
    for move in moves:
        answer = await moved(world, row, move)
        assert answer.status_code == 200, answer.text
        row = answer.json()
    return row


async def owed(world, slug, duty="QC.D7.K3-a"):
    query = f"agency={await world.agency_id(slug)}&duty={duty}&year=2027"
    (item,) = (await (await world.as_(slug)).get(f"/v1/obligations?{query}")).json()["items"]
    return item


async def disposed(world, slug, move, body, by):
    mine = await owed(world, slug)
    done = await (await world.as_(by)).post(f"/v1/obligations/{mine['id']}/{move}", body, mine["etag"])
    assert done.status_code == 200, done.text


async def told(world, id):
    async with world.sessions() as session:
        found = await session.scalars(select(Event.type).where(Event.resource_id == UUID(id)).order_by(Event.id))
        return [type.partition(".")[2] for type in found]


def recomputed(content):
    """The hash as its description tells a reader to make it."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


BODIES = {
    "submit": make.SUBMIT,
    "return": {"reason": "Chưa nêu nguyên nhân."},
    "acknowledge": {"note": "Đã xem."},
    "direct": DIRECTION,
}


@pytest.mark.provision("QC.D8.K8")
@pytest.mark.usefixtures("december")
async def test_one_call_says_who_is_in_late_left_out_missing_not_accepted_nil_and_waived(world):
    first = await accepted(world, make.DISTRICT)
    second = await accepted(world, make.OTHER_DISTRICT)
    waiting = await sent(world, THIRD)
    nil = {"no_state_secret": True, "reason": "Không phát sinh"}
    await disposed(world, FOURTH, "nil-return", nil, FOURTH)
    await disposed(world, "so-gtvt", "waive", {"reason": "Đang sắp xếp lại"}, make.COORDINATOR)
    async with at(world, TOO_LATE):
        late = await accepted(world, make.COORDINATOR)
        row = await built(world, excluded=[{"report_id": second["id"], "reason": "Số liệu trùng với huyện bạn"}])
        content = row["content"]
        ids = {slug: str(await world.agency_id(slug)) for slug in (THIRD, FOURTH, "so-gtvt", "so-khcn")}
    assert [(i["report_id"], i["agency"], i["late"]) for i in content["included"]] == [
        (late["id"], "Sở Thông tin và Truyền thông", True),
        (first["id"], "Ủy ban nhân dân huyện Buôn Đôn", False),
    ]
    (excluded,) = content["excluded"]
    assert (excluded["report_id"], excluded["reason"]) == (second["id"], "Số liệu trùng với huyện bạn")
    absent = {item["agency_id"]: (item["state"], item["reason"]) for item in content["absent"]}
    assert absent[ids[THIRD]] == ("not_accepted", None), waiting
    assert absent[ids[FOURTH]] == ("nil_return", "Không phát sinh")
    assert absent[ids["so-gtvt"]] == ("waived", "Đang sắp xếp lại")
    assert absent[ids["so-khcn"]] == ("missing", None)
    here = {item["agency_id"] for item in (*content["included"], *content["excluded"])}
    assert not here & set(absent)
    coordinator = await world.as_(make.COORDINATOR)
    matrix = (await coordinator.get("/v1/obligations/matrix?year=2027")).json()
    (duty,) = [duty for duty in matrix["duties"] if duty["duty"] == "QC.D7.K3-a"]
    assert len(here) + len(absent) == duty["total"]["expected"] + duty["total"]["waived"]


@pytest.mark.usefixtures("december")
async def test_indicators_are_summed_with_their_origin_and_difficulties_gathered(world):
    for slug, number in ((make.DISTRICT, "0.1"), (make.OTHER_DISTRICT, "0.2"), (THIRD, "7.500")):
        unit = "triệu đồng" if slug == THIRD else "bài"
        await accepted(world, slug, indicators=[make.an_indicator(number=number, unit=unit)])
    content = (await built(world))["content"]
    shown = [(i["unit"], i["total"], [o["number"] for o in i["origins"]]) for i in content["indicators"]]
    assert shown == [("bài", "0.3", ["0.1", "0.2"]), ("triệu đồng", "7.500", ["7.500"])]
    assert [item["description"] for item in content["difficulties"]] == ["Thiếu người biết tiếng Anh."] * 3
    assert len({item["agency_id"] for item in content["difficulties"]}) == 3
    (area,) = [part for part in content["sections"] if part["entries"]]
    assert (area["area"], len(area["entries"]), len(content["evaluations"])) == ("QC.D5.K2", 3, 3)


@pytest.mark.usefixtures("december")
async def test_the_hash_is_that_of_the_content_as_anybody_reads_it(world):
    await accepted(world, make.DISTRICT)
    row = await built(world)
    read = await (await world.as_(make.COORDINATOR)).get(f"{PATH}/{row['id']}")
    assert read.json() == row
    assert read.headers["ETag"] == row["etag"]
    assert row["content_sha256"] == recomputed(row["content"]) == recomputed(read.json()["content"])
    (listed,) = (await (await world.as_(make.COORDINATOR)).get(PATH)).json()["items"]
    assert listed == {name: row[name] for name in listed}


@pytest.mark.usefixtures("december")
async def test_building_again_from_the_same_changes_nothing_and_from_something_else_does(world):
    report = await accepted(world, make.DISTRICT)
    row = await built(world)
    same = await rebuilt(world, row)
    assert (same.status_code, same.json()) == (200, row)
    assert await told(world, row["id"]) == ["built"]
    again = (await rebuilt(world, row, summary="Khác")).json()
    assert (again["version"], again["content_sha256"]) == (row["version"] + 1, row["content_sha256"])
    assert (await rebuilt(world, row)).status_code == 412
    await accepted(world, make.OTHER_DISTRICT)
    more = (await rebuilt(world, again)).json()
    assert len(more["content"]["included"]) == 2
    assert more["content_sha256"] != row["content_sha256"]
    less = await rebuilt(world, more, excluded=[{"report_id": report["id"], "reason": "Trùng"}])
    assert len(less.json()["content"]["included"]) == 1
    assert await told(world, row["id"]) == ["built", "rebuilt", "rebuilt", "rebuilt"]


@pytest.mark.usefixtures("december")
async def test_what_is_left_out_stays_the_same_in_whatever_order_it_is_named(world):
    ids = [(await accepted(world, slug))["id"] for slug in (make.DISTRICT, make.OTHER_DISTRICT)]
    excluded = [{"report_id": id, "reason": "Trùng"} for id in ids]
    row = await built(world, excluded=excluded)
    same = (await rebuilt(world, row, excluded=excluded[::-1])).json()
    assert (same["version"], same["content_sha256"]) == (row["version"], row["content_sha256"])


@pytest.mark.usefixtures("december")
async def test_what_changed_since_it_was_built_is_not_sent_up_unseen(world):
    district = await world.as_(make.DISTRICT)
    report = await accepted(world, make.DISTRICT)
    row = await built(world)
    changes = [
        accepted(world, make.OTHER_DISTRICT),
        district.move(report, "withdraw", make.WITHDRAW, "reports"),
        disposed(world, FOURTH, "waive", {"reason": "Đang sắp xếp lại"}, make.COORDINATOR),
    ]
    for change in changes:
        await change
        await assert_problem(world.api, await moved(world, row, "submit"), "conflict")
        row = (await rebuilt(world, row)).json()
        assert row["state"] == "draft"
    assert (await moved(world, row, "submit")).status_code == 200


@pytest.mark.usefixtures("december")
async def test_sending_it_up_freezes_what_is_in_it(world, connection):
    district = await world.as_(make.DISTRICT)
    report, left_out = await accepted(world, make.DISTRICT), await accepted(world, make.OTHER_DISTRICT)
    row = await built(world, excluded=[{"report_id": left_out["id"], "reason": "Trùng"}])
    row = await made(world, row, "submit")
    assert (row["state"], row["submitted_at"] is not None) == ("submitted", True)
    path = f"/v1/reports/{report['id']}"
    held = (await district.get(path)).json()
    assert (held["state"], held["allowed_moves"]) == ("consolidated", [])
    refused = await district.move(held, "withdraw", make.WITHDRAW, "reports")
    await assert_problem(world.api, refused, "wrong-state")
    assert (await district.put(path, make.a_report(title="Khác"), held["etag"])).status_code == 409
    other = await (await world.as_(make.COORDINATOR)).get(f"/v1/reports/{left_out['id']}")
    assert other.json()["state"] == "accepted"
    assert (await rebuilt(world, row)).status_code == 409
    for change in (
        "content = '{}'",
        "content_sha256 = 'x'",
        "excluded = '[]'",
        "title = 'x'",
        "summary = 'x'",
        "proposals = NULL",
        "year = 2028",
        "state = 'returned', content = '{}'",
    ):
        nested = await connection.begin_nested()
        await connection.execute(text("SET LOCAL ROLE ttdn_app"))
        with pytest.raises(DBAPIError, match="sent up does not change"):
            await connection.execute(text(f"UPDATE consolidated_report SET {change}"))
        await nested.rollback()
    assert await told(world, report["id"]) == ["created", "submitted", "accepted", "consolidated"]
    assert (await (await world.as_(COMMITTEE)).get(f"{PATH}/{row['id']}")).json()["content"] == row["content"]


@pytest.mark.usefixtures("december")
async def test_a_return_releases_the_reports_and_it_is_built_anew(world):
    district = await world.as_(make.DISTRICT)
    report, other = await accepted(world, make.DISTRICT), await accepted(world, make.OTHER_DISTRICT)
    row = await made(world, await built(world), "submit", "return")
    assert (row["state"], row["decided"]["text"]) == ("returned", "Chưa nêu nguyên nhân.")
    assert (await owed(world, make.COORDINATOR, "QC.D8.K8"))["state"] == "received_on_time"
    released = (await district.get(f"/v1/reports/{report['id']}")).json()
    assert (released["state"], released["late"]) == ("accepted", False)
    withdrawn = await district.move(released, "withdraw", make.WITHDRAW, "reports")
    assert withdrawn.status_code == 200, withdrawn.text
    await assert_problem(world.api, await moved(world, row, "submit"), "conflict")
    again = (await rebuilt(world, row)).json()
    assert [item["report_id"] for item in again["content"]["included"]] == [other["id"]]
    again = await made(world, again, "submit")
    assert (again["state"], again["decided"]) == ("submitted", None)
    assert await told(world, report["id"]) == [
        "created", "submitted", "accepted", "consolidated", "released", "withdrawn",
    ]  # fmt: skip
    assert await told(world, row["id"]) == ["built", "submitted", "returned", "rebuilt", "submitted"]


@pytest.mark.provision("QD.D2", "QC.D8.K8")
@pytest.mark.usefixtures("december")
async def test_the_committee_takes_note_and_then_everybody_reads_it(world):
    await accepted(world, make.DISTRICT)
    row = await built(world)
    press = await world.as_("bao-dak-lak")
    for move in ("submit", "acknowledge"):
        await assert_problem(world.api, await press.get(f"{PATH}/{row['id']}"), "not-found")
        assert (await press.get(PATH)).json()["items"] == []
        row = await made(world, row, move)
    assert (row["state"], row["decided"]["text"]) == ("acknowledged", "Đã xem.")
    mine = await owed(world, make.COORDINATOR, "QC.D8.K8")
    assert mine["state"] == "accepted"
    assert (await press.get(f"{PATH}/{row['id']}")).json()["content"] == row["content"]
    assert [item["id"] for item in (await press.get(PATH)).json()["items"]] == [row["id"]]
    directed = await made(world, row, "direct")
    assert directed["decided"]["text"] == "Nhân rộng mô hình."
    assert directed["decided"]["document"]["number"] == "12/UBND-VHXH"
    assert (await press.get(f"{PATH}/{row['id']}")).json()["state"] == "directed"
    assert await told(world, row["id"]) == ["built", "submitted", "acknowledged", "directed"]
    assert await told(world, mine["id"]) == ["created", "met", "accepted"]


@pytest.mark.usefixtures("december")
async def test_directions_at_once_take_note_of_it_too(world):
    await accepted(world, make.DISTRICT)
    row = await made(world, await built(world), "submit", "direct")
    assert (row["state"], row["allowed_moves"]) == ("directed", [])
    assert (await owed(world, make.COORDINATOR, "QC.D8.K8"))["state"] == "accepted"


@pytest.mark.usefixtures("december")
@pytest.mark.parametrize(("moment", "late"), [(DUE, False), (OVERDUE, True)])
async def test_the_coordinator_is_late_or_on_time_by_the_date_of_the_dispatch(world, moment, late):
    await accepted(world, make.DISTRICT)
    row = await built(world)
    async with at(world, moment):
        row = await made(world, row, "submit")
        state = f"received_{'late' if late else 'on_time'}"
        assert (await owed(world, make.COORDINATOR, "QC.D8.K8"))["state"] == state
    async with at(world, "2028-02-01T08:00:00+07:00"):
        row = await made(world, row, "return", "submit")
        assert (await owed(world, make.COORDINATOR, "QC.D8.K8"))["state"] == state


@pytest.mark.usefixtures("december")
async def test_a_year_has_one_and_only_accepted_reports_of_it_are_left_out(world):
    report, waiting = await accepted(world, make.DISTRICT), await sent(world, make.OTHER_DISTRICT)
    coordinator = await world.as_(make.COORDINATOR)
    for id in (waiting["id"], "01a00000-0000-7000-8000-000000000001"):
        excluded = [{"report_id": report["id"], "reason": "Trùng"}, {"report_id": id, "reason": "Trùng"}]
        refused = await coordinator.post(PATH, {"year": 2027, **WORDS, "excluded": excluded})
        document = await assert_problem(world.api, refused, "validation-failed")
        assert [(e["pointer"], e["code"]) for e in document["errors"]] == [("/excluded/1/report_id", "unknown_report")]
    twice = [{"report_id": report["id"], "reason": reason} for reason in ("Một", "Hai")]
    refused = await coordinator.post(PATH, {"year": 2027, **WORDS, "excluded": twice})
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/excluded"]
    marked = await coordinator.post(PATH, {"year": 2027, **WORDS, "summary": "TỐI MẬT"})
    await assert_problem(world.api, marked, "state-secret-refused")
    await built(world)
    second = await coordinator.post(PATH, {"year": 2027, **WORDS})
    await assert_problem(world.api, second, "conflict")
    refused = await moved(world, (await coordinator.get(PATH)).json()["items"][0], "submit", {})
    assert [e["pointer"] for e in refused.json()["errors"]] == ["/no_state_secret"]


@pytest.mark.usefixtures("december")
async def test_interim_and_ad_hoc_reports_and_those_of_other_years_are_not_taken_in(world):
    await accepted(world, make.DISTRICT, kind="interim", period_start="2027-01-01", period_end="2027-06-30")
    await accepted(world, make.DISTRICT, year=2026)
    request = await make.asked(world, make.DISTRICT)
    await accepted(world, make.DISTRICT, kind="ad_hoc", request_id=request["id"])
    content = (await built(world))["content"]
    assert content["included"] == content["indicators"] == content["difficulties"] == []
    assert str(await world.agency_id(make.DISTRICT)) in {item["agency_id"] for item in content["absent"]}


STATES = ("draft", "submitted", "returned", "acknowledged", "directed")
# QC.D8.K8: the coordinator gathers and sends up; the People's Committee returns, takes note, directs.
TRANSITIONS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "acknowledge"): "acknowledged",
    ("submitted", "direct"): "directed",
    ("acknowledged", "direct"): "directed",
}
PATHS_TO = {
    "draft": (),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "acknowledged": ("submit", "acknowledge"),
    "directed": ("submit", "direct"),
}
DECIDING = ("ubnd-tinh", "vp-ubnd")
# One agency for each function of 2013.
EVERYBODY = (
    "ubnd-tinh", "vp-ubnd", "so-tttt", "so-ngoai-vu", "so-khdt", "so-vhttdl", "so-tai-chinh", "cong-an-tinh",
    "bch-bdbp", "cuc-hai-quan", "ban-tuyen-giao", "bao-dak-lak", "tt-cong-ttdt", "ubnd-buon-don", "vhtt-buon-don",
    "so-noi-vu",
)  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", BODIES)
async def test_each_move_from_each_state_by_each_function_does_as_the_table_says(world, state, move):
    row = await made(world, await built(world), *PATHS_TO[state])
    assert row["state"] == state
    rightful = (make.COORDINATOR,) if move == "submit" else DECIDING
    seeing = EVERYBODY if state in {"acknowledged", "directed"} else (*DECIDING, make.COORDINATOR)
    for slug in EVERYBODY:
        read = await (await world.as_(slug)).get(f"{PATH}/{row['id']}")
        assert read.status_code == (200 if slug in seeing else 404), slug
        if slug not in rightful:
            await assert_problem(world.api, await moved(world, row, move, slug=slug), "insufficient-scope")
    for slug in rightful:
        mine = (await (await world.as_(slug)).get(f"{PATH}/{row['id']}")).json()
        deciding = slug != make.COORDINATOR
        allowed = {m for s, m in TRANSITIONS if s == state and (m != "submit") == deciding}
        assert {item["move"] for item in mine["allowed_moves"]} == allowed
    done = await moved(world, row, move, slug=rightful[-1])
    if (state, move) in TRANSITIONS:
        assert done.json()["state"] == TRANSITIONS[state, move]
        assert done.json()["version"] == row["version"] + 1
    else:
        problem = await assert_problem(world.api, done, "wrong-state")
        assert (problem["state"], {item["move"] for item in problem["allowed_moves"]}) == (state, allowed)


@pytest.mark.parametrize("state", STATES)
async def test_only_drafts_and_what_was_returned_are_built_again(world, state):
    row = await made(world, await built(world), *PATHS_TO[state])
    done = await rebuilt(world, row, title="Tên mới")
    assert done.status_code == (200 if state in {"draft", "returned"} else 409), done.text
    for slug in (COMMITTEE, make.DISTRICT):
        refused = await (await world.as_(slug)).put(f"{PATH}/{row['id']}", WORDS, row["etag"])
        await assert_problem(world.api, refused, "insufficient-scope")
