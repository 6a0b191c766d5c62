"""Every query on a room's table starts at `visible(actor)`, or stands in a short list with its reason."""

from pathlib import Path

import pytest

from tests.authorisation.lint import ALLOWED, OPEN, Tables, findings, sources

ROOT = Path(__file__).parents[2]
FILES = sources(ROOT)
TABLES = Tables(FILES)


def test_every_query_on_a_room_s_table_starts_at_visible_or_says_why_not():
    bare = [finding for finding in findings(FILES) if finding.where not in ALLOWED]
    assert bare == []


def test_every_entry_of_the_list_still_stands_for_a_query():
    assert set(ALLOWED) - {finding.where for finding in findings(FILES)} == set()
    assert set(OPEN) - set(TABLES.names) == set()
    assert all(reason.strip() for reason in (*ALLOWED.values(), *OPEN.values()))


def test_what_belongs_to_an_agency_is_not_called_open():
    belongs = {
        "Plan",
        "PlanTask",
        "ProvincialPlan",
        "ProvincialTask",
        "AssignedTask",
        "Cooperation",
        "Report",
        "Obligation",
        "Extension",
        "Reminder",
        "ReportRequest",
        "ConsolidatedReport",
        "BudgetEstimate",
        "EstimateLine",
        "ProvincialBudget",
        "BudgetLine",
        "BudgetAllocation",
        "BudgetAdjustment",
        "AdjustmentLine",
        "PressEvent",
        "PressMaterial",
        "PressInvitation",
        "PressSeries",
        "PressGuidance",
        "InformationSupply",
        "PressProduct",
        "PressFeed",
        "WebhookEndpoint",
        "WebhookDelivery",
        "WebhookAttempt",
        "Remark",
        "ResourceVersion",
    }
    assert belongs | {"FocalPoint", "Event", "Ledger", "IdempotencyRecord"} <= set(TABLES.guarded)


HEAD = """
from sqlmodel import col, select
from sqlalchemy import delete, text, update, exists
from app.plans.models import Plan, PlanTask
from app.plans import queries
"""
BARE = [
    "async def f(session, actor): return await session.scalars(select(Plan))",
    "async def f(session, actor): return await session.scalars(select(Plan.id).where(Plan.id == actor.id))",
    "async def f(session, id): return await session.get(Plan, id)",
    "async def f(session, id): return await session.get_one(Plan, id, with_for_update=True)",
    "async def f(session, id): await session.execute(update(Plan).values(state='accepted'))",
    "async def f(session, id): await session.execute(delete(PlanTask).where(col(PlanTask.plan_id) == id))",
    "async def f(session): return await session.execute(text('SELECT * FROM plan'))",
    "async def f(session): return await session.execute(text('SELECT 1 FROM agency a JOIN plan_task t ON true'))",
    "ALL = text('UPDATE plan SET state = 1')",
    "ALL = select(Plan)",
    "async def f(session): return await session.scalars(select(func.count(Plan.id)))",
    "async def f(session): return await session.scalars(select(Agency).join(Plan, Plan.year == Agency.id))",
    "async def f(session): return await session.scalars(select(func.count()).select_from(Plan))",
    "async def f(session, actor): return await session.scalars(queries.visible(actor).with_only_columns(PlanTask))",
    "class S:\n    async def g(self, s):\n        if True:\n            return await s.scalars(select(Plan))",
    "def f(actor):\n    def g():\n        return select(Plan)\n    return g",
    "P = Plan\ndef f(): return select(P)",
    "from app.plans.models import Plan as P\ndef f(): return select(P)",
    (
        "async def f(s):\n    async with s.begin():\n        for x in await s.scalars(select(Plan)):\n"
        "            yield x"
    ),
    "async def f(s):\n    if await s.scalar(select(Plan.id)):\n        return 1",
    "async def f(s):\n    match await s.get(Plan, 1):\n        case _:\n            return 1",
    "async def f(s): return [x for x in await s.scalars(select(Plan))]",
    "f = lambda: select(Plan)",
    "def visible(actor): return select(Plan)",
]


@pytest.mark.parametrize("path", ["app/plans/service.py", "app/reports/service.py", "app/flow/anything.py"])
@pytest.mark.parametrize("code", BARE)
def test_a_new_bare_query_is_found(path, code):
    assert findings({path: HEAD + code}, TABLES)


ROOM = (
    HEAD
    + """
def visible(actor): return select(Plan).where(_visible(actor))
def _visible(actor):
    asked = select(PlanTask.plan_id)
    return col(Plan.id).in_(asked)
"""
)
IN_QUERIES = [
    "def every(): return select(Plan)",
    "def one(actor, id): return select(Plan).where(Plan.agency_id == actor.agency_id)",
    "def one(actor, id):\n    visible(actor)\n    return select(Plan)",
    "def tasks(plan_id): return select(PlanTask).where(PlanTask.plan_id == plan_id)",
    "def two(actor):\n    own = visible(actor)\n    if actor:\n        return own\n    return select(Plan)",
]


@pytest.mark.parametrize("code", IN_QUERIES)
def test_a_bare_query_among_a_room_s_queries_is_found_too(code):
    assert findings({"app/plans/queries.py": ROOM + code}, TABLES)


STARTING = [
    "def one(actor, id): return visible(actor).where(Plan.id == id)",
    "def one(actor, id): return visible(actor).where(Plan.id == id)\ndef two(actor, id): return one(actor, id)",
    (
        "def tasks(actor):\n    own = visible(actor).with_only_columns(col(Plan.id))\n"
        "    return select(PlanTask).where(col(PlanTask.plan_id).in_(own))"
    ),
]


@pytest.mark.parametrize("code", STARTING)
def test_a_query_that_starts_at_visible_is_fine(code):
    assert findings({"app/plans/queries.py": ROOM + code}, TABLES) == []


def test_making_a_row_and_asking_the_register_are_no_queries_on_a_room_s_table():
    code = "async def f(session, actor):\n    session.add(Plan(id=1))\n    await session.get(Agency, 1)\n"
    code += "    await session.scalars(queries.one(actor, 1).where(Plan.year == 2027))\n    return {}.get('Plan')"
    assert findings({"app/plans/service.py": HEAD + code}, TABLES) == []
