"""Điều 14, the border guard: the article played as it is written."""

import pytest

from tests.records.furnished import done


@pytest.mark.provision("QC.D14")
async def test_qc_d14_information_in_the_border_area(records):
    """«thông tin truyền thông và thông tin đối ngoại khu vực biên giới tỉnh Đắk Lắk»."""
    activity = await records.made("border_information")
    for column in ("COORD", "NAMED", "UBND"):
        assert await records.heard(column, activity) == ["border_information.recorded"], column
    assert (await records.contribute("COORD", activity)).status_code == 201
    for column in ("DISTRICT", "PRESS", "POLICE"):
        assert await records.seen(column, activity) == 404, column
    assert (await done(records.move(activity, "hold")))["state"] == "held"


@pytest.mark.provision("QC.D14")
async def test_qc_d14_no_troops_and_no_positions(records):
    example = (await records.made("border_information"))["details"]
    for more in ({"post": "Đồn 737"}, {"coordinates": "12.9, 107.5"}, {"troops": 20}):
        answer = await records.create("border_information", details={**example, **more})
        assert {error["code"] for error in answer.json()["errors"]} == {"extra_forbidden"}, more
    assert (await records.create("border_information", summary="Quân số, vị trí")).status_code == 422


@pytest.mark.provision("QC.D14")
async def test_qc_d14_the_coordinator_records_for_a_border_guard_without_a_system(records):
    border = str(await records.world.agency_id("bch-bdbp"))
    made = await done(records.create("border_information", "COORD", on_behalf_of=border), 201)
    assert made["agency_id"] == border
    assert made["recorded_by_agency_id"] == str(await records.world.agency_id("so-tttt"))
