"""Điều 13, the police: each clause played as it is written."""

import pytest

from tests.records.furnished import done


@pytest.mark.provision("QC.D13.K1")
async def test_qc_d13_k1_the_police_guide_on_secrecy(records):
    """«hướng dẫn … việc chấp hành chế độ bảo mật thông tin … trên phạm vi toàn tỉnh»."""
    guidance = await records.made("secrecy_guidance", "issue")
    for column in ("MEMBER", "DISTRICT", "COORD", "PRESS", "PORTAL"):
        assert "guidance.issued" in await records.heard(column, guidance), column
    assert (await records.create("secrecy_guidance", "COORD")).status_code == 403


@pytest.mark.provision("QC.D13.K1")
async def test_qc_d13_k1_a_check_of_secrecy_holds_no_text(records):
    """«… và theo dõi việc chấp hành chế độ bảo mật thông tin»."""
    check = await records.made("secrecy_check")
    for column in ("COORD", "NAMED", "UBND"):
        assert await records.heard(column, check) == ["secrecy_check.recorded"], column
    assert await records.seen("DISTRICT", check) == 404
    assert (await records.create("secrecy_check", title="Lỗi tìm thấy")).status_code == 422
    assert (await records.create("secrecy_check", summary="Lỗi tìm thấy")).status_code == 422
    assert (await records.contribute("POLICE", check)).status_code in {403, 422}
    assert (await records.move(check, "close", note="Đã khắc phục")).status_code == 422
    assert (await done(records.move(check, "close")))["state"] == "closed"


@pytest.mark.provision("QC.D13.K1")
async def test_qc_d13_k1_the_police_see_who_read_what_is_restricted(records):
    crew = await records.made("foreign_film_crew")
    await records.seen("NAMED", crew)
    police = await records.caller("POLICE")
    log = await done(police.get(f"/v1/record-accesses?record={crew['id']}"))
    assert str(await records.world.agency_id("ubnd-buon-don")) in {one["agency_id"] for one in log["items"]}
    assert (await (await records.caller("MEMBER")).get("/v1/record-accesses")).status_code == 403


@pytest.mark.provision("QC.D13.K2")
async def test_qc_d13_k2_the_police_propose_what_to_rebut(records):
    """«đề xuất chủ trương, biện pháp phản bác các thông tin sai sự thật, xuyên tạc»."""
    rebuttal = await records.made("rebuttal")
    police = await records.world.agency_id("cong-an-tinh")
    assert rebuttal["agency_id"] == str(police)
    for column in ("COORD", "UBND", "PROPAGANDA"):
        assert await records.heard(column, rebuttal) == ["rebuttal.proposed"], column
    assert await records.seen("PRESS", rebuttal) == 404
    assert (await records.move(rebuttal, "approve", "POLICE")).status_code == 403
    declined = await done(records.move(rebuttal, "decline", note="Chưa cần phản bác."))
    assert declined["state"] == "declined"
    assert "rebuttal.declined" in await records.heard("POLICE", rebuttal)


@pytest.mark.provision("QC.D13.K3")
async def test_qc_d13_k3_delegations_that_go_abroad_are_known_to_three(records):
    """«quản lý … các đoàn công tác của Đắk Lắk ra nước ngoài», with the coordinator and foreign affairs."""
    delegation = await records.made("outgoing_delegation")
    for column in ("POLICE", "FOREIGN", "COORD"):
        assert "outgoing_delegation.registered" in await records.heard(column, delegation), column
        assert (await records.contribute(column, delegation)).status_code == 201
    for column in ("MEMBER", "PRESS", "DISTRICT"):
        assert await records.seen(column, delegation) == 404, column
    await done(records.move(delegation, "depart"))
    await done(records.edit(delegation, details={**delegation["details"], "outcome": None}))
    assert (await records.move(delegation, "return")).status_code == 422
    await done(records.edit(delegation, details=delegation["details"]))
    await done(records.move(delegation, "return"))
    for column in ("POLICE", "FOREIGN", "COORD"):
        assert "outgoing_delegation.returned" in await records.heard(column, delegation), column


@pytest.mark.provision("QC.D13.K3")
async def test_qc_d13_k3_delegations_of_the_press_that_come_are_known_to_the_police(records):
    """«quản lý các đoàn báo chí nước ngoài vào hoạt động trong tỉnh»."""
    delegation = await records.made("foreign_press_delegation", "receive", "arrive")
    assert {"foreign_press.reception_decided", "foreign_press.arrived"} <= set(
        await records.heard("POLICE", delegation)
    )
    assert (await records.contribute("POLICE", delegation)).status_code == 201
