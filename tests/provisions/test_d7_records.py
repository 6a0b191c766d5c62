"""Điều 7 khoản 5–6, every department and district: what is recorded of it, played as it is written."""

import pytest

from tests.records.furnished import done


def _codes(answer):
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}


@pytest.mark.provision("QC.D7.K5")
async def test_qc_d7_k5_an_inspection_is_foretold_to_nobody_and_concluded_to_the_coordinator(records):
    """«Thanh tra, kiểm tra … trong hoạt động thông tin đối ngoại»."""
    inspection = await records.made("inspection")
    assert await records.seen("NAMED", inspection) == 404
    await done(records.move(inspection, "begin"))
    assert "inspection.began" in await records.heard("NAMED", inspection)
    await done(records.edit(inspection, details={**inspection["details"], "findings": None}))
    assert _codes(await records.move(inspection, "conclude")) == {"needed_first"}
    await done(records.edit(inspection, details=inspection["details"]))
    await done(records.move(inspection, "conclude"))
    for column in ("COORD", "UBND", "NAMED"):
        assert "inspection.concluded" in await records.heard(column, inspection), column
    for column in ("POLICE", "MEMBER", "DISTRICT", "PRESS"):
        assert await records.seen(column, inspection) == 404, column


@pytest.mark.provision("QC.D7.K5")
async def test_qc_d7_k5_what_is_shared_with_the_police_is_seen_by_them(records):
    police = str(await records.world.agency_id("cong-an-tinh"))
    shared = [{"role": "shared", "agency_id": police}]
    for kind in ("inspection", "violation"):
        row = await records.made(kind)
        assert await records.seen("POLICE", row) == 404
        await done(records.edit(row, named=shared))
        assert await records.seen("POLICE", row) == 200


@pytest.mark.provision("QC.D7.K5")
async def test_qc_d7_k5_a_violation_is_dealt_with_and_names_no_person(records):
    """«xử lý vi phạm»."""
    violation = await records.made("violation")
    assert await records.heard("COORD", violation) == ["violation.recorded"]
    person = {**violation["details"], "subject": "individual"}
    assert _codes(await records.create("violation", details=person)) == {"organisation_only"}
    await done(records.edit(violation, details={**person, "organisation": None, "measure": None}))
    assert _codes(await records.move(violation, "sanction")) == {"needed_first"}
    await done(records.edit(violation, details=violation["details"]))
    assert (await done(records.move(violation, "sanction")))["state"] == "sanctioned"
    assert "violation.sanctioned" in await records.heard("COORD", violation)


@pytest.mark.provision("QC.D7.K6")
async def test_qc_d7_k6_an_incident_is_told_to_the_police_without_content(records):
    """«Thực hiện chế độ bảo mật thông tin, bảo vệ bí mật an ninh quốc phòng»."""
    incident = await records.made("secrecy_incident")
    for column in ("POLICE", "COORD"):
        assert await records.heard(column, incident) == ["secrecy_incident.reported"], column
    for column in ("MEMBER", "PRESS", "FOREIGN", "DISTRICT"):
        assert await records.seen(column, incident) == 404, column
    assert _codes(await records.create("secrecy_incident", title="Lộ công văn số 5")) == {"title_derived"}
    more = {**incident["details"], "document": "Công văn số 5"}
    assert _codes(await records.create("secrecy_incident", details=more)) == {"extra_forbidden"}
    assert (await records.move(incident, "acknowledge", "COORD")).status_code == 403
    await done(records.move(incident, "acknowledge"))
    assert "secrecy_incident.acknowledged" in await records.heard("OWNER", incident)


@pytest.mark.provision("QC.D7.K6")
async def test_qc_d7_k6_what_is_recorded_is_declared_free_of_secrets(records):
    for declared in (False, None, 1):
        assert (await records.create("violation", no_state_secret=declared)).status_code == 422
    marked = await records.create("violation", title="TỐI MẬT")
    assert marked.status_code == 422
    assert marked.json()["code"] == "state-secret-refused"
