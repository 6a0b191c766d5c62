"""The audit."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.audit import service
from app.audit.queries import Wanted
from app.audit.schemas import AuditRead
from app.flow.bulk_items import NDJSON
from app.flow.routes import LISTS
from app.kit.clock import Instant
from app.kit.db import transaction
from app.kit.pages import Page, PagingDep
from app.kit.problems import InsufficientScope, InvalidParameter, InvalidToken, problems
from app.kit.routing import Route
from app.law.citing import Clause

router = APIRouter(prefix="/v1/audit", tags=["audit"], route_class=Route)
Auditor = Annotated[Actor, needs(Scope.audit_read)]
NAME = r"^[a-z_]+$"


async def _noted(request: Request) -> AsyncIterator[AsyncSession]:
    async with transaction(request.app.state.sessions) as session:
        yield session


# Reading the audit writes a row of its own, which is committed before anything is shown.
Noted = Annotated[AsyncSession, Depends(_noted, scope="function")]


async def audit_filter(
    since: Annotated[Instant | None, Query(description="Not before this instant.")] = None,
    until: Annotated[Instant | None, Query(description="Before this instant.")] = None,
    agency: Annotated[UUID | None, Query(description="It acted, or it is its record.")] = None,
    client: Annotated[UUID | None, Query(description="This system acted.")] = None,
    type: Annotated[str | None, Query(max_length=64, pattern=r"^[a-z_]+\.[a-z_]+$", description="This event.")] = None,
    resource: Annotated[str | None, Query(max_length=64, pattern=NAME, description="This kind of resource.")] = None,
    resource_id: Annotated[UUID | None, Query(description="This resource.")] = None,
    provision: Annotated[Clause | None, Query(description="It rests on this clause: `QC.D8.K2`.")] = None,
    request_id: Annotated[UUID | None, Query(description="This request did it.")] = None,
) -> Wanted:
    """Read which rows are asked for."""
    return Wanted(since, until, agency, client, type, resource, resource_id, provision, request_id)


Filter = Annotated[Wanted, Depends(audit_filter)]


@router.get("", responses=problems(*LISTS))
async def list_audit(actor: Auditor, session: Noted, wanted: Filter, paging: PagingDep) -> Page[AuditRead]:
    """Read who did what, when, by which clause, to whose record, in which request; newest first.

    An agency reads what it did and what was done to its own records; those who read all, everything. That the audit was
    read, and for what, is a row of it.
    """
    return await service.list_rows(session, actor, wanted, paging)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        **problems(InvalidParameter, InvalidToken, InsufficientScope),
        200: {"content": {NDJSON: {"schema": {"type": "string", "maxLength": 2**31 - 1}}}},
    },
)
async def export_audit(request: Request, actor: Auditor, session: Noted, wanted: Filter) -> StreamingResponse:
    """Export the rows as JSON Lines, oldest first, up to where the log ends now; each as the list shows it.

    A row's `hash` covers it and all before it: `ttdn audit verify` computes the same. An export is a row of the audit.
    """
    until = await service.begin_export(session, actor, wanted)
    found = service.lines(request.app.state.reads, actor, wanted, until)
    return StreamingResponse(found, media_type=NDJSON)
