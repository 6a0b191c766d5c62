"""What the webhooks room declares of itself."""

from app.flow.registry import Resource, Room
from app.webhooks.queries import sight
from app.webhooks.router import router
from app.webhooks.rules import EVENTS

ROOM = Room(
    "webhooks",
    routers=(router,),
    resources={"webhook_endpoint": Resource("/v1/webhook-endpoints/{id}", sight)},
    events=EVENTS,
)
