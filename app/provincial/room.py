"""What the room of plans of the province declares of itself."""

from app.flow.registry import Resource, Room
from app.provincial.queries import sight
from app.provincial.router import router
from app.provincial.rules import EVENTS, PROVINCIAL

ROOM = Room(
    "provincial",
    routers=(router,),
    machines={"provincial_plan": PROVINCIAL},
    resources={"provincial_plan": Resource("/v1/provincial-plans/{id}", sight)},
    events=EVENTS,
)
