"""Điều 12, finance: what is recorded of it (the estimates are played beside their own tests)."""

import pytest

from tests.records.furnished import done


@pytest.mark.provision("QC.D12.K2")
async def test_qc_d12_k2_finance_guides_on_norms_use_and_settlement(records):
    """«hướng dẫn các cơ quan … xây dựng định mức kinh phí … và sử dụng, thanh quyết toán kinh phí»."""
    example = (await records.made("cost_guidance"))["details"]
    for type in ("cost_norm", "use", "settlement"):
        guidance = await records.made("cost_guidance", details={**example, "type": type})
        assert await records.heard("COORD", guidance) == ["cost_guidance.drafted"]
        assert (await records.contribute("COORD", guidance)).status_code == 201
        assert await records.seen("MEMBER", guidance) == 404
        await done(records.move(guidance, "issue"))
    for column in ("MEMBER", "DISTRICT", "COORD", "POLICE"):
        assert "guidance.issued" in await records.heard(column, guidance), column
    assert (await records.create("cost_guidance", "POLICE")).status_code == 403
    empty = await records.made("cost_guidance", details={**example, "text": None, "document": None})
    refused = await records.move(empty, "issue")
    assert {error["code"] for error in refused.json()["errors"]} == {"needed_first"}
