"""What the room of tasks declares of itself."""

from functools import partial

from app.access.grants import Scope
from app.flow.reads import values
from app.flow.registry import Resource, Room, Summary
from app.statistics.sources import SOURCES
from app.tasks import cooperation_queries, counting, queries, reads, rules
from app.tasks.cooperation_router import router as cooperation_router
from app.tasks.router import router

SOURCES.append(counting.TASKS)
ROOM = Room(
    "tasks",
    routers=(router, cooperation_router),
    machines={"plan_task": rules.TASK, "cooperation": rules.COOPERATION},
    resources={
        "plan_task": Resource(
            "/v1/plan-tasks/{id}",
            queries.sight,
            Summary(reads.SUMMARY, Scope.tasks_read, partial(values, rules.TASK)),
        ),
        "cooperation": Resource(
            "/v1/cooperations/{id}",
            cooperation_queries.sight,
            Summary(reads.COOPERATION_SUMMARY, Scope.tasks_read, partial(values, rules.COOPERATION)),
        ),
    },
    events=rules.EVENTS,
)
