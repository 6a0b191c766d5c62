"""What the room of plans of the province declares of itself."""

from app.access.grants import Scope
from app.flow.registry import Resource, Room, Summary
from app.provincial import reads
from app.provincial.queries import sight
from app.provincial.router import router
from app.provincial.rules import EVENTS, PROVINCIAL

ROOM = Room(
    "provincial",
    routers=(router,),
    machines={"provincial_plan": PROVINCIAL},
    resources={
        "provincial_plan": Resource(
            "/v1/provincial-plans/{id}", sight, Summary(reads.SUMMARY, Scope.plans_read, reads.values)
        )
    },
    events=EVENTS,
)
