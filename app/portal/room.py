"""What the portal declares of itself."""

from app.flow.registry import Resource, Room
from app.portal.feeds_router import router as public_router
from app.portal.figures import router as figures_router
from app.portal.holding_queries import sight
from app.portal.holding_router import calendars_router, router
from app.portal.holding_rules import EVENTS

ROOM = Room(
    "portal",
    routers=(public_router, figures_router, router, calendars_router),
    resources={"press_feed": Resource("/v1/press-feeds/{id}", sight)},
    events=EVENTS,
)
