"""Brings estimates and the province's budget to where a test begins."""

from tests import make

DOCUMENT = {"number": "3012/QĐ-UBND", "issued_on": "2026-12-30", "issuer": "UBND tỉnh", "sha256": None}
SIGNATORY = {"name": "Nguyễn Văn Hòa", "title": "Phó Chủ tịch"}
ESTIMATES, BUDGETS = "budget-estimates", "provincial-budgets"
REASON = {"reason": "Bổ sung thuyết minh"}


def an_own_line(**changes):
    return {
        "code": "DP-01",
        "content": "Hội nghị tổng kết toàn tỉnh",
        "category": "programme",
        "funding_source": "provincial_budget",
        "requested_vnd": 120_000_000,
    } | changes


def a_budget(**changes):
    return {"year": 2027, "title": "Dự toán của tỉnh năm 2027", "own_lines": [an_own_line()]} | changes


async def made(caller, path, body):
    answer = await caller.post(path, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(caller, of, id):
    answer = await caller.get(f"/v1/{of}/{id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def moved(caller, of, id, move, body):
    answer = await caller.post(f"/v1/{of}/{id}/{move}", body, "*")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def drafted(world, slug=make.DISTRICT, lines=None, year=2027):
    """A plan and its estimate, both drafts."""
    agency = await world.as_(slug)
    plan = await made(agency, "/v1/plans", make.a_plan(year=year, no_budget_reason=None))
    more = {} if lines is None else {"lines": lines}
    estimate = await made(agency, f"/v1/{ESTIMATES}", make.an_estimate(plan["id"], **more))
    return plan, estimate


async def sent(world, slug=make.DISTRICT, lines=None, year=2027):
    """Both sent."""
    plan, estimate = await drafted(world, slug, lines, year)
    await moved(await world.as_(slug), "plans", plan["id"], "submit", make.SUBMIT)
    return plan["id"], estimate["id"]


async def accepted(world, slug=make.DISTRICT, lines=None, year=2027):
    """Both accepted; what the coordinator sends itself is accepted at once."""
    plan, estimate = await sent(world, slug, lines, year)
    if slug != make.COORDINATOR:
        await moved(await world.as_(make.COORDINATOR), "plans", plan, "accept", {})
    return plan, estimate


async def lines_of(caller, budget):
    answer = await caller.get(f"/v1/{BUDGETS}/{budget}/lines?limit=200")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def appraisal(lines, change=lambda line: line["requested_vnd"]):
    said = [
        {"line_id": line["id"], "appraised_vnd": change(line), "opinion": "Theo định mức hiện hành"} for line in lines
    ]
    return {"lines": said, "document": DOCUMENT}


def decision(**changes):
    return {"document": DOCUMENT, "signatory": SIGNATORY} | changes


def an_adjustment(*lines):
    said = [{"line_id": id, "change_vnd": change, "reason": "Theo chỉ đạo"} for id, change in lines]
    return {"document": DOCUMENT, "lines": said}


async def a_budget_in(world, state, **more):
    """A budget of 2027 in a state, with the district's estimate in it and one own line."""
    await accepted(world)
    coordinator = await world.as_(make.COORDINATOR)
    budget = (await made(coordinator, f"/v1/{BUDGETS}", a_budget(**more)))["id"]
    await to(world, budget, state)
    return await read(coordinator, BUDGETS, budget)


async def to(world, budget, state):
    """A draft brought to a state."""
    coordinator, finance = await world.as_(make.COORDINATOR), await world.as_(make.FINANCE)
    committee = await world.as_(make.COMMITTEE)
    if state == "draft":
        return
    await moved(coordinator, BUDGETS, budget, "submit", make.SUBMIT)
    if state == "returned":
        await moved(finance, BUDGETS, budget, "return", REASON)
        return
    if state == "with_finance":
        return
    lines = await lines_of(finance, budget)
    await moved(finance, BUDGETS, budget, "appraise", appraisal(lines))
    if state == "appraised":
        return
    await moved(committee, BUDGETS, budget, "decide", decision())
    if state == "closed":
        unsettled = sorted({line["agency_id"] for line in lines})
        await moved(finance, BUDGETS, budget, "close", {"unsettled": unsettled})
