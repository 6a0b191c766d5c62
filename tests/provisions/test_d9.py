"""Điều 9, foreign affairs: each clause played as it is written."""

import pytest

from tests import make
from tests.records.furnished import DOCUMENT, done

LICENCE = {"licence_number": "117/GP-BNG", "licensed_on": "2027-02-20", "licence_issuer": "Bộ Ngoại giao"}


@pytest.mark.provision("QC.D9.K1")
async def test_qc_d9_k1_the_press_is_guided_on_a_visit_abroad(records):
    """«hướng dẫn báo chí trong nước đưa tin về hoạt động đối ngoại của lãnh đạo tỉnh … tại nước ngoài»."""
    visit = await records.made("outgoing_delegation")
    guides = await records.caller("FOREIGN")
    body = make.a_guidance(kind="coverage_of_visit", title="Đưa tin chuyến thăm Champasak")
    guidance = await done(guides.post("/v1/press-guidance", body), 201)
    assert "press_guidance.issued" in await records.heard("PRESS", guidance)
    assert "press_guidance.issued" in await records.heard("COORD", guidance)
    assert visit["details"]["press_coverage"] is True
    assert await records.seen("FOREIGN", visit) == 200


@pytest.mark.provision("QC.D9.K1")
async def test_qc_d9_k1_what_the_foreign_press_says_is_studied(records):
    """«nghiên cứu dư luận báo chí nước ngoài phục vụ thông tin đối ngoại»."""
    item = await records.made("media_item", "assess")
    assert item["details"]["origin"] == "foreign"
    for column in ("COORD", "UBND"):
        assert {"media_item.logged", "media_item.assessed"} <= set(await records.heard(column, item))
    assert await records.seen("PRESS", item) == 404


@pytest.mark.provision("QC.D9.K1")
async def test_qc_d9_k1_an_interview_of_a_leader_is_prepared(records):
    """«chủ trì; phối hợp với Sở Thông tin và Truyền thông … chuẩn bị nội dung … trả lời phỏng vấn»."""
    interview = await records.made("interview_prep")
    assert await records.heard("COORD", interview) == ["interview.requested"]
    assert (await records.contribute("COORD", interview)).status_code == 201
    assert (await records.contribute("NAMED", interview)).status_code == 201
    await done(records.edit(interview, details={**interview["details"], "content": None}))
    assert (await records.move(interview, "prepare")).status_code == 422
    await done(records.edit(interview, details=interview["details"]))
    await done(records.move(interview, "prepare"))
    await done(records.move(interview, "hold"))
    assert "interview.held" in await records.heard("COORD", interview)
    assert await records.seen("PRESS", interview) == 404


@pytest.mark.provision("QC.D9.K2")
async def test_qc_d9_k2_licensed_foreign_press_is_received_and_the_coordinator_told_at_once(records):
    """«quyết định việc đón … các đoàn … đã được … cấp phép …, đồng thời thông báo cho Sở Thông tin và Truyền thông»."""
    delegation = await records.made("foreign_press_delegation")
    unlicensed = {**delegation["details"], **dict.fromkeys(LICENCE)}
    await done(records.edit(delegation, details=unlicensed))
    refused = await records.move(delegation, "receive")
    assert refused.status_code == 422
    assert {error["code"] for error in refused.json()["errors"]} == {"needed_first"}
    await done(records.edit(delegation, details={**delegation["details"], **LICENCE}))
    for column in ("COORD", "POLICE", "UBND", "CULTURE"):
        assert (await records.move(delegation, "receive", column)).status_code in {403, 404}, column
    await done(records.move(delegation, "receive"))
    for column in ("COORD", "POLICE", "NAMED"):
        assert "foreign_press.reception_decided" in await records.heard(column, delegation), column
    await done(records.move(delegation, "acknowledge"))
    guided = await done(records.move(delegation, "guide", note="Làm việc theo chương trình đã cấp phép."))
    assert guided["steps"][-1]["note"] == "Làm việc theo chương trình đã cấp phép."
    assert {"foreign_press.acknowledged", "foreign_press.guided"} <= set(await records.heard("FOREIGN", delegation))
    assert await records.seen("DISTRICT", delegation) == 404
    declined = await records.made("foreign_press_delegation", "decline")
    assert "foreign_press.reception_decided" in await records.heard("POLICE", declined)


@pytest.mark.provision("QC.D9.K3")
async def test_qc_d9_k3_the_committee_is_advised_whom_to_invite(records):
    """«Hàng năm … tham mưu Ủy ban nhân dân tỉnh mời phóng viên các hãng thông tấn, báo chí»."""
    invitation = await records.made("foreign_press_invitation", "propose")
    assert invitation["details"]["year"] == 2027
    for column in ("UBND", "COORD"):
        assert "invitation.proposed" in await records.heard(column, invitation)
    assert (await records.move(invitation, "approve", "FOREIGN", document=DOCUMENT)).status_code == 403
    assert (await records.move(invitation, "approve", "UBND", document=None)).status_code == 422
    approved = await done(records.move(invitation, "approve", "UBND"))
    assert approved["steps"][-1]["document"]["number"] == DOCUMENT["number"]
    assert "invitation.approved" in await records.heard("FOREIGN", invitation)
    await done(records.move(invitation, "invite"))
    delegation = await records.made("foreign_press_delegation")
    link = {"kind": "link", "text": None, "link": {"type": "record", "id": delegation["id"], "relation": "follows"}}
    assert (await records.contribute("FOREIGN", invitation, **link)).status_code == 201
    assert (await done(records.move(invitation, "complete")))["state"] == "completed"


@pytest.mark.provision("QC.D9.K4")
async def test_qc_d9_k4_news_of_the_ministry_reaches_the_leaders_and_not_the_districts(records):
    """«cung cấp tin tức từ Bộ Ngoại giao cho lãnh đạo tỉnh, lãnh đạo các sở, ban, ngành»."""
    brief = await records.made("international_brief")
    assert await records.seen("MEMBER", brief) == 404
    await done(records.move(brief, "publish"))
    for column in ("UBND", "VPUBND", "MEMBER", "POLICE", "FINANCE"):
        assert "brief.published" in await records.heard(column, brief), column
    for column in ("DISTRICT", "NAMED", "PRESS", "PORTAL", "CUSTOMS", "PROPAGANDA"):
        assert await records.seen(column, brief) == 404, column
        assert await records.heard(column, brief) == [], column


@pytest.mark.provision("QC.D9.K5")
async def test_qc_d9_k5_an_analysis_with_a_proposal_goes_to_the_leaders_alone(records):
    """«phân tích, tổng hợp … để báo cáo và đề xuất với lãnh đạo tỉnh phương hướng, giải pháp thực hiện»."""
    analysis = await records.made("situation_analysis")
    assert analysis["sensitivity"] == "restricted"
    await done(records.edit(analysis, details={**analysis["details"], "proposal": None}))
    assert (await records.move(analysis, "publish")).status_code == 422
    await done(records.edit(analysis, details=analysis["details"]))
    await done(records.move(analysis, "publish"))
    assert "brief.published" in await records.heard("UBND", analysis)
    answered = await done(records.move(analysis, "consider", "UBND", note="Giao các sở liên quan thực hiện."))
    assert answered["state"] == "considered"
    assert "analysis.considered" in await records.heard("FOREIGN", analysis)
    for column in ("MEMBER", "POLICE", "PRESS", "DISTRICT"):
        assert await records.seen(column, analysis) == 404, column


@pytest.mark.provision("QC.D9.K6")
async def test_qc_d9_k6_people_s_diplomacy_and_resolution_36_are_made_known(records):
    """«đầu mối … công tác ngoại giao Nhân dân», «đẩy mạnh công tác tuyên truyền Nghị quyết số 36-NQ/TW»."""
    for kind in ("people_diplomacy", "overseas_campaign"):
        activity = await records.made(kind, "hold")
        for column in ("COORD", "UBND", "MEMBER", "DISTRICT"):
            assert {f"{kind}.recorded", f"{kind}.held"} <= set(await records.heard(column, activity)), column
        assert (await records.create(kind, "COORD")).status_code == 403
        assert (await records.contribute("DISTRICT", activity)).status_code == 201


@pytest.mark.provision("QC.D9.K6")
async def test_qc_d9_k6_a_partnership_is_public_once_it_is_signed(records):
    """«thiết lập quan hệ hữu nghị hợp tác giữa các đơn vị, địa phương»."""
    partnership = await records.made("partnership", "negotiate")
    assert await records.seen("MEMBER", partnership) == 404
    assert await records.seen("NAMED", partnership) == 200
    await done(records.edit(partnership, details={**partnership["details"], "agreement": None}))
    assert (await records.move(partnership, "sign")).status_code == 422
    await done(records.edit(partnership, details=partnership["details"]))
    await done(records.move(partnership, "sign"))
    for column in ("COORD", "NAMED", "MEMBER", "PRESS"):
        assert "partnership.signed" in await records.heard(column, partnership), column


@pytest.mark.provision("QC.D9.K7")
async def test_qc_d9_k7_a_translation_comes_back_to_who_asked_for_it(records):
    """«tổ chức biên dịch các ấn phẩm, tài liệu sang tiếng nước ngoài»."""
    translation = await records.made("translation", "start")
    for column in ("COORD", "NAMED"):
        assert "translation.requested" in await records.heard(column, translation), column
    other = {**translation["details"], "output": {**translation["details"]["output"], "language": "en"}}
    await done(records.edit(translation, details=other))
    refused = await records.move(translation, "complete")
    assert {error["code"] for error in refused.json()["errors"]} == {"other_language"}
    await done(records.edit(translation, details=translation["details"]))
    await done(records.move(translation, "complete"))
    for column in ("COORD", "NAMED", "MEMBER"):
        assert "translation.completed" in await records.heard(column, translation), column
