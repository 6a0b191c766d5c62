"""Điều 8, the coordinator: what is recorded of it, played as it is written."""

import pytest

from tests.records.furnished import done


def _codes(answer):
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}


@pytest.mark.provision("QC.D8.K2", "QC.D8.K1")
async def test_qc_d8_k2_a_legal_document_is_put_before_the_committee_that_issues_it(records):
    """«xây dựng và trình Ủy ban nhân dân tỉnh ban hành … các văn bản quy phạm pháp luật, các cơ chế, chính sách»."""
    law = await records.made("legal_document", "submit")
    assert "legal_document.submitted" in await records.heard("UBND", law)
    assert (await records.contribute("NAMED", law)).status_code == 201
    assert (await records.move(law, "issue", "COORD")).status_code == 403
    await done(records.move(law, "return", note="Bổ sung nguồn kinh phí."))
    assert "legal_document.returned" in await records.heard("COORD", law)
    await done(records.move(law, "submit"))
    assert _codes(await records.move(law, "issue", document=None)) == {"missing"}
    assert await records.seen("DISTRICT", law) == 404
    await done(records.move(law, "issue"))
    for column in ("COORD", "MEMBER", "DISTRICT", "PRESS"):
        assert "legal_document.issued" in await records.heard(column, law), column


@pytest.mark.provision("QC.D8.K4", "QC.D13.K2")
async def test_qc_d8_k4_what_the_press_says_is_followed_and_the_affected_answer(records):
    """«theo dõi, nghiên cứu dư luận báo chí có nội dung thông tin tác động đến địa phương»."""
    item = await records.made("media_item", named=[])
    assert "media_item.logged" in await records.heard("COORD", item)
    await done(records.edit(item, details={**item["details"], "accuracy": None}))
    assert _codes(await records.move(item, "assess")) == {"needed_first"}
    await done(records.edit(item, details=item["details"]))
    await done(records.move(item, "assess"))
    assert _codes(await records.move(item, "flag")) == {"needed_first"}
    affected = str(await records.world.agency_id("ubnd-buon-don"))
    await done(records.edit(item, named=[{"role": "affected", "agency_id": affected}]))
    await done(records.move(item, "flag"))
    for column in ("NAMED", "COORD"):
        assert "media_item.flagged" in await records.heard(column, item), column
    assert _codes(await records.move(item, "answer", note=None)) == {"missing"}
    await done(records.move(item, "answer", note="Chưa thu hồi vườn cây nào."))
    assert "media_item.answered" in await records.heard("COORD", item)
    rebuttal = await records.made("rebuttal")
    link = {"kind": "link", "text": None, "link": {"type": "record", "id": rebuttal["id"], "relation": "follows"}}
    assert (await records.contribute("COORD", item, **link)).status_code == 201
    assert (await done(records.move(item, "close")))["state"] == "closed"
    for column in ("PRESS", "DISTRICT", "CULTURE"):
        assert await records.seen(column, item) == 404, column


@pytest.mark.provision("QC.D8.K4")
async def test_qc_d8_k4_a_rebuttal_needs_its_dossier_and_is_public_without_it(records):
    """«chủ động trong việc đính chính, phản bác lại các thông tin xuyên tạc, sai sự thật»."""
    details = (await records.made("rebuttal"))["details"]
    for type in ("correction", "clarification", "rebuttal"):
        rebuttal = await records.made("rebuttal", details={**details, "type": type})
    for part in details["dossier"]:
        without = {**details, "dossier": {**details["dossier"], part: None}}
        await done(records.edit(rebuttal, details=without))
        assert _codes(await records.move(rebuttal, "draft")) == {"needed_first"}, part
    await done(records.edit(rebuttal, details=details))
    await done(records.move(rebuttal, "draft"))
    assert (await records.move(rebuttal, "approve", "POLICE")).status_code == 403
    await done(records.move(rebuttal, "approve"))
    assert await records.seen("PRESS", rebuttal) == 404
    await done(records.move(rebuttal, "publish"))
    for column in ("COORD", "PRESS", "PORTAL"):
        assert "rebuttal.published" in await records.heard(column, rebuttal), column
    published = await done(records.read("PRESS", rebuttal))
    assert published["details"]["text"] == details["text"]
    assert "dossier" not in published["details"]
    assert "dossier" in (await done(records.read("UBND", rebuttal)))["details"]


@pytest.mark.provision("QC.D8.K5")
async def test_qc_d8_k5_a_course_is_announced_and_counts_who_came(records):
    """«đào tạo, tập huấn, bồi dưỡng nghiệp vụ», with foreign affairs and the border guard."""
    course = await records.made("training_course")
    for column in ("FOREIGN", "BORDER"):
        assert await records.seen(column, course) == 200
        assert (await records.create("training_course", column)).status_code == 201
    assert await records.seen("DISTRICT", course) == 404
    await done(records.move(course, "announce"))
    for column in ("MEMBER", "DISTRICT", "POLICE"):
        assert "training_course.announced" in await records.heard(column, course), column
    assert (await records.contribute("DISTRICT", course, text="Cử 3 người dự.")).status_code == 201
    await done(records.edit(course, details={**course["details"], "attendance": []}))
    assert _codes(await records.move(course, "hold")) == {"needed_first"}
    twice = [{"agency": "Sở Ngoại vụ", "people": 1}] * 2
    assert _codes(await records.edit(course, details={**course["details"], "attendance": twice})) == {"duplicate_code"}
    await done(records.edit(course, details=course["details"]))
    assert (await done(records.move(course, "hold")))["state"] == "held"


@pytest.mark.provision("QC.D8.K6")
async def test_qc_d8_k6_a_finding_goes_to_the_committee_at_once(records):
    """«phát hiện và kịp thời báo cáo Ủy ban nhân dân tỉnh»."""
    finding = await records.made("import_export_finding")
    for column in ("UBND", "COORD", "POLICE", "FOREIGN", "CULTURE"):
        assert await records.heard(column, finding) == ["finding.reported"], column
    for column in ("MEMBER", "PRESS", "DISTRICT"):
        assert await records.seen(column, finding) == 404, column
    # The same found twice: one decision answers both.
    again = await done(records.create("import_export_finding", "CULTURE"), 201)
    await done(records.move(again, "merge", into_id=finding["id"]))
    await done(records.move(finding, "forward"))
    decided = await done(records.move(finding, "resolve", "UBND", note="Tạm dừng thông quan."))
    assert decided["steps"][-1]["note"] == "Tạm dừng thông quan."
    for column in ("CUSTOMS", "COORD"):
        assert "finding.resolved" in await records.heard(column, finding), column
    assert "finding.resolved" in await records.heard("CULTURE", again)


@pytest.mark.provision("QC.D8.K6", "QC.D11.K3")
async def test_qc_d8_k6_what_crosses_the_border_is_logged(records):
    """«theo dõi, quản lý việc nhập khẩu, xuất khẩu sách, báo, tạp chí, băng đĩa»."""
    movement = await records.made("publication_movement")
    assert await records.heard("COORD", movement) == ["publication_movement.logged"]
    assert (await done(records.move(movement, "void", note="Ghi nhầm.")))["state"] == "void"
    for column in ("INVEST", "PRESS", "DISTRICT"):
        assert (await records.create("publication_movement", column)).status_code == 403, column


@pytest.mark.provision("QC.D8.K9")
async def test_qc_d8_k9_commendation_and_discipline_are_proposed_and_decided(records):
    """«đề xuất khen thưởng, kỷ luật đối với các cơ quan, tổ chức, cá nhân»."""
    for kind, subject in (("commendation_proposal", "commendation"), ("discipline_proposal", "discipline")):
        proposal = await records.made(kind, "propose")
        assert f"{subject}.proposed" in await records.heard("UBND", proposal)
        assert await records.seen("NAMED", proposal) == 404
        assert (await records.move(proposal, "approve", "COORD")).status_code == 403
        assert _codes(await records.move(proposal, "approve", document=None)) == {"missing"}
        await done(records.move(proposal, "approve"))
        for column in ("COORD", "NAMED"):
            assert f"{subject}.decided" in await records.heard(column, proposal), column
        assert await records.seen("DISTRICT", proposal) == 404
    assert proposal["sensitivity"] == "restricted"
    rejected = await records.made("commendation_proposal", "propose")
    assert _codes(await records.move(rejected, "reject", note=None)) == {"missing"}
    assert (await done(records.move(rejected, "reject")))["state"] == "rejected"
