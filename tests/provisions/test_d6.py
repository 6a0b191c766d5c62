"""Điều 6: every agency works with the coordinator."""

import pytest

from tests import make
from tests.provincial.hands import at
from tests.provisions.hands import OUTSIDER, get, post, status, told
from tests.tasks import hands
from tests.tasks.hands import PARTNER


@pytest.mark.provision("QC.D6.K1")
async def test_qc_d6_k1_who_is_asked_to_work_along_is_told_answers_and_contributes(world):
    """«có trách nhiệm phối hợp với Sở Thông tin và Truyền thông»."""
    async with at(world, "2027-01-11T08:00:00+07:00"):
        await hands.issued(world, await hands.a_task(world, partners=(PARTNER,)))
        asked = await hands.cooperation(world)
        assert (await told(world, PARTNER, asked))["cooperation.requested"] == ["QC.D6.K1"]
        path = f"/v1/cooperations/{asked['id']}"
        await post(world, PARTNER, f"{path}/accept", {"answer": "Cử hai biên dịch viên."}, 200)
        await post(world, PARTNER, f"{path}/contribute", hands.CONTRIBUTION, 200)
        for slug in (make.DISTRICT, make.COORDINATOR):
            assert {"cooperation.answered", "cooperation.contributed"} <= (await told(world, slug, asked)).keys()
        shown = await get(world, make.COORDINATOR, path)
        assert [one["text"] for one in shown["contributions"]] == [hands.CONTRIBUTION["text"]]
        assert await told(world, OUTSIDER, asked) == {}
        assert await status(world, OUTSIDER, path) == 404
