"""What the budgets room declares of itself."""

from functools import partial

from app.access.grants import Scope
from app.budgets import budget_queries, budget_reads, budget_rules, companion, queries, reads
from app.budgets.budget_router import router as budget_router
from app.budgets.router import router
from app.budgets.rules import ESTIMATE, EVENTS
from app.flow.reads import values
from app.flow.registry import Resource, Room, Summary
from app.plans.companions import COMPANIONS

COMPANIONS.append(companion.EstimateOfPlan())

ROOM = Room(
    "budgets",
    routers=(router, budget_router),
    machines={"budget_estimate": ESTIMATE.machine, budget_rules.KIND: budget_rules.BUDGET},
    resources={
        "budget_estimate": Resource(
            "/v1/budget-estimates/{id}",
            queries.sight,
            Summary(reads.SUMMARY, Scope.budgets_read, partial(values, ESTIMATE.machine)),
        ),
        budget_rules.KIND: Resource(
            "/v1/provincial-budgets/{id}",
            budget_queries.sight,
            Summary(budget_reads.SUMMARY, Scope.budgets_read, partial(values, budget_rules.BUDGET)),
        ),
    },
    events=(*EVENTS, *budget_rules.EVENTS),
)
