"""Điều 11, culture, sports and tourism: each clause played as it is written."""

import pytest

from tests.records.furnished import done


def _codes(answer):
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}


@pytest.mark.provision("QC.D11.K1")
async def test_qc_d11_k1_culture_art_sports_and_tourism_carry_information(records):
    """«thông qua hoạt động văn hóa, nghệ thuật, thể thao và du lịch»."""
    example = (await records.made("cultural_event"))["details"]
    for form in ("culture", "art", "sport", "tourism"):
        event = await records.made("cultural_event", "hold", details={**example, "form": form})
    assert "cultural_event.recorded" in await records.heard("COORD", event)
    assert (await records.contribute("MEMBER", event)).status_code == 201
    assert (await records.create("cultural_event", "FOREIGN")).status_code == 403


@pytest.mark.provision("QC.D11.K1")
async def test_qc_d11_k1_a_programme_goes_abroad(records):
    """«đưa ra nước ngoài biểu diễn …, đặc biệt là … các nước bạn có địa phương kết nghĩa»."""
    programme = await records.made("cultural_programme", "schedule")
    for column in ("COORD", "FOREIGN"):
        assert "cultural_programme.scheduled" in await records.heard(column, programme), column
    delegation = await records.made("outgoing_delegation")
    link = {"kind": "link", "text": None, "link": {"type": "record", "id": delegation["id"], "relation": "about"}}
    refused = await records.contribute("CULTURE", programme, **link)
    assert refused.status_code == 422  # another agency's delegation is not there for it
    assert (await records.contribute("FOREIGN", programme, **link)).status_code == 201
    await done(records.edit(programme, details={**programme["details"], "result": None}))
    assert _codes(await records.move(programme, "complete")) == {"needed_first"}
    await done(records.edit(programme, details=programme["details"]))
    await done(records.move(programme, "complete"))
    for column in ("COORD", "FOREIGN"):
        assert "cultural_programme.completed" in await records.heard(column, programme), column


@pytest.mark.provision("QC.D11.K2")
async def test_qc_d11_k2_a_photo_book_is_in_both_languages_before_its_release(records):
    """«Xuất bản các tập sách ảnh … bằng song ngữ Anh-Việt»."""
    book = await records.made("photo_book", languages=["vi"])
    assert _codes(await records.move(book, "release")) == {"language_missing"}
    await done(records.edit(book, languages=["vi", "en"], title_en=None))
    assert _codes(await records.move(book, "release")) == {"needed_first"}
    await done(records.edit(book, title_en="Colours of the highlands"))
    assert await records.seen("PRESS", book) == 404
    await done(records.move(book, "release"))
    for column in ("COORD", "PRESS", "MEMBER"):
        assert "publication.released" in await records.heard(column, book), column


@pytest.mark.provision("QC.D11.K2")
async def test_qc_d11_k2_a_gift_bears_the_emblem_of_the_province(records):
    """«các sản phẩm quà tặng có in biểu tượng của tỉnh»."""
    gift = await records.made("souvenir")
    bare = {key: value for key, value in gift["details"].items() if key != "emblem"}
    assert _codes(await records.create("souvenir", details=bare)) == {"missing"}
    await done(records.move(gift, "release"))
    assert "publication.released" in await records.heard("COORD", gift)


@pytest.mark.provision("QC.D11.K4")
async def test_qc_d11_k4_a_film_crew_has_its_permit_and_the_police_know(records):
    """«các đoàn làm phim nước ngoài đã được các cấp có thẩm quyền cho phép»."""
    crew = await records.made("foreign_film_crew")
    unpermitted = {key: value for key, value in crew["details"].items() if key != "permit"}
    assert _codes(await records.create("foreign_film_crew", details=unpermitted)) == {"missing"}
    for column in ("POLICE", "COORD", "NAMED"):
        assert await records.heard(column, crew) == ["film_crew.registered"], column
    await done(records.edit(crew, details={**crew["details"], "conditions": None}))
    assert _codes(await records.move(crew, "guide")) == {"needed_first"}
    await done(records.edit(crew, details=crew["details"]))
    await done(records.move(crew, "guide"))
    assert (await records.contribute("POLICE", crew)).status_code == 201
    assert "film_crew.guided" in await records.heard("NAMED", crew)
    for move in ("begin", "complete"):
        await done(records.move(crew, move))
    for column in ("DISTRICT", "PRESS", "FOREIGN"):
        assert await records.seen(column, crew) == 404, column


@pytest.mark.provision("QC.D11.K3")
async def test_qc_d11_k3_culture_reports_what_harms_the_province_or_the_country(records):
    """«văn hóa phẩm có nội dung về Đắk Lắk nói riêng và Việt Nam nói chung, phát hiện, kịp thời báo cáo»."""
    example = (await records.made("import_export_finding"))["details"]
    for concerns in ("province", "country", "both"):
        details = {**example, "medium": "cultural_product", "concerns": concerns}
        finding = await done(records.create("import_export_finding", "CULTURE", details=details), 201)
        for column in ("UBND", "COORD"):
            assert await records.heard(column, finding) == ["finding.reported"], (column, concerns)
