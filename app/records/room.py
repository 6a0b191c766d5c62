"""What the room of records declares of itself."""

from app.access.grants import Scope
from app.flow.registry import Resource, Room, Summary
from app.records import counting, gathering, queries, reads, rules
from app.records.kind import RESOURCE
from app.records.parts_router import accesses_router, kinds_router, parts_router, versions_router
from app.records.router import router
from app.statistics.sources import SOURCES

# Imported for what it puts among the hooks of the reports.
GATHERS = gathering.difficulties
SOURCES.append(counting.RECORDS)

ROOM = Room(
    "records",
    routers=(router, versions_router, parts_router, accesses_router, kinds_router),
    resources={
        RESOURCE: Resource(
            "/v1/records/{id}",
            queries.sight,
            Summary(reads.SUMMARY, Scope.records_read, rules.values),
        ),
    },
    events=rules.event_types(),
)
