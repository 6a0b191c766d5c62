"""Điều 8 khoản 2: more forms and more products; what there is of each is counted."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from app.kit.canonical import hashed
from app.kit.db import transaction
from app.statistics.service import of_report
from tests import make
from tests.obligations.hands import DISPATCH, World, at
from tests.press.hands import an_event
from tests.provisions.hands import COMMITTEE, PRESS, get, post
from tests.records import hands as records
from tests.statements import counting
from tests.tasks import hands as tasks

PATH = "/v1/statistics?year=2027"
KINDS = ("information_supply", "plan_task", "press_event", "press_product", "record")
# Of the kinds of record those that the regulation has as activities or products: to be done, and done.
COUNTED = {
    "training_course": ("planned announced", "held"),
    "foreign_press_invitation": ("approved invited", "completed"),
    "people_diplomacy": ("planned", "held"),
    "overseas_campaign": ("planned", "held"),
    "partnership": ("exploring negotiating", "signed ended"),
    "translation": ("requested in_progress", "completed"),
    "investment_profile": ("", "released"),
    "portal_item": ("ready", "published"),
    "cultural_event": ("planned", "held"),
    "cultural_programme": ("planned scheduled", "completed"),
    "photo_book": ("", "released"),
    "souvenir": ("", "released"),
    "border_information": ("planned", "held"),
    "rebuttal": ("approved", "published"),
}


@pytest.fixture
async def world(sessions, api, app):
    return World(sessions, api, app)


@pytest.fixture
async def year(world):
    """A task done and one not, two events held and one announced, a draft, a supply, two products; one of 2026."""
    async with at(world, "2027-01-11T08:00:00"):
        one = await tasks.a_task(world, "NV-01", provision="QC.D7.K2", channel="Truyền hình")
        two = await tasks.a_task(world, "NV-02", make.OTHER_DISTRICT, content_category="rebuttal", ends_on="2027-12-31")
        await tasks.issued(world, one, two)
        await tasks.reported(world, await tasks.task(world), "complete")
    async with at(world, "2027-03-31T23:30:00"):
        when = {"starts_at": "2027-03-31T23:00:00+07:00", "ends_at": None}
        two_kinds = {"content_categories": ["image_promotion", "rebuttal"]}
        await an_event(world, "announce", "hold", **when, **two_kinds, form="press_conference")
        await an_event(world, "announce", "hold", slug=make.COORDINATOR, **when)
        await an_event(world, "announce", slug=make.COORDINATOR, starts_at="2027-04-01T00:00:00+07:00", ends_at=None)
        await an_event(world, "announce", **when | {"starts_at": "2026-12-31T23:59:59+07:00"})
        await an_event(world, **when)
        await post(world, make.DISTRICT, "/v1/information-supplies", make.a_supply(supplied_on="2027-03-30"))
        for kind in ("page", "column"):
            await post(world, PRESS, "/v1/press-products", make.a_product(kind=kind))
        yield


def figures(found, *names):
    return [tuple(item[name] for name in ("kind", *names, "count", "done")) for item in found["items"]]


@pytest.mark.provision("QC.D8.K2")
async def test_qc_d8_k2_c_what_was_done_is_counted_by_form_and_product(world, year):
    """«đa dạng hóa hình thức và sản phẩm thông tin tuyên truyền đối ngoại»."""
    found = await get(world, make.COORDINATOR, f"{PATH}&by=form")
    assert figures(found, "form") == [
        ("information_supply", "direct", 1, 1),
        ("plan_task", None, 2, 1),
        ("press_event", "periodic_briefing", 2, 1),
        ("press_event", "press_conference", 1, 1),
        ("press_product", "column", 1, 1),
        ("press_product", "page", 1, 1),
    ]
    assert [(kind["kind"], kind["count"], kind["done"]) for kind in found["kinds"]] == [
        (KINDS[0], 1, 1), (KINDS[1], 2, 1), (KINDS[2], 3, 2), (KINDS[3], 2, 2), (KINDS[4], 0, 0),
    ]  # fmt: skip
    # An event of two categories counts in each of them, and once over all.
    found = await get(world, make.COORDINATOR, f"{PATH}&by=content_category")
    assert [item[1:] for item in figures(found, "content_category") if item[0] == "press_event"] == [
        (None, 2, 1), ("image_promotion", 1, 1), ("rebuttal", 1, 1),
    ]  # fmt: skip
    assert found["kinds"][2]["count"] == 3


async def test_activities_are_counted_by_agency_area_channel_quarter_and_month(world, year):
    found = await get(world, COMMITTEE, f"{PATH}&by=agency&by=area")
    names = "agency_name", "area"
    assert [item for item in figures(found, *names) if item[0] == "plan_task"] == [
        ("plan_task", "Ủy ban nhân dân huyện Buôn Đôn", "QC.D5.K5", 1, 1),
        ("plan_task", "Ủy ban nhân dân huyện Cư Kuin", None, 1, 0),
    ]
    found = await get(world, COMMITTEE, f"{PATH}&by=channel&by=quarter")
    assert [item for item in figures(found, "channel", "quarter") if item[0] in {"plan_task", "press_event"}] == [
        ("plan_task", None, "2027-Q4", 1, 0),
        ("plan_task", "Truyền hình", "2027-Q2", 1, 1),
        ("press_event", None, "2027-Q1", 2, 2),
        ("press_event", None, "2027-Q2", 1, 0),
    ]
    found = await get(world, COMMITTEE, f"{PATH}&by=month")
    assert ("press_event", "2027-04", 1, 0) in figures(found, "month")
    found = await get(world, COMMITTEE, "/v1/statistics?year=2030")
    assert (found["items"], [kind["count"] for kind in found["kinds"]]) == ([], [0] * len(KINDS))


async def test_an_agency_counts_its_own_and_overseers_all(world, year):
    every = {item["agency"] for item in (await get(world, make.COORDINATOR, PATH))["items"]}
    assert len(every) == 4
    for slug in (make.DISTRICT, make.OTHER_DISTRICT, PRESS):
        found = await get(world, slug, PATH)
        assert {item["agency"] for item in found["items"]} == {str(await world.agency_id(slug))}
    assert (await get(world, "so-noi-vu", PATH))["items"] == []


async def test_statistics_as_a_table(world, year):
    caller = await world.as_(make.COORDINATOR)
    found = (await caller.get(f"{PATH}&by=agency&by=form")).json()
    answer = await caller.get(f"{PATH}&by=agency&by=form&format=csv")
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["Loại hoạt động", "Cơ quan", "Hình thức, sản phẩm", "Số hoạt động", "Đã thực hiện"]
    wanted = [[item["agency_name"], item["form"] or "", str(item["count"])] for item in found["items"]]
    assert [row[1:4] for row in rows[1:]] == wanted
    sheet = load_workbook(BytesIO((await caller.get(f"{PATH}&by=agency&by=form&format=xlsx")).content)).active
    assert sheet.max_row == len(rows)


@pytest.mark.provision("QC.D8.K2")
async def test_qc_d8_k2_c_records_are_counted_where_they_are_activities_or_products(world):
    """By the kind as form; a difficulty, a case and what was called off or taken back are none."""
    declared = {name: kind.activity for name, kind in records.KINDS.items() if kind.activity}
    assert declared.keys() == COUNTED.keys()
    for name, (planned, done) in COUNTED.items():
        assert (declared[name].planned, declared[name].done) == (set(planned.split()), set(done.split())), name
    async with at(world, "2027-05-10T08:00:00"):
        march, next_year = ({"starts_on": f"{day}", "ends_on": None} for day in ("2027-03-31", "2028-01-01"))
        for moves in ((), ("hold",), ("cancel",)):
            await records.a_record(world, "cultural_event", *moves, **march)
        for moves in ((), ("release",), ("release", "withdraw")):
            await records.a_record(world, "souvenir", *moves, **march)
        await records.a_record(world, "cultural_event", "hold", **next_year)
        await records.a_record(world, "photo_book", "release")
        for kind in ("difficulty", "complaint_case"):
            await records.recorded(world, kind)
        found = await get(world, make.COORDINATOR, f"{PATH}&by=form&by=month")
        assert figures(found, "form", "month") == [
            ("record", "cultural_event", "2027-03", 2, 1),
            ("record", "photo_book", "2027-05", 1, 1),
            ("record", "souvenir", "2027-03", 1, 1),
        ]
        assert figures(await get(world, make.DISTRICT, PATH)) == []
        body = {"year": 2027, "title": "Báo cáo tổng hợp năm 2027"}
        built = await post(world, make.COORDINATOR, "/v1/consolidated-reports", body)
        assert {"kind": "record", "area": None, "form": "souvenir", "count": 1, "done": 1} in built["content"][
            "statistics"
        ]


@pytest.mark.parametrize("query", ["", "year=2012", "year=2027&by=x", "year=2027&by=agency&by=area&by=form"])
async def test_what_cannot_be_counted_is_refused(world, query):
    answer = await (await world.as_(make.DISTRICT)).get(f"/v1/statistics?{query}")
    assert answer.status_code == 400, answer.text


async def test_each_kind_takes_one_statement(world, engine, year):
    async with transaction(world.sessions) as session:
        with counting(engine) as statements:
            await of_report(session, 2027)
    assert len([one for one in statements if one.startswith("SELECT")]) == len(KINDS)


@pytest.mark.provision("QC.D8.K2", "QC.D8.K8")
async def test_qc_d8_k8_the_year_s_report_carries_the_statistics_as_counted_when_it_was_built(world, year):
    async with at(world, "2027-12-20T08:00:00"):
        body = {"year": 2027, "title": "Báo cáo tổng hợp năm 2027"}
        built = await post(world, make.COORDINATOR, "/v1/consolidated-reports", body)
        path = f"/v1/consolidated-reports/{built['id']}"
        counted_then = built["content"]["statistics"]
        assert {
            "kind": "press_event",
            "area": "QC.D5.K5",
            "form": "press_conference",
            "count": 1,
            "done": 1,
        } in counted_then
        assert built["content_sha256"] == hashed(built["content"])
        again = await (await world.as_(make.COORDINATOR)).put(path, {"title": body["title"]}, built["etag"])
        assert again.json()["version"] == built["version"], "the same activities are no change"
        await post(world, PRESS, "/v1/press-products", make.a_product(kind="reportage"))
        sent = await post(world, make.COORDINATOR, f"{path}/submit", make.SUBMIT | {"document": DISPATCH}, 200)
        assert (sent["state"], sent["content"]["statistics"]) == ("submitted", counted_then)
