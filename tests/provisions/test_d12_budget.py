"""Điều 12 khoản 1: finance appraises and balances; the committee decides."""

import pytest

from tests import make
from tests.budgets import hands
from tests.provisions.hands import COMMITTEE, OUTSIDER, get, post, told


@pytest.mark.provision("QC.D12.K1", "QC.D8.K9")
async def test_qc_d12_k1_finance_appraises_the_committee_decides_finance_balances(world):
    """«Thẩm định dự toán … trình Ủy ban nhân dân tỉnh phê duyệt»; «Cân đối nguồn kinh phí»."""
    _, estimate = await hands.accepted(world)
    coordinator, finance = await world.as_(make.COORDINATOR), await world.as_(make.FINANCE)
    budget = await hands.made(coordinator, f"/v1/{hands.BUDGETS}", hands.a_budget())
    path = f"/v1/{hands.BUDGETS}/{budget['id']}"
    await hands.to(world, budget["id"], "with_finance")
    lines = await hands.lines_of(finance, budget["id"])
    appraised = hands.appraisal(lines, lambda line: line["requested_vnd"] // 2)
    refused = await coordinator.post(f"{path}/appraise", appraised, "*")
    assert refused.status_code == 403, "nobody appraises what it asks for"
    await post(world, make.FINANCE, f"{path}/appraise", appraised, 200)
    for slug in (make.COORDINATOR, COMMITTEE):
        assert "QC.D12.K1-a" in (await told(world, slug, budget))["budget.appraised"]
    refused = await finance.post(f"{path}/decide", hands.decision(), "*")
    assert refused.status_code == 403, "the committee decides"
    await post(world, COMMITTEE, f"{path}/decide", hands.decision(), 200)
    assert "budget.decided" in await told(world, make.COORDINATOR, budget)
    assert "budget_estimate.decided" in await told(world, make.DISTRICT, {"id": estimate})
    (line,) = (await get(world, make.DISTRICT, f"/v1/{hands.ESTIMATES}/{estimate}"))["lines"]
    assert (line["amount_vnd"], line["decided_vnd"]) == (18_000_000, 9_000_000)
    given = {"category": "programme", "funding_source": "provincial_budget", "amount_vnd": 69_000_000}
    balanced = await post(world, make.FINANCE, f"{path}/allocate", {"allocations": [given]}, 200)
    assert [(c["category"], c["unallocated_vnd"]) for c in balanced["categories"]] == [("programme", 0)]
    assert "QC.D12.K1-b" in (await told(world, make.COORDINATOR, budget))["budget.allocated"]
    assert await told(world, OUTSIDER, budget) == {}
