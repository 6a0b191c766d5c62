"""What the register declares of itself."""

from sqlalchemy import ColumnElement, true

from app.access.actor import Actor
from app.agencies.router import router
from app.agencies.rules import FOCAL_POINT_CHANGED, REGISTERED
from app.flow.registry import Resource, Room


def sight(_: Actor) -> ColumnElement[bool]:
    """The register is open to every client, and so is what happens to it."""
    return true()


ROOM = Room(
    "agencies",
    routers=(router,),
    resources={
        "agency": Resource("/v1/agencies/{id}", sight),
        "focal_point": Resource("/v1/agencies/{id}/focal-point", sight),
    },
    events=(REGISTERED, FOCAL_POINT_CHANGED),
)
