"""What the reports room declares of itself."""

from app.flow.registry import Resource, Room
from app.reports.router import router
from app.reports.rules import EVENTS, REPORT
from app.trail.feed import own_or_all

ROOM = Room(
    "reports",
    routers=(router,),
    machines={"report": REPORT.machine},
    resources={"report": Resource("/v1/reports/{id}", own_or_all)},
    events=EVENTS,
)
