"""The register of agencies through HTTP: names, codes, functions, search, order, and the past."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.access.models import FunctionHeld
from app.agencies import seed
from app.agencies.codes import canonical
from app.agencies.models import AgencyName
from app.kit.db import transaction
from app.kit.text import fold, sort_key
from tests import make

# QĐ 124/2004 (General Statistics Office): the fifteen districts of 2013.
DISTRICTS = {
    "643": "Ủy ban nhân dân thành phố Buôn Ma Thuột",
    "644": "Ủy ban nhân dân thị xã Buôn Hồ",
    "645": "Ủy ban nhân dân huyện Ea H'leo",
    "646": "Ủy ban nhân dân huyện Ea Súp",
    "647": "Ủy ban nhân dân huyện Buôn Đôn",
    "648": "Ủy ban nhân dân huyện Cư M'gar",
    "649": "Ủy ban nhân dân huyện Krông Búk",
    "650": "Ủy ban nhân dân huyện Krông Năng",
    "651": "Ủy ban nhân dân huyện Ea Kar",
    "652": "Ủy ban nhân dân huyện M'Đrắk",
    "653": "Ủy ban nhân dân huyện Krông Bông",
    "654": "Ủy ban nhân dân huyện Krông Pắc",
    "655": "Ủy ban nhân dân huyện Krông Ana",
    "656": "Ủy ban nhân dân huyện Lắk",
    "657": "Ủy ban nhân dân huyện Cư Kuin",
}


@pytest.fixture
async def reader(world):
    return await world.as_(make.OTHER_DISTRICT, "reader")


async def names(reader, query):
    found = (await reader.get(f"/v1/agencies?limit=200&{query}")).json()
    return [agency["name"]["name_vi"] for agency in found["items"]]


async def test_the_register_holds_the_agencies_of_2013(reader):
    assert len(await names(reader, "")) == 59
    assert len(await names(reader, "kind=district")) == 15
    assert len(await names(reader, "function=MEMBER")) == 37
    assert await names(reader, "function=COORD") == ["Sở Thông tin và Truyền thông"]


@pytest.mark.parametrize(("code", "name"), DISTRICTS.items())
async def test_each_district_is_found_by_its_code_and_has_its_culture_and_information_office(reader, code, name):
    district = (await reader.get(f"/v1/agencies/by-code/{code}")).json()
    assert district["name"]["name_vi"] == name
    assert {held["function"] for held in district["functions"]} == {"DISTRICT", "MEMBER"}
    (office,) = (await reader.get(f"/v1/agencies?parent={district['id']}")).json()["items"]
    assert office["name"]["name_vi"] == name.replace("Ủy ban nhân dân", "Phòng Văn hóa và Thông tin")
    assert office["parent"]["id"] == district["id"]
    assert [held["function"] for held in office["functions"]] == ["DIST_CULT"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("buon ma thuot", "Ủy ban nhân dân thành phố Buôn Ma Thuột"),
        ("BUÔN MÊ THUỘT", "Ủy ban nhân dân thành phố Buôn Ma Thuột"),
        ("mdrak", "Ủy ban nhân dân huyện M'Đrắk"),
        ("M’Đrắk", "Ủy ban nhân dân huyện M'Đrắk"),
        ("cu mgar", "Ủy ban nhân dân huyện Cư M'gar"),
        ("krong pak", "Ủy ban nhân dân huyện Krông Pắc"),
        ("so tt&tt", "Sở Thông tin và Truyền thông"),
        ("dai ptth", "Đài Phát thanh và Truyền hình Đắk Lắk"),
        ("so van hoa - the thao va du lich", "Sở Văn hóa, Thể thao và Du lịch"),
        ("foreign affairs", "Sở Ngoại vụ"),
    ],
)
async def test_search_ignores_diacritics_case_apostrophes_and_hyphens(reader, typed, found):
    assert found in (await reader.get("/v1/agencies", params={"q": typed, "limit": 200})).text


async def test_search_takes_wildcards_literally(reader):
    assert await names(reader, "q=%25") == []
    assert await names(reader, "q=_") == []


async def test_names_stand_in_vietnamese_order(reader):
    listed = await names(reader, "")
    order = [
        "Ban Dân tộc tỉnh",
        "Báo Đắk Lắk",
        "Công an tỉnh",
        "Đài Phát thanh và Truyền hình Đắk Lắk",
        "Sở Công Thương",
    ]
    assert [name for name in listed if name in order] == order
    assert listed[-1] == "Văn phòng UBND tỉnh"


async def test_a_walk_page_by_page_meets_every_agency_once(reader):
    whole = await names(reader, "")
    met, path = [], "/v1/agencies?limit=7"
    while path:
        answer = await reader.get(path)
        met += [agency["name"]["name_vi"] for agency in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
    assert met == whole


@pytest.mark.parametrize(
    ("given", "kept"),
    [("000.00.15.H15", "H15.15"), ("000.00.00.H49", "H49"), ("001.02.15.h15", "H15.15.02.001"), ("H15.15", "H15.15")],
)
def test_both_forms_of_the_electronic_identifier_are_one(given, kept):
    assert canonical(given) == kept


async def test_the_province_is_found_by_either_form_of_its_identifier(reader):
    for code in ("H15", "000.00.00.H15"):
        assert (await reader.get(f"/v1/agencies/by-code/{code}")).json()["slug"] == "ubnd-tinh"
    assert (await reader.get("/v1/agencies/by-code/H99")).status_code == 404


async def test_before_the_regulation_nobody_stands_in_the_register(reader):
    assert await names(reader, "as_of=2013-11-03") == []
    assert len(await names(reader, "as_of=2013-11-04")) == 59


async def operate(world, task):
    """Do something only the operator may, inside the test's transaction."""
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        result = await task(session)
        await session.flush()
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
        return result


async def test_a_renamed_agency_shows_the_name_of_the_day_asked_about(world, reader):
    agency_id = await world.agency_id(make.DISTRICT)

    async def rename(session):
        day = "date '2025-07-01'"
        await session.execute(text(f"UPDATE agency_name SET valid_to = {day} WHERE agency_id = :id"), {"id": agency_id})
        new = "Ủy ban nhân dân xã Buôn Đôn"
        facts = {"name_vi": new, "name_en": "Commune", "folded": fold(new), "sort_key": sort_key(new)}
        session.add(AgencyName(agency_id=agency_id, valid_from=date(2025, 7, 1), **facts))

    await operate(world, rename)
    old = (await reader.get(f"/v1/agencies/{agency_id}?as_of=2025-06-30")).json()
    new = (await reader.get(f"/v1/agencies/{agency_id}")).json()
    assert old["name"]["name_vi"] == "Ủy ban nhân dân huyện Buôn Đôn"
    assert new["name"]["name_vi"] == "Ủy ban nhân dân xã Buôn Đôn"
    assert [name["name_vi"] for name in new["names"]] == [old["name"]["name_vi"], new["name"]["name_vi"]]
    assert len(await names(reader, "")) == 59


async def second_holder(world, function, start, *, singleton=True):
    agency_id = await world.agency_id(make.OTHER_DISTRICT)

    async def add(session):
        session.add(FunctionHeld(function=function, agency_id=agency_id, valid_from=start, singleton=singleton))

    await operate(world, add)


async def test_the_database_refuses_two_holders_of_a_singleton(world):
    with pytest.raises(DBAPIError, match="ex_function_held_one_holder"):
        await second_holder(world, "COORD", date(2026, 1, 1))


async def test_the_database_refuses_a_day_without_a_holder(world):
    async def end(session):
        await session.execute(text("UPDATE function_held SET valid_to = date '2025-03-01' WHERE function = 'COORD'"))

    with pytest.raises(DBAPIError, match="no holder from 2025-03-01"):
        await operate(world, end)


async def test_a_function_passes_on_without_gap_and_scopes_follow_it(world):
    async def pass_on(session):
        await session.execute(text("UPDATE function_held SET valid_to = date '2025-03-01' WHERE function = 'COORD'"))
        heir = await world.agency_id("so-vhttdl")
        session.add(FunctionHeld(function="COORD", agency_id=heir, valid_from=date(2025, 3, 1), singleton=True))

    former, heir = await world.as_(make.COORDINATOR), await world.as_("so-vhttdl")
    assert "plans:review" in (await former.get("/v1/me")).json()["scopes"]
    await operate(world, pass_on)
    await world.refresh()
    assert "plans:review" not in (await former.get("/v1/me")).json()["scopes"]
    assert "COORD" in (await heir.get("/v1/me")).json()["functions"]
    held = (await heir.get("/v1/functions?as_of=2025-02-28")).json()["items"]
    (coord,) = [function for function in held if function["function"] == "COORD"]
    assert [holder["agency"]["slug"] for holder in coord["holders"]] == [make.COORDINATOR]


async def test_the_database_refuses_two_names_at_a_time(world):
    agency_id = await world.agency_id(make.DISTRICT)

    async def add(session):
        facts = {"name_vi": "X", "name_en": "X", "folded": "x", "sort_key": "x", "valid_from": date(2020, 1, 1)}
        session.add(AgencyName(agency_id=agency_id, **facts))

    with pytest.raises(DBAPIError, match="ex_agency_name_one_at_a_time"):
        await operate(world, add)


async def test_seeding_again_adds_nothing(world):
    assert await operate(world, seed.seed) == 0


async def test_an_agency_that_does_not_exist_is_not_found(reader):
    assert (await reader.get(f"/v1/agencies/{uuid4()}")).status_code == 404
