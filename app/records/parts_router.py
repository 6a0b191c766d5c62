"""What stands beside records: contributions, the log of readings, the catalogue of kinds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, LISTS, READS
from app.flow.version_routes import add_versions
from app.kit.db import SessionDep
from app.kit.etag import etag
from app.kit.pages import Page, PagingDep
from app.kit.problems import InvalidCursor, InvalidParameter, NotFound, NotPermitted, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.records import access, access_service, catalogue, contributing, queries, rules
from app.records.access import AccessRead
from app.records.catalogue import KindList, KindRead
from app.records.contributing import ContributionWrite, RecordContributionRead
from app.records.kind import RESOURCE
from app.records.router import CITED, Reader, Writer
from app.records.schemas import Name

parts_router = APIRouter(prefix="/v1/records", tags=["records"], route_class=Route)
accesses_router = APIRouter(prefix="/v1/record-accesses", tags=["records"], route_class=Route)
versions_router = APIRouter(prefix="/v1/records", tags=["records"], route_class=Route)
add_versions(versions_router, RESOURCE, Scope.records_read, queries.kept, access.note)
kinds_router = APIRouter(prefix="/v1/record-kinds", tags=["records"], route_class=Route)
PUBLIC = "public, max-age=3600"


@parts_router.get(
    "/{id}/contributions", responses=problems(*READS, InvalidParameter, InvalidCursor), openapi_extra=CITED
)
async def list_record_contributions(
    id: UUID, actor: Reader, session: SessionDep, paging: PagingDep
) -> Page[RecordContributionRead]:
    """List what was added to a record, oldest first; a link only if one may know of its other end."""
    return await contributing.contributions(session, actor, id, paging)


@parts_router.post(
    "/{id}/contributions",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotPermitted),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def contribute_to_record(
    id: UUID, body: ContributionWrite, actor: Writer, session: SessionDep
) -> RecordContributionRead:
    """Add a comment, a confirmation or a link to a record: its own agency, functions and named agencies do."""
    return await contributing.contribute(session, actor, id, body)


@accesses_router.get(
    "",
    response_model=Page[AccessRead],
    responses=problems(*LISTS),
    openapi_extra={"x-provisions": list(rules.AUDITING)},
)
async def list_record_accesses(
    actor: Annotated[Actor, needs(Scope.records_audit)],
    reader: ReaderDep,
    paging: PagingDep,
    record: Annotated[UUID | None, Query(description="Readings of this record.")] = None,
    agency: Annotated[UUID | None, Query(description="Readings by this agency.")] = None,
    client: Annotated[UUID | None, Query(description="Readings by this client.")] = None,
) -> Response:
    """List who read restricted records, newest first; one row for each answer that held some."""
    wanted = {"record": record, "agency_id": agency, "client_id": client}
    return await access_service.list_accesses(reader, actor, wanted, paging)


@kinds_router.get("", responses=problems())
async def list_record_kinds(response: Response) -> KindList:
    """List every kind of record: its law, its details, who records, reads and moves it.

    Open to everyone: whoever builds a client reads here what there is.
    """
    found = catalogue.catalogue()
    response.headers["Cache-Control"], response.headers["ETag"] = PUBLIC, etag(1, found)
    return found


@kinds_router.get("/{name}", responses=problems(NotFound))
async def get_record_kind(name: Name, response: Response) -> KindRead:
    """Read one kind of record."""
    found = catalogue.one(name)
    response.headers["Cache-Control"], response.headers["ETag"] = PUBLIC, etag(1, found)
    return found
