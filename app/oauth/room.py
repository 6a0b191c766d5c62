"""What the oauth room declares of itself."""

from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.flow.registry import Resource, Room
from app.oauth import well_known
from app.oauth.router import router, tokens
from app.oauth.rules import EVENTS
from app.trail.feed import own_or_all


def for_coordinators(actor: Actor) -> ColumnElement[bool]:
    """Signing keys are the operator's; beside it, who coordinates may know that one was changed."""
    return true() if "COORD" in actor.functions else false()


ROOM = Room(
    "oauth",
    routers=(tokens, router, well_known.router),
    resources={"client": Resource(None, own_or_all), "signing_key": Resource(None, for_coordinators)},
    events=EVENTS,
)
