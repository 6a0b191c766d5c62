"""Budget estimates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.budgets.models import EstimateState
from app.budgets.schemas import EstimateSummary
from app.budgets.service import ESTIMATES
from app.flow.routes import LISTS
from app.flow.submission_routes import Words, add_submission, cited
from app.kit.pages import Page, PagingDep
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route

router = APIRouter(prefix="/v1/budget-estimates", tags=["budgets"], route_class=Route)


async def estimate_filter(
    agency: Annotated[UUID | None, Query(description="Estimates of this agency.")] = None,
    plan: Annotated[UUID | None, Query(description="The estimate of this plan.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[EstimateState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of estimates: column and value."""
    return {"agency_id": agency, "plan_id": plan, "year": year, "state": state}


@router.get("", response_model=Page[EstimateSummary], responses=problems(*LISTS), openapi_extra=cited(ESTIMATES))
async def list_budget_estimates(
    actor: Annotated[Actor, needs(Scope.budgets_read)],
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(estimate_filter)],
    paging: PagingDep,
) -> Response:
    """List the budget estimates this client may know about, newest first.

    An agency sees its own; finance those that were accepted; the coordinator and the People's Committee see all.
    """
    return await ESTIMATES.page(reader, actor, wanted, paging)


add_submission(
    router,
    ESTIMATES,
    Words(
        create="Draft the budget estimate of a plan of one's own agency that was not sent yet. It is sent, returned, "
        "accepted and taken back with its plan.",
        upsert="Create or replace an estimate under the department's own key, as a nightly sync does.",
        get="Read one estimate; once it is decided, with what was decided about each line.",
        replace="Replace an estimate that is a draft or was returned; lines keep their ids as long as they keep "
        "their codes.",
        patch="Change some members of an estimate that is a draft or was returned; `lines` is replaced whole "
        "(RFC 7396).",
        delete="Delete a draft that was never sent; one that was sent is taken back with its plan.",
    ),
)
