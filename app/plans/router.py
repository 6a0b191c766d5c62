"""Plans."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, EDITS, READS, add_moves
from app.flow.submission_routes import Submission, add_remarks, add_versions
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, OptionalIfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.patch import MergePatch, MergePatchType
from app.kit.problems import Conflict, InsufficientScope, InvalidCursor, InvalidParameter, InvalidToken, problems
from app.kit.reads import ReaderDep
from app.kit.routing import Route
from app.kit.text import Code
from app.plans import rules, service
from app.plans.models import PlanState
from app.plans.rules import PROVISIONS
from app.plans.schemas import PlanRead, PlanSummary, PlanWrite
from app.plans.service import PlanFilter

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.plans_read)]
Writer = Annotated[Actor, needs(Scope.plans_write)]
CITED = {"x-provisions": [str(provision) for provision in PROVISIONS]}


async def plan_filter(
    agency: Annotated[UUID | None, Query(description="Plans of this agency.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[PlanState | None, Query()] = None,
) -> PlanFilter:
    """Read the filter of a list of plans."""
    return PlanFilter(agency, year, state)


@router.get(
    "",
    response_model=Page[PlanSummary],
    responses=problems(InvalidParameter, InvalidCursor, InvalidToken, InsufficientScope),
    openapi_extra=CITED,
)
async def list_plans(
    actor: Reader, reader: ReaderDep, wanted: Annotated[PlanFilter, Depends(plan_filter)], paging: PagingDep
) -> Response:
    """List the plans this client may know about, newest first.

    An agency sees its own plans, those it is asked to cooperate on, and accepted ones that are shareable; the
    coordinator and the People's Committee see all.
    """
    return await service.list_plans(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def create_plan(
    body: PlanWrite, actor: Writer, session: SessionDep, request: Request, response: Response
) -> PlanRead:
    """Draft a plan of one's own agency for a year; an agency has one live plan for each year."""
    plan = await service.create(session, actor, body)
    return tagged(response, plan, f"{request.app.state.settings.public_url}/v1/plans/{plan.id}")


@router.put(
    "/by-external-id/{source}/{external_id}",
    responses=problems(*EDITS, Conflict) | {201: {"model": PlanRead, "description": "Created"}},
    openapi_extra=CITED,
)
async def upsert_plan(
    source: Code,
    external_id: Code,
    body: PlanWrite,
    expected: OptionalIfMatch,
    actor: Writer,
    session: SessionDep,
    request: Request,
    response: Response,
) -> PlanRead:
    """Create or replace a plan under the department's own key, as a nightly sync does.

    `source` names the department's system, `external_id` its key there; both are its own choice. The same content again
    changes nothing: no event, no new version. `If-Match` may be left out.
    """
    plan, is_new = await service.upsert(session, actor, source, external_id, expected, body)
    if is_new:
        response.status_code = status.HTTP_201_CREATED
    return tagged(response, plan, f"{request.app.state.settings.public_url}/v1/plans/{plan.id}")


@router.get("/{id}", response_model=PlanRead, responses=problems(*READS), openapi_extra=CITED)
async def get_plan(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one plan, with what this client may do now (`allowed_moves`)."""
    return await service.read(reader, actor, id)


@router.put("/{id}", responses=problems(*EDITS, Conflict), openapi_extra=CITED)
async def replace_plan(
    id: UUID, body: PlanWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> PlanRead:
    """Replace a plan that is a draft or was returned; tasks keep their ids as long as they keep their codes."""
    return tagged(response, await service.replace(session, actor, id, expected, body))


@router.patch("/{id}", responses=problems(*EDITS, Conflict), openapi_extra=CITED, dependencies=[MergePatchType])
async def patch_plan(
    id: UUID, body: MergePatch, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> PlanRead:
    """Change some members of a plan that is a draft or was returned; `tasks` is replaced whole (RFC 7396)."""
    return tagged(response, await service.patch(session, actor, id, expected, body))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*EDITS), openapi_extra=CITED)
async def delete_plan(id: UUID, expected: IfMatch, actor: Writer, session: SessionDep) -> None:
    """Delete a draft that was never sent; a plan that was sent is withdrawn instead."""
    await service.delete(session, actor, id, expected)


SUBMISSION = Submission(
    kind=service.KIND,
    found=service.filed,
    remarkable=rules.RECALLABLE,
    content=service.content,
    read=Scope.plans_read,
    write=Scope.plans_write,
    review=Scope.plans_review,
    made=rules.REMARKED,
    answered=rules.REMARK_ANSWERED,
    resolved=rules.REMARK_RESOLVED,
)
add_moves(router, rules.PLAN, service.KIND, PlanRead, service.move)
add_versions(router, SUBMISSION)
add_remarks(router, SUBMISSION)
