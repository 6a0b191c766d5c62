"""What agencies and the press have published, as everybody reads it (QC.D8.K4, QC.D9.K6, QC.D10, QC.D11.K2, QC.D15)."""

import csv
from io import StringIO

import pytest
from sqlmodel import select

from app.portal.record_schemas import PUBLIC
from app.records import queries
from app.records.kinds import KINDS
from app.records.models import Record
from tests import make
from tests.portal.hands import ids, look
from tests.records import hands

RECORDS, SERIES, PRODUCTS = "/v1/public/records", "/v1/public/investment-statistics", "/v1/public/press-products"
CANARY = "c4n4ry chi trong noi bo"
WITHHELD = {
    "summary", "named", "steps", "external", "recorded_by_agency_id", "merged_into_id", "allowed_moves", "version",
    "sensitivity", "etag", "created_at", "created_by", "dossier", "draft_url",
}  # fmt: skip


def longest(kind):
    """The moves to the public state that is furthest away."""
    return max((hands.way_to(KINDS[kind], state) for state in PUBLIC[kind].public_when), key=len)


@pytest.mark.parametrize("kind", PUBLIC)
async def test_a_record_is_public_in_its_public_states_and_without_what_belongs_to_its_agency(world, kind):
    """Before each of its moves and after the last: the list and the record, with all that must not show."""
    summary = {"summary": CANARY} if KINDS[kind].summary else {}
    record = await hands.recorded(world, kind, **summary)
    comment = {"no_state_secret": True, "kind": "comment", "text": CANARY}
    writer = await world.as_(hands.writer(kind))
    await hands.done(writer.post(f"/v1/records/{record['id']}/contributions", comment), 201)
    for move in (None, *longest(kind)):
        if move:
            noted = {"note": CANARY} if move in {"end", "repeal"} else {}
            record = await hands.moved(world, record, move, **noted)
        public = record["state"] in KINDS[kind].public_when
        assert await ids(world, RECORDS) == ([record["id"]] if public else [])
        found = await look(world, f"{RECORDS}/{record['id']}", 200 if public else 404)
        assert CANARY not in found.text
    shown = found.json()
    assert set(shown["details"]) == set(KINDS[kind].details.model_fields) - KINDS[kind].kept
    for name in ("title", "title_en", "languages", "starts_on", "ends_on", "provisions", "agency_id", "state"):
        assert shown[name] == record[name], name
    assert shown["agency"]
    assert shown["details"].items() <= record["details"].items()
    assert not WITHHELD & (set(shown) | set(shown["details"]) - ({"summary"} if kind == "legal_document" else set()))
    (listed,) = (await look(world, RECORDS)).json()["items"]
    assert listed == {name: shown[name] for name in listed}


async def test_what_is_public_follows_the_declarations_for_every_record(world):
    """The column that lists are made of says what the kinds say."""
    for kind, moves in (
        ("investment_profile", ("release", "withdraw")),
        ("difficulty", ()),
        ("souvenir", ("release",)),
    ):
        await hands.a_record(world, kind, *moves)
    async with world.sessions() as session:
        rows = (await session.execute(select(Record.kind, Record.state, queries.is_public()))).all()
    assert {(kind, state in KINDS[kind].public_when) for kind, state, _ in rows} == {
        (kind, public) for kind, _, public in rows
    }


async def test_what_is_hidden_changes_no_tag_and_what_is_taken_back_is_gone(world):
    before = await look(world, RECORDS)
    await hands.recorded(world, "photo_book")
    book = await hands.a_record(world, "photo_book", "release")
    after = await look(world, RECORDS)
    assert (after.headers["ETag"] != before.headers["ETag"], await ids(world, RECORDS)) == (True, [book["id"]])
    assert after.headers["Cache-Control"] == "public, max-age=60"
    assert after.headers["Access-Control-Allow-Origin"] == "*"
    await hands.recorded(world, "rebuttal")
    builds = world.app.state.editions.builds["record"]
    await look(world, RECORDS, 304, if_none_match=after.headers["ETag"])
    assert world.app.state.editions.builds["record"] == builds, "a draft has nothing built anew"
    await hands.moved(world, book, "withdraw")
    await look(world, f"{RECORDS}/{book['id']}", 404)
    assert (await look(world, RECORDS)).headers["ETag"] == before.headers["ETag"]


async def test_the_list_is_narrowed_and_not_by_words_that_nobody_is_shown(world):
    book = await hands.a_record(world, "photo_book", "release", summary=CANARY, starts_on="2027-02-01")
    town = await hands.a_record(world, "partnership", "negotiate", "sign")
    agency = await world.agency_id(hands.writer("photo_book"))
    for query, wanted in (
        ("kind=photo_book", [book]),
        ("kind=difficulty", []),
        (f"agency={agency}", [book]),
        ("language=en", [town, book]),
        ("language=lo", []),
        ("from=2027-06-01", [town]),
        ("to=2027-02-01", [book]),
        (f"q={CANARY}", [town, book]),
        ("limit=1", [town]),
    ):
        assert await ids(world, f"{RECORDS}?{query}") == [record["id"] for record in wanted], query
    page = (await look(world, f"{RECORDS}?limit=1")).json()
    assert await ids(world, f"{RECORDS}?limit=1&cursor={page['next_cursor']}") == [book["id"]]


async def figures_of(world, *moves, starts_on, ends_on, **details):
    said = KINDS["investment_statistic"].example["details"] | details
    return await hands.a_record(
        world, "investment_statistic", *moves, starts_on=starts_on, ends_on=ends_on, details=said
    )


async def test_the_figures_of_foreign_capital_are_a_series_in_json_and_csv(world):
    first = {"starts_on": "2027-01-01", "ends_on": "2027-03-31"}
    second = {"starts_on": "2027-04-01", "ends_on": "2027-06-30"}
    later = await figures_of(world, "release", **second)
    whole = await figures_of(world, "release", **first)
    district = await figures_of(world, "release", **first, area="Huyện Cư M'gar", disbursed=None, frequency="month")
    aid = await figures_of(world, "release", **first, capital_type="ngo", source="=1+1")
    await figures_of(world, **first)
    await figures_of(world, "release", "withdraw", **first)
    found = await look(world, SERIES)
    items = found.json()["items"]
    assert [item["id"] for item in items] == [record["id"] for record in (whole, later, district, aid)]
    assert items[0] == {
        "capital_type": "fdi", "frequency": "quarter", "area": None, **first, "projects": 3,
        "registered_amount": "41250000.00", "registered_currency": "USD", "disbursed_amount": "9800000.50",
        "disbursed_currency": "USD", "source": "Sở Kế hoạch và Đầu tư", "as_of": "2027-03-31", "id": whole["id"],
    }  # fmt: skip
    assert (items[2]["disbursed_amount"], items[2]["disbursed_currency"]) == (None, None)
    for query, wanted in (
        ("capital_type=ngo", [aid]),
        ("frequency=quarter&from=2027-04-01", [later]),
        ("to=2027-03-31&capital_type=fdi", [whole, district]),
        ("area=Huyện Cư M'gar", [district]),
    ):
        assert await ids(world, f"{SERIES}?{query}") == [record["id"] for record in wanted], query
    table = await look(world, f"{SERIES}?format=csv")
    rows = list(csv.reader(StringIO(table.content.decode("utf-8-sig"))))
    assert [row[-1] for row in rows[1:]] == [item["id"] for item in items]
    assert rows[4][10] == "'=1+1"
    assert table.headers["Content-Disposition"] == 'attachment; filename="von-nuoc-ngoai.csv"'
    assert {"Accept", "Accept-Encoding"} <= set(table.headers["Vary"].split(", "))
    assert (await look(world, SERIES, accept="text/csv")).content == table.content
    await look(world, f"{SERIES}?format=csv", 304, if_none_match=table.headers["ETag"])
    await look(world, f"{SERIES}?frequency=week", 400)


async def test_the_products_of_the_press_are_public(world):
    press = await world.as_("bao-dak-lak")
    before = await look(world, PRODUCTS)
    made = await hands.done(press.post("/v1/press-products", make.a_product()), 201)
    assert (await look(world, PRODUCTS)).headers["ETag"] != before.headers["ETag"]
    shown = (await look(world, f"{PRODUCTS}/{made['id']}")).json()
    for name in ("agency_id", "kind", "title", "language", "audience", "first_date", "frequency", "url", "provisions"):
        assert shown[name] == made[name], name
    assert set(shown) == {*made, "agency", "changed_at"} - {
        "version",
        "created_at",
        "updated_at",
        "etag",
        "allowed_moves",
    }
    assert await ids(world, f"{PRODUCTS}?kind={made['kind']}&language={made['language']}") == [made["id"]]
    assert await ids(world, f"{PRODUCTS}?language=lo") == []
