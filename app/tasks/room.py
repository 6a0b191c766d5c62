"""What the room of tasks declares of itself."""

from app.flow.registry import Resource, Room
from app.tasks import cooperation_queries, queries, rules
from app.tasks.cooperation_router import router as cooperation_router
from app.tasks.router import router

ROOM = Room(
    "tasks",
    routers=(router, cooperation_router),
    machines={"plan_task": rules.TASK, "cooperation": rules.COOPERATION},
    resources={
        "plan_task": Resource("/v1/plan-tasks/{id}", queries.sight),
        "cooperation": Resource("/v1/cooperations/{id}", cooperation_queries.sight),
    },
    events=rules.EVENTS,
)
