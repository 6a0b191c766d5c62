"""Every room of the house, and what they declare put together; `main`, `worker` and `cli` read it here."""

from collections.abc import Mapping

from app.agencies import queries as agencies
from app.agencies.room import ROOM as AGENCIES
from app.audit.room import ROOM as AUDIT
from app.budgets.room import ROOM as BUDGETS
from app.flow.losses import or_lost
from app.flow.registry import Resource, Room
from app.law.router import router as law_router
from app.metrics.router import router as metrics_router
from app.oauth.room import ROOM as OAUTH
from app.obligations.room import ROOM as OBLIGATIONS
from app.plans.room import ROOM as PLANS
from app.portal.room import ROOM as PORTAL
from app.press.room import ROOM as PRESS
from app.provincial.room import ROOM as PROVINCIAL
from app.records.room import ROOM as RECORDS
from app.reports.room import ROOM as REPORTS
from app.responsibilities.router import router as responsibilities_router
from app.statistics.room import ROOM as STATISTICS
from app.sync.room import ROOM as SYNC
from app.tasks.room import ROOM as TASKS
from app.trail.event_types import router as event_types_router
from app.trail.feed import Sights
from app.trail.feed_router import router as feed_router
from app.trail.record import EventType
from app.webhooks.room import ROOM as WEBHOOKS

# In the regulation's order, which is the order of the documentation.
ROOMS: tuple[Room, ...] = (
    Room("law", routers=(law_router,)),
    AGENCIES,
    Room("responsibilities", routers=(responsibilities_router,)),
    OBLIGATIONS,
    PLANS,
    PROVINCIAL,
    BUDGETS,
    TASKS,
    REPORTS,
    PRESS,
    PORTAL,
    STATISTICS,
    RECORDS,
    Room("events", routers=(feed_router, event_types_router)),
    AUDIT,
    SYNC,
    WEBHOOKS,
    OAUTH,
    Room("metrics", routers=(metrics_router,)),
)

RESOURCES: Mapping[str, Resource] = {name: resource for room in ROOMS for name, resource in room.resources.items()}
SIGHTS: Sights = {name: or_lost(resource.sight) for name, resource in RESOURCES.items()}
PATHS: Mapping[str, str | None] = {name: resource.path for name, resource in RESOURCES.items()}
EVENT_TYPES: Mapping[str, EventType] = {event.name: event for room in ROOMS for event in room.events}
names_of = agencies.names_of
