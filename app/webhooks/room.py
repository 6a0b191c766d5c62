"""What the webhooks room declares of itself."""

from app.flow.registry import Resource, Room
from app.webhooks.delivery_router import router as delivery_router
from app.webhooks.queries import attention, sight
from app.webhooks.router import router
from app.webhooks.rules import EVENTS

ROOM = Room(
    "webhooks",
    routers=(router, delivery_router),
    resources={
        "webhook_endpoint": Resource("/v1/webhook-endpoints/{id}", sight),
        "webhook_delivery": Resource("/v1/webhook-deliveries/{id}", sight),
    },
    events=EVENTS,
    attention=attention,
)
