"""Plans."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, LISTS
from app.flow.submission import SubmissionState
from app.flow.submission_routes import Words, add_submission, cited
from app.kit.db import SessionDep
from app.kit.etag import tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import Conflict, NotFound, NotPermitted, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.plans.schemas import PlanCopy, PlanRead, PlanSummary
from app.plans.service import PLANS

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=Route)


async def plan_filter(
    agency: Annotated[UUID | None, Query(description="Plans of this agency.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[SubmissionState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of plans: column and value."""
    return {"agency_id": agency, "year": year, "state": state}


@router.get("", response_model=Page[PlanSummary], responses=problems(*LISTS), openapi_extra=cited(PLANS))
async def list_plans(
    actor: Annotated[Actor, needs(Scope.plans_read)],
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(plan_filter)],
    paging: PagingDep,
) -> Response:
    """List the plans this client may know about, newest first.

    An agency sees its own plans, those it is asked to cooperate on, and accepted ones that are shareable; the
    coordinator and the People's Committee see all.
    """
    return await PLANS.page(reader, actor, wanted, paging)


add_submission(
    router,
    PLANS,
    Words(
        create="Draft a plan of one's own agency for a year; an agency has one live plan for each year.",
        upsert="Create or replace a plan under the department's own key, as a nightly sync does.",
        bulk="Create or replace many plans of one's own agency under the department's own keys, as a nightly sync "
        "does.",
        get="Read one plan, with what this client may do now (`allowed_moves`).",
        replace="Replace a plan that is a draft or was returned; "
        "tasks keep their ids as long as they keep their codes.",
        patch="Change some members of a plan that is a draft or was returned; `tasks` is replaced whole (RFC 7396).",
        delete="Delete a draft that was never sent; a plan that was sent is withdrawn instead.",
    ),
)


@router.post(
    "/{id}/copy",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotFound, NotPermitted, Conflict),
    openapi_extra=cited(PLANS),
    dependencies=[CreatesOnce],
)
async def copy_plan(
    id: UUID,
    body: PlanCopy,
    actor: Annotated[Actor, needs(Scope.plans_write)],
    session: SessionDep,
    request: Request,
    response: Response,
) -> PlanRead:
    """Draft a plan for another year from one of one's own agency: the same tasks, their dates moved as far.

    The copy has no external id, and neither state, signatory nor remarks of the original.
    """
    made = await PLANS.copy(session, actor, id, body.year)
    return tagged(response, made, f"{request.app.state.settings.public_url}{router.prefix}/{made.id}")
