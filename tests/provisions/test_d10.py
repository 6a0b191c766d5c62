"""Điều 10, planning and investment: each clause played as it is written."""

import pytest

from tests.records.furnished import done


def _codes(answer):
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}


@pytest.mark.provision("QC.D10.K2")
async def test_qc_d10_k2_figures_are_gathered_with_the_departments_and_the_districts(records):
    """«phối hợp với các sở, ban ngành, Ủy ban nhân dân các huyện … thường xuyên cập nhật thông tin và số liệu»."""
    statistic = await records.made("investment_statistic")
    for column in ("MEMBER", "DISTRICT"):
        assert "investment_statistic.collected" in await records.heard(column, statistic)
        assert (await records.contribute(column, statistic)).status_code == 201
    assert (await records.create("investment_statistic", "DISTRICT")).status_code == 403
    assert (await records.contribute("PRESS", statistic)).status_code == 403


@pytest.mark.provision("QC.D10.K2")
async def test_qc_d10_k2_figures_are_released_and_a_correction_is_a_revision(records):
    """«số liệu về nguồn vốn phi chính phủ nước ngoài, … FDI và nguồn vốn ODA»: NGO, FDI and ODA."""
    for capital in ("ngo", "fdi", "oda"):
        example = (await records.made("investment_statistic"))["details"]
        statistic = await records.made("investment_statistic", details={**example, "capital_type": capital})
        await done(records.move(statistic, "release"))
        for column in ("COORD", "PORTAL"):
            assert "investment_statistic.updated" in await records.heard(column, statistic), column
    money = {"amount": "41250000.75", "currency": "USD"}
    corrected = await done(records.edit(statistic, details={**statistic["details"], "registered": money}))
    assert corrected["state"] == "released"
    assert corrected["details"]["registered"] == money
    assert (await records.heard("PORTAL", statistic)).count("investment_statistic.updated") == 2
    assert _codes(await records.edit(statistic, ends_on=None)) == {"needed_first"}
    owner = await records.caller("INVEST")
    versions = await done(owner.get(f"/v1/records/{statistic['id']}/versions"))
    assert len(versions["items"]) == 2


@pytest.mark.provision("QC.D10.K2")
async def test_qc_d10_k2_an_amount_has_its_currency_and_is_no_float(records):
    example = (await records.made("investment_statistic"))["details"]
    for wrong, code in (
        ({"registered": {"amount": 1.5, "currency": "USD"}}, "string_type"),
        ({"registered": {"amount": "1500000.50", "currency": "VND"}}, "no_minor_unit"),
        ({"registered": None, "disbursed": None}, "no_amount"),
        ({"by_country": [{"country": "XX", "projects": 1}]}, "unknown_country"),
    ):
        answer = await records.create("investment_statistic", details={**example, **wrong})
        assert code in _codes(answer), wrong


@pytest.mark.provision("QC.D10.K3")
async def test_qc_d10_k3_an_item_goes_to_a_portal_in_both_languages(records):
    """«Phối hợp thông tin thường xuyên trên cổng thông tin điện tử của tỉnh Đắk Lắk, của các ngành»."""
    portal = str(await records.world.agency_id("tt-cong-ttdt"))
    item = await records.made("portal_item", languages=["vi"])
    assert _codes(await records.move(item, "ready")) == {"language_missing"}
    await done(records.edit(item, languages=["vi", "en"], named=[]))
    assert _codes(await records.move(item, "ready")) == {"needed_first"}
    await done(records.edit(item, named=[{"role": "portal", "agency_id": portal}]))
    assert await records.seen("PORTAL", item) == 404
    await done(records.move(item, "ready"))
    assert "portal_item.ready" in await records.heard("PORTAL", item)
    assert (await records.move(item, "publish", "INVEST")).status_code == 403
    await done(records.move(item, "publish", "PORTAL"))
    for column in ("COORD", "INVEST", "PRESS"):
        assert "portal_item.published" in await records.heard(column, item), column


@pytest.mark.provision("QC.D10.K1")
async def test_qc_d10_k1_official_material_is_in_vietnamese_and_in_english(records):
    """«các tài liệu chính thức giới thiệu về tiềm năng thu hút đầu tư của tỉnh (bằng tiếng Việt và tiếng Anh)»."""
    profile = await records.made("investment_profile", languages=["vi"], title_en=None)
    assert _codes(await records.move(profile, "release")) == {"language_missing"}
    await done(records.edit(profile, languages=["vi", "en"]))
    assert _codes(await records.move(profile, "release")) == {"needed_first"}
    await done(records.edit(profile, title_en="Investment potential"))
    alone = {**profile["details"], "editions": profile["details"]["editions"][:1]}
    await done(records.edit(profile, details=alone))
    assert _codes(await records.move(profile, "release")) == {"language_missing"}
    await done(records.edit(profile, details=profile["details"]))
    assert await records.seen("PORTAL", profile) == 404
    await done(records.move(profile, "release"))
    for column in ("COORD", "PORTAL", "PRESS"):
        assert "publication.released" in await records.heard(column, profile), column
    assert _codes(await records.edit(profile, languages=["vi"])) == {"language_missing"}, "what is out stays whole"
