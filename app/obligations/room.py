"""What the obligations room declares of itself."""

from functools import partial

from app.access.grants import Scope
from app.flow.registry import Resource, Room, Summary
from app.obligations import reads
from app.obligations.queries import for_all, sight
from app.obligations.reminders_router import router as reminders_router
from app.obligations.router import router
from app.obligations.rules import EVENTS, OBLIGATION, REMINDER
from app.obligations.years_router import calendar_router, years_router

ROOM = Room(
    "obligations",
    routers=(router, years_router, calendar_router, reminders_router),
    machines={"obligation": OBLIGATION, "reminder": REMINDER},
    resources={
        "obligation": Resource(
            "/v1/obligations/{id}",
            sight,
            Summary(reads.SUMMARY, Scope.obligations_read, partial(reads.values, OBLIGATION)),
        ),
        "reminder": Resource(
            "/v1/reminders/{id}",
            sight,
            Summary(reads.REMINDER, Scope.obligations_read, partial(reads.values, REMINDER)),
        ),
        "obligation_year": Resource(None, for_all),
        "calendar_day": Resource(None, for_all),
    },
    events=EVENTS,
)
