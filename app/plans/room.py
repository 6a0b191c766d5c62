"""What the plans room declares of itself."""

from functools import partial

from app.access.grants import Scope
from app.flow.reads import values
from app.flow.registry import Resource, Room, Summary
from app.plans.queries import sight
from app.plans.reads import SUMMARY
from app.plans.router import router
from app.plans.rules import PLAN

ROOM = Room(
    "plans",
    routers=(router,),
    machines={"plan": PLAN.machine},
    resources={
        "plan": Resource("/v1/plans/{id}", sight, Summary(SUMMARY, Scope.plans_read, partial(values, PLAN.machine)))
    },
    events=PLAN.events,
)
