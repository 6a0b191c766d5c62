"""The closing paragraph: difficulties come back resolved to who reported them."""

import pytest

from tests.records.furnished import done


def _codes(answer):
    assert answer.status_code == 422, answer.text
    return {error["code"] for error in answer.json()["errors"]}


@pytest.mark.provision("QC.END")
async def test_qc_end_whoever_is_bound_reports_and_hears_what_was_decided(records):
    """«nếu gặp khó khăn, vướng mắc thì … phản ánh kịp thời về Sở Thông tin và Truyền thông»."""
    for column in ("OWNER", "DISTRICT", "PRESS", "PORTAL", "CUSTOMS", "PROPAGANDA", "POLICE"):
        reported = await done(records.create("difficulty", column), 201)
        assert await records.heard("COORD", reported) == ["difficulty.reported"], column
        assert await records.seen("MEMBER", reported) == 404
    await done(records.move(reported, "acknowledge"))
    await done(records.move(reported, "forward"))
    assert "difficulty.forwarded" in await records.heard("UBND", reported)
    assert (await records.move(reported, "resolve", "COORD")).status_code == 403
    assert _codes(await records.move(reported, "resolve", "UBND", note=None)) == {"missing"}
    await done(records.move(reported, "resolve", "UBND", note="Hợp đồng cộng tác viên dùng chung."))
    heard = await records.heard("POLICE", reported)
    assert {"difficulty.acknowledged", "difficulty.forwarded", "difficulty.resolved"} <= set(heard)
    outcome = await done(records.read("POLICE", reported))
    assert outcome["steps"][-1]["note"] == "Hợp đồng cộng tác viên dùng chung."


@pytest.mark.provision("QC.END")
async def test_qc_end_like_difficulties_are_put_together_and_resolved_together(records):
    """«để tổng hợp, báo cáo Ủy ban nhân dân tỉnh xem xét, giải quyết»."""
    one, other = await records.made("difficulty"), await done(records.create("difficulty", "DISTRICT"), 201)
    await done(records.move(other, "merge", into_id=one["id"]))
    await done(records.move(one, "forward"))
    await done(records.move(one, "resolve", "UBND"))
    assert "difficulty.resolved" in await records.heard("DISTRICT", other)
    assert (await done(records.read("DISTRICT", other)))["merged_into_id"] == one["id"]
