"""Focal points (QC.D7.K4): one at a time, history kept, the coordinator is told."""

import pytest

from tests import make

OFFICE = {"no_state_secret": True, "kind": "organisation", "name": "Phòng Văn hóa và Thông tin"}
PERSON = {
    "no_state_secret": True,
    "kind": "person",
    "name": "H' Lan Êñuôl",
    "position": "Phó Trưởng phòng",
    "phone": "+84 262 385 0000",
    "email": "vhtt@buondon.daklak.example",
    "document": {"number": "12/QĐ-UBND", "issued_on": "2026-01-15", "issuer": "UBND huyện Buôn Đôn"},
}


async def path_of(world, slug=make.DISTRICT):
    return f"/v1/agencies/{await world.agency_id(slug)}/focal-point"


@pytest.mark.provision("QC.D7.K4")
async def test_an_agency_assigns_its_focal_point_and_the_one_before_stays_in_the_history(world):
    district, reader = await world.as_(make.DISTRICT), await world.as_(make.OTHER_DISTRICT, "reader")
    path = await path_of(world)
    assert (await reader.get(path)).status_code == 404
    first = await district.put(path, OFFICE)
    assert first.status_code == 201, first.text
    assert (await district.put(path, PERSON)).status_code == 428
    second = await district.put(path, PERSON, first.headers["ETag"])
    assert second.status_code == 200, second.text
    assert (await district.put(path, OFFICE, first.headers["ETag"])).status_code == 412
    now = (await reader.get(path)).json()
    assert now["name"] == "H' Lan Êñuôl"
    assert now["provisions"] == ["QC.D7.K4"]
    assert now["document"]["number"] == "12/QĐ-UBND"
    history = (await reader.get(f"{path}s")).json()["items"]
    assert [entry["kind"] for entry in history] == ["person", "organisation"]
    assert [entry["ended_at"] is None for entry in history] == [True, False]


async def test_nobody_assigns_another_agencys_focal_point(world):
    path = await path_of(world)
    for slug in (make.OTHER_DISTRICT, make.COORDINATOR):
        refused = await (await world.as_(slug)).put(path, OFFICE)
        assert refused.status_code == 403
        assert refused.json()["code"] == "not-permitted"
    missing = path.replace(path.split("/")[3], "01a00000-0000-7000-8000-000000000000")
    assert (await (await world.as_(make.DISTRICT)).put(missing, OFFICE)).status_code == 404


async def test_a_focal_point_needs_the_declaration_and_sensible_contacts(world):
    district, path = await world.as_(make.DISTRICT), await path_of(world)
    wrong = {
        "/no_state_secret": OFFICE | {"no_state_secret": False},
        "/email": PERSON | {"email": "không có"},
        "/phone": PERSON | {"phone": "gọi sau"},
        "/name": OFFICE | {"name": "  "},
        "": OFFICE | {"position": "Trưởng phòng"},
        "/cccd": PERSON | {"cccd": "066099000000"},
    }
    for pointer, body in wrong.items():
        refused = await district.put(path, body)
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert (await district.get(path)).status_code == 404
