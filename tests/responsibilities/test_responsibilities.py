"""Who must do what: the duties of the regulation, borne by whoever holds the function on the day."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import text

from app.kit.db import transaction
from app.kit.ids import new_id
from app.law.book import law
from app.responsibilities import service
from tests import make
from tests.statements import counting

PATH = "/v1/responsibilities"
DAY = "2014-06-01"

# Điều 6 khoản 1, Điều 7 and the closing paragraph: what a district committee must do itself.
DISTRICT_MUST = [
    ("QC.D6.K1", "MEMBER"),
    ("QC.D7.K1-a", "MEMBER"),
    ("QC.D7.K1-b", "MEMBER"),
    ("QC.D7.K1-c", "MEMBER"),
    ("QC.D7.K2", "MEMBER"),
    ("QC.D7.K3-a", "MEMBER"),
    ("QC.D7.K3-b", "MEMBER"),
    ("QC.D7.K4-a", "MEMBER"),
    ("QC.D7.K4-b", "DISTRICT"),
    ("QC.D7.K5", "MEMBER"),
    ("QC.D7.K6", "MEMBER"),
    ("QC.END", "MEMBER"),
]
# Who gets news from the foreign ministry (Điều 9 khoản 4): «lãnh đạo các sở, ban, ngành», 22 of them, no district.
DEPARTMENTS = 22
DISTRICTS = 15


@pytest.fixture
async def caller(world):
    return await world.as_(make.DISTRICT, "reader")


async def page(caller, **query):
    answer = await caller.get(PATH, params={"as_of": DAY, "limit": 200} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def walk(caller, **query):
    """Every item, page by page."""
    found = await page(caller, **query)
    items = found["items"]
    while found["next_cursor"]:
        found = await page(caller, **query | {"cursor": found["next_cursor"]})
        items += found["items"]
    return items


def named(items):
    return [(item["duty"], item["part"], item["function"], item["agency"] and item["agency"]["slug"]) for item in items]


async def change(world, statement, **values):
    """Change the register, which only its operator may."""
    async with transaction(world.sessions) as session:
        await session.execute(text("SET ROLE NONE"))
        await session.execute(text(statement), values)
        await session.execute(text("SET ROLE ttdn_app"))
    await world.refresh()


async def give(world, function, slug, start, *, singleton=False):
    await change(
        world,
        "INSERT INTO function_held (id, function, agency_id, valid_from, singleton) "
        "VALUES (:id, :function, :agency, CAST(:start AS text)::date, :singleton)",
        id=new_id(),
        function=function,
        agency=await world.agency_id(slug),
        start=start,
        singleton=singleton,
    )


async def end(world, function, slug, day):
    await change(
        world,
        "UPDATE function_held SET valid_to = CAST(:day AS text)::date "
        "WHERE function = :function AND agency_id = :agency",
        function=function,
        agency=await world.agency_id(slug),
        day=day,
    )


async def test_a_token_is_needed(api):
    answer = await api.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")


async def test_a_token_for_something_else_is_not_enough(world):
    caller = make.Caller(world.api, await world.token(make.DISTRICT, scope="plans:read"))
    answer = await caller.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    assert answer.json()["scope"] == "registry:read"


async def test_an_item_says_what_is_due_when_from_whom_by_which_clause(world, caller):
    district = await world.agency_id(make.DISTRICT)
    found = await page(caller, agency=district, provision="QC.D7.K3-a")
    assert found["next_cursor"] is None
    (item,) = found["items"]
    summary = item.pop("summary_en")
    assert "before 15 December" in summary
    assert item == {
        "duty": "QC.D7.K3-a",
        "provision": "QC.D7.K3",
        "citation_vi": "Điều 7 khoản 3",
        "citation_en": "Article 7(3)",
        "title_vi": "Sơ kết, tổng kết và gửi báo cáo hàng năm",
        "function": "MEMBER",
        "external": False,
        "part": "duty_holder",
        "agency": {"id": str(district), "slug": "ubnd-buon-don", "name_vi": "Ủy ban nhân dân huyện Buôn Đôn"},
        "cadence": "annual",
        "due": {"annual_before": "12-15", "zone": "Asia/Ho_Chi_Minh", "exclusive": True},
        "produces": ["report.annual", "report.interim"],
        "areas": ["QC.D5.K7"],
    }


async def test_what_a_district_must_do_itself(world, caller):
    items = await walk(caller, agency=await world.agency_id(make.DISTRICT), part="duty_holder")
    assert [(item["duty"], item["function"]) for item in items] == DISTRICT_MUST


async def test_a_district_leads_nothing_and_does_not_have_the_coordinator_s_part(world, caller):
    district = await world.agency_id(make.DISTRICT)
    items = await walk(caller, agency=district)
    assert {item["part"] for item in items} == {"duty_holder", "cooperate", "recipient"}
    assert ("QC.D8.K8", "cooperate", "MEMBER", make.DISTRICT) in named(items)
    assert ("QC.D8.K8", "lead") not in {(item["duty"], item["part"]) for item in items}
    assert "QC.D8.K1" not in {item["duty"] for item in items}
    assert all(item["agency"]["slug"] == make.DISTRICT for item in items)


async def test_every_member_s_plan_goes_to_the_coordinator(caller):
    items = (await page(caller, provision="QC.D7.K1", part="recipient"))["items"]
    assert named(items) == [
        ("QC.D7.K1-a", "recipient", "COORD", "so-tttt"),
        ("QC.D7.K1-b", "recipient", "COORD", "so-tttt"),
    ]


async def test_a_function_with_two_parts_in_one_duty_has_both(caller):
    items = (await page(caller, provision="QC.D9.K2", function="COORD"))["items"]
    assert [(item["duty"], item["part"]) for item in items] == [("QC.D9.K2", "recipient"), ("QC.D9.K2", "cooperate")]


async def test_a_part_is_left_out_where_the_text_leaves_it_out(caller):
    """A district is a member, but its leaders are not among «lãnh đạo các sở, ban, ngành»."""
    items = await walk(caller, provision="QC.D9.K4", function="MEMBER")
    assert len(items) == DEPARTMENTS
    assert not [item for item in items if item["agency"]["slug"] == make.DISTRICT]
    assert len(await walk(caller, provision="QC.D10.K2", function="MEMBER")) == DEPARTMENTS + DISTRICTS


async def test_who_holds_a_narrower_function_has_the_duties_of_the_wider_one_once(world, caller):
    district = await world.agency_id(make.DISTRICT)
    before = named(await walk(caller, agency=district))
    assert len(before) == len(set(before))
    await change(world, "DELETE FROM function_held WHERE function = 'MEMBER' AND agency_id = :agency", agency=district)
    assert named(await walk(caller, agency=district)) == before


async def test_an_article_means_everything_below_it(caller):
    async def duties(provision):
        return list(dict.fromkeys(item["duty"] for item in await walk(caller, provision=provision)))

    assert await duties("QC.D13") == ["QC.D13.K1", "QC.D13.K2", "QC.D13.K3"]
    assert await duties("QC.D7") == [duty for duty, _ in DISTRICT_MUST if duty.startswith("QC.D7.")]
    assert await duties("QC.D1") == []  # and not Điều 10 to 15
    assert await duties("QC.D7.K1") == ["QC.D7.K1-a", "QC.D7.K1-b", "QC.D7.K1-c"]
    assert await duties("QC.D7.K1-b") == ["QC.D7.K1-b"]
    chapter = await duties("QC.C3")
    assert (chapter[0], chapter[-1]) == ("QC.D7.K1-a", "QC.D15.K2")
    assert await duties("QD") == ["QD.D2"]


async def test_nothing_of_the_regulation_disappears(caller):
    """A function held outside the register stands there without an agency."""
    items = await walk(caller)
    assert list(dict.fromkeys(item["duty"] for item in items)) == list(law().duties)
    vacant = {(item["duty"], item["function"]) for item in items if item["agency"] is None}
    assert vacant == {
        ("QC.D8.K5", "X_MIC"),
        ("QC.D8.K5", "X_MOFA"),
        ("QC.D8.K5", "X_CENTRAL"),
        ("QC.D9.K2", "X_FPC"),
        ("QC.D9.K3", "X_MOFA"),
        ("QC.D9.K3", "X_FPC"),
        ("QC.D9.K5", "X_MOFA"),
        ("QC.D11.K4", "X_MCST"),
    }
    assert all(item["external"] == item["function"].startswith("X_") for item in items)


async def test_a_function_that_nobody_holds_any_more_is_seen_to_be_vacant(world, caller):
    await end(world, "PORTAL", "tt-cong-ttdt", "2014-01-01")
    (before,) = (await page(caller, provision="QC.D10.K3", function="PORTAL", as_of="2013-12-31"))["items"]
    (after,) = (await page(caller, provision="QC.D10.K3", function="PORTAL", as_of="2014-01-01"))["items"]
    assert before["agency"]["slug"] == "tt-cong-ttdt"
    assert after["agency"] is None
    assert after["external"] is False


async def test_duties_follow_the_function_on_the_day_it_passes(world, caller):
    await end(world, "COORD", "so-tttt", "2025-03-01")
    await give(world, "COORD", "so-vhttdl", "2025-03-01", singleton=True)

    async def coordinator(day):
        items = (await page(caller, provision="QC.D8.K8", part="lead", as_of=day))["items"]
        return [item["agency"]["slug"] for item in items]

    assert await coordinator("2025-02-28") == ["so-tttt"]
    assert await coordinator("2025-03-01") == ["so-vhttdl"]
    former = await walk(caller, agency=await world.agency_id("so-tttt"), as_of="2025-03-01")
    assert "COORD" not in {item["function"] for item in former}


async def test_an_agency_is_named_as_on_the_day(world, caller):
    district = await world.agency_id(make.DISTRICT)
    await change(
        world,
        "UPDATE agency_name SET valid_to = date '2020-01-01' WHERE agency_id = :agency",
        agency=district,
    )
    await change(
        world,
        "INSERT INTO agency_name (id, agency_id, valid_from, name_vi, name_en, folded, sort_key) "
        "VALUES (:id, :agency, date '2020-01-01', 'Ủy ban nhân dân xã Buôn Đôn', 'Commune', 'x', 'x')",
        id=new_id(),
        agency=district,
    )

    async def name(day):
        (item,) = (await page(caller, agency=district, provision="QC.D7.K2", as_of=day))["items"]
        return item["agency"]["name_vi"]

    assert await name("2019-12-31") == "Ủy ban nhân dân huyện Buôn Đôn"
    assert await name("2020-01-01") == "Ủy ban nhân dân xã Buôn Đôn"


async def test_before_the_regulation_took_effect_nobody_owed_anything(caller):
    assert (await page(caller, as_of="2013-11-03"))["items"] == []
    assert len((await page(caller, as_of="2013-11-04"))["items"]) == 200


async def test_a_regulation_that_ended_orders_nothing_from_that_day_on(monkeypatch, caller):
    known = law()
    ended = known.instruments["QD26-2013"].model_copy(
        update={"effective_to": known.instruments["QD26-2013"].effective_from.replace(year=2020)}
    )
    then = type(known)(**{**known.__dict__, "instruments": {"QD26-2013": ended}})
    monkeypatch.setattr(service, "law", lambda: then)
    assert (await page(caller, as_of="2020-11-03"))["items"]
    assert (await page(caller, as_of="2020-11-04"))["items"] == []


async def test_without_a_day_today_is_meant(caller):
    answer = await caller.get(PATH, params={"provision": "QC.D8.K8", "part": "lead"})
    assert named(answer.json()["items"]) == [("QC.D8.K8", "lead", "COORD", "so-tttt")]


async def test_items_come_in_the_order_of_the_law_then_of_the_alphabet(caller):
    items = await walk(caller, provision="QC.D7.K4-b")
    holders, offices = items[:DISTRICTS], items[DISTRICTS:]
    assert {item["function"] for item in holders} == {"DISTRICT"}
    assert {item["function"] for item in offices} == {"DIST_CULT"}
    # Cities and towns («thành phố», «thị xã») after districts («huyện»); among districts B, C, E, K, L, M.
    assert [item["agency"]["slug"] for item in holders] == [
        "ubnd-buon-don",
        "ubnd-cu-kuin",
        "ubnd-cu-mgar",
        "ubnd-ea-hleo",
        "ubnd-ea-kar",
        "ubnd-ea-sup",
        "ubnd-krong-ana",
        "ubnd-krong-bong",
        "ubnd-krong-buk",
        "ubnd-krong-nang",
        "ubnd-krong-pac",
        "ubnd-lak",
        "ubnd-mdrak",
        "ubnd-buon-ma-thuot",
        "ubnd-buon-ho",
    ]
    order = list(law().duties)
    places = [order.index(item["duty"]) for item in await walk(caller)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "query", [{"provision": "QC.D8"}, {"function": "DISTRICT"}, {"part": "lead"}, {"q": "ke hoach"}]
)
async def test_walking_in_small_pages_gives_the_same_as_reading_at_once(caller, query):
    large = await walk(caller, **query)
    small = await walk(caller, **query, limit=7)
    assert len(large) > 14
    assert small == large
    keys = named(large)
    assert len(set(keys)) == len(keys)


async def test_a_page_links_to_the_next_one(caller):
    answer = await caller.get(PATH, params={"as_of": DAY, "provision": "QC.D7", "limit": 3})
    assert len(answer.json()["items"]) == 3
    link = answer.headers["link"]
    assert link.endswith('>; rel="next"')
    query = dict(parse_qsl(urlsplit(link[1:].partition(">")[0]).query))
    assert query == {"as_of": DAY, "provision": "QC.D7", "limit": "3", "cursor": answer.json()["next_cursor"]}


async def test_a_last_page_that_is_just_full_has_no_next_one(caller):
    found = await page(caller, provision="QC.D7.K4-b", limit=2 * DISTRICTS)
    assert len(found["items"]) == 2 * DISTRICTS
    assert found["next_cursor"] is None


async def test_a_walk_survives_the_agency_it_stopped_at(world, caller):
    """The place in the list is a key, not a count: nothing is skipped or shown twice."""
    every = named(await walk(caller, provision="QC.D7.K4-b"))
    first = await page(caller, provision="QC.D7.K4-b", limit=3)
    slug = first["items"][-1]["agency"]["slug"]
    await change(world, "DELETE FROM function_held WHERE agency_id = :agency", agency=await world.agency_id(slug))
    rest = await walk(caller, provision="QC.D7.K4-b", limit=3, cursor=first["next_cursor"])
    assert named(rest) == every[3:]


async def test_a_cursor_of_another_filter_is_refused(caller):
    found = await page(caller, provision="QC.D7", limit=1)
    answer = await caller.get(PATH, params={"as_of": DAY, "provision": "QC.D8", "cursor": found["next_cursor"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


@pytest.mark.parametrize(
    ("q", "duties"),
    [
        ("ngoại giao nhân dân", ["QC.D9.K6-a", "QC.D9.K6-b", "QC.D9.K6-c"]),  # words of the provision
        ("ngoai giao NHAN dan", ["QC.D9.K6-a", "QC.D9.K6-b", "QC.D9.K6-c"]),
        ("du toan kinh phi", ["QC.D7.K1-a", "QC.D7.K1-b", "QC.D7.K1-c"]),
        ("lap va gui du toan", ["QC.D7.K1-b"]),  # words of the duty's title only
        ("twinned", ["QC.D11.K1-b"]),
        ("khong co chu nay", []),
        ("-", []),
        ("%", []),
    ],
)
async def test_search_reads_duties_and_provisions_without_diacritics(caller, q, duties):
    items = await walk(caller, q=q, part="lead") + await walk(caller, q=q, part="duty_holder")
    assert sorted({item["duty"] for item in items}) == duties


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"function": "BOSS"}, "unknown_function"),
        ({"provision": "QC.D99"}, "unknown_clause"),
        ({"provision": "QC.D7.K3-c"}, "unknown_clause"),
        ({"part": "boss"}, "literal_error"),
        ({"agency": "ubnd-buon-don"}, "uuid_parsing"),
        ({"as_of": "15/12/2013"}, "date_type"),
        ({"q": ""}, "string_too_short"),
        ({"limit": "0"}, "greater_than_equal"),
    ],
)
async def test_a_parameter_that_cannot_be_meant_is_refused(caller, query, code):
    answer = await caller.get(PATH, params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-parameter")
    assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == [(*query, code)]


async def test_an_agency_that_does_not_exist_has_no_responsibilities(caller):
    assert (await page(caller, agency=new_id()))["items"] == []


async def test_a_page_takes_one_statement_however_many_items_it_has(engine, caller):
    with counting(engine) as seen:
        assert len((await page(caller))["items"]) == 200
    assert len([statement for statement in seen if "agency_name" in statement or "function_held" in statement]) == 1
