"""What the sync declares of itself."""

from app.flow.registry import Room
from app.sync.router import router

ROOM = Room("sync", routers=(router,))
