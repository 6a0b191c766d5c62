"""What the room of statistics declares of itself."""

from app.flow.registry import Room
from app.statistics.router import router

ROOM = Room("statistics", routers=(router,))
