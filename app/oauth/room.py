"""What the oauth room declares of itself."""

from app.flow.registry import Resource, Room
from app.oauth.router import router, tokens
from app.oauth.rules import EVENTS
from app.trail.feed import own_or_all

ROOM = Room("oauth", routers=(tokens, router), resources={"client": Resource(None, own_or_all)}, events=EVENTS)
