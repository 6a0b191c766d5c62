"""What the reports room declares of itself."""

from functools import partial

from app.access.grants import Scope
from app.flow.reads import values
from app.flow.registry import Resource, Room, Summary
from app.reports import (
    consolidated_queries,
    consolidated_reads,
    consolidated_rules,
    reads,
    request_queries,
    request_reads,
    request_rules,
)
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
        "report_request": Resource(
            "/v1/report-requests/{id}",
            request_queries.sight,
            Summary(request_reads.SUMMARY, Scope.reports_read, request_reads.values),
        ),
        "report": Resource(
            "/v1/reports/{id}",
            own_or_all,
            Summary(reads.SUMMARY, Scope.reports_read, partial(values, REPORT.machine)),
        ),
        "consolidated_report": Resource(
            "/v1/consolidated-reports/{id}",
            consolidated_queries.sight,
            Summary(
                consolidated_reads.SUMMARY,
                Scope.reports_read,
                partial(values, consolidated_rules.CONSOLIDATED),
            ),
        ),
    },
    events=(*request_rules.EVENTS, *EVENTS, *consolidated_rules.EVENTS),
)
