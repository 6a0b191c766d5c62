"""What the reports room declares of itself."""

from app.flow.registry import Resource, Room
from app.reports import consolidated_queries, consolidated_rules, request_queries, request_rules
from app.reports.consolidated_router import router as consolidated_router
from app.reports.request_router import router as request_router
from app.reports.router import router
from app.reports.rules import EVENTS, REPORT
from app.trail.feed import own_or_all

ROOM = Room(
    "reports",
    routers=(request_router, router, consolidated_router),
    machines={
        "report_request": request_rules.REQUEST,
        "report": REPORT.machine,
        "consolidated_report": consolidated_rules.CONSOLIDATED,
    },
    resources={
        "report_request": Resource("/v1/report-requests/{id}", request_queries.sight),
        "report": Resource("/v1/reports/{id}", own_or_all),
        "consolidated_report": Resource("/v1/consolidated-reports/{id}", consolidated_queries.sight),
    },
    events=(*request_rules.EVENTS, *EVENTS, *consolidated_rules.EVENTS),
)
