"""What the plans room declares of itself."""

from app.flow.registry import Resource, Room
from app.plans.queries import sight
from app.plans.router import router
from app.plans.rules import PLAN

ROOM = Room(
    "plans",
    routers=(router,),
    machines={"plan": PLAN.machine},
    resources={"plan": Resource("/v1/plans/{id}", sight)},
    events=PLAN.events,
)
