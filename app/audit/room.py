"""What the audit declares of itself."""

from app.audit.router import router
from app.audit.rules import EVENTS, READING
from app.flow.registry import Resource, Room
from app.trail.feed import own_or_all

ROOM = Room("audit", routers=(router,), resources={READING: Resource(None, own_or_all)}, events=EVENTS)
