"""The sums of every tier against an independent recomputation, for whatever amounts there are."""

from collections import Counter
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.budgets.schemas import INT64, EstimateLineWrite
from tests import make
from tests.budgets import hands
from tests.budgets.hands import BUDGETS, ESTIMATES, lines_of, moved, read

AMOUNT = st.integers(0, 10**15)
LINE = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["programme", "facilities"]),
        "funding_source": st.sampled_from(["provincial_budget", "other"]),
        "amount_vnd": AMOUNT,
    }
)


@given(quantity=st.decimals(0, 10**11, places=3), norm=st.integers(0, 10**6), off=st.integers(-2, 2))
def test_a_line_comes_out_exactly_or_not_at_all(quantity, norm, off):
    exact = Decimal(quantity) * norm
    amount = int(exact) + off
    body = make.a_line(quantity=f"{quantity:f}", norm_vnd=norm, amount_vnd=amount)
    try:
        EstimateLineWrite(**body)
        taken = True
    except ValueError:
        taken = False
    assert taken == (exact == amount and 0 <= amount <= INT64)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    asked=st.lists(LINE, min_size=1, max_size=4),
    own=st.lists(LINE, max_size=2),
    rates=st.lists(st.integers(0, 150), min_size=6, max_size=6),
    change=st.integers(0, 1000),
    year=st.integers(0, 10**9),
)
async def test_every_tier_sums_up(world, asked, own, rates, change, year):
    """One budget a year: each example has a savepoint of its own, in a year of its own."""
    used = getattr(world, "years", 2030)
    world.years = used + 1
    lines = [make.a_line(code=f"D-{n}", quantity=None, norm_vnd=None, **line) for n, line in enumerate(asked)]
    _, estimate = await hands.accepted(world, lines=lines, year=used)
    coordinator, finance = await world.as_(make.COORDINATOR), await world.as_(make.FINANCE)
    committee, district = await world.as_(make.COMMITTEE), await world.as_(make.DISTRICT)
    mine = [
        hands.an_own_line(code=f"O-{n}", content=f"Việc {n}", requested_vnd=line["amount_vnd"])
        | {"category": line["category"], "funding_source": line["funding_source"]}
        for n, line in enumerate(own)
    ]
    id = (await hands.made(coordinator, f"/v1/{BUDGETS}", hands.a_budget(year=used, own_lines=mine)))["id"]
    await moved(coordinator, BUDGETS, id, "submit", make.SUBMIT)
    found = await lines_of(finance, id)
    known = {line["id"]: rate for line, rate in zip(found, rates, strict=False)}
    await moved(
        finance, BUDGETS, id, "appraise",
        hands.appraisal(found, lambda line: line["requested_vnd"] * known[line["id"]] // 100),
    )  # fmt: skip
    first = found[0]["id"]
    exception = {"line_id": first, "decided_vnd": 2_000, "reason": "Theo chỉ đạo"}
    await moved(committee, BUDGETS, id, "decide", hands.decision(exceptions=[exception]))
    await hands.made(committee, f"/v1/{BUDGETS}/{id}/adjustments", hands.an_adjustment((first, -change)))
    shown = await read(district, ESTIMATES, estimate)
    spent = [{"line_id": line["id"], "spent_vnd": n} for n, line in enumerate(shown["lines"])]
    await moved(district, ESTIMATES, estimate, "settle", make.SUBMIT | {"lines": spent})
    # Said anew, from what was put in alone.
    amounts = [line["amount_vnd"] for line in (*asked, *own)]
    appraised = [amount * rate // 100 for amount, rate in zip(amounts, rates, strict=False)]
    decided = [2_000, *appraised[1:]]
    totals = (await read(coordinator, BUDGETS, id))["totals"]
    assert totals == {
        "requested_vnd": sum(amounts), "appraised_vnd": sum(appraised), "decided_vnd": sum(decided),
        "change_vnd": -change, "current_vnd": sum(decided) - change, "spent_vnd": sum(range(len(asked))),
    }  # fmt: skip
    by_category = Counter()
    for line, amount in zip((*asked, *own), decided, strict=True):
        by_category[line["category"]] += amount
    categories = (await read(coordinator, BUDGETS, id))["categories"]
    assert {item["category"]: item["decided_vnd"] for item in categories} == dict(by_category)
    # And nothing that a tier wrote was touched by the next.
    stands = await lines_of(coordinator, id)
    assert [line["requested_vnd"] for line in stands] == amounts
    assert [line["appraised_vnd"] for line in stands] == appraised
    assert [line["decided_vnd"] for line in stands] == decided
