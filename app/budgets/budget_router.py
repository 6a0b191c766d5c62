"""The province's budgets."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.budgets import adjusting, tabling
from app.budgets import budget_rules as rules
from app.budgets import budget_service as service
from app.budgets.budget_models import BudgetState
from app.budgets.budget_read_schemas import BudgetLineRead, BudgetRead, BudgetSummary
from app.budgets.budget_schemas import AdjustBudget, BudgetWrite, BuildBudget
from app.budgets.models import BudgetCategory
from app.flow.routes import CREATES, EDITS, LISTS, READS, add_moves
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import Conflict, NotFound, WrongState, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.kit.tables import TABLE, Format, FormatDep

router = APIRouter(prefix="/v1/provincial-budgets", tags=["budgets"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.budgets_read)]
Maker = Annotated[Actor, needs(Scope.budgets_consolidate)]
Decider = Annotated[Actor, needs(Scope.budgets_decide)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


async def budget_filter(
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[BudgetState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of budgets."""
    return {"year": year, "state": state}


async def line_filter(
    agency: Annotated[UUID | None, Query(description="Lines of this agency.")] = None,
    category: Annotated[BudgetCategory | None, Query(description="Lines of this category.")] = None,
) -> dict[str, object]:
    """Read the filter of a list of lines."""
    return {"agency_id": agency, "category": category}


@router.get("", response_model=Page[BudgetSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_provincial_budgets(
    actor: Reader, reader: ReaderDep, wanted: Annotated[dict[str, object], Depends(budget_filter)], paging: PagingDep
) -> Response:
    """List the province's budgets, newest first.

    The coordinator and the People's Committee see all, finance those that were sent to it; agencies read what was
    decided for them in their own estimates.
    """
    return await service.list_budgets(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, Conflict),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def build_provincial_budget(
    body: BuildBudget, actor: Maker, session: SessionDep, request: Request, response: Response
) -> BudgetRead:
    """Build the budget of a year from the accepted estimates, and from lines of the coordinator's own.

    It says whose estimates are in, which are left out and why, and who is missing. No amount stands in it twice.
    """
    made = await service.build(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/provincial-budgets/{made.id}")


@router.get("/{id}", response_model=BudgetRead, responses=problems(*READS), openapi_extra=CITED)
async def get_provincial_budget(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one budget with the sums of every tier; its lines are a list of their own."""
    return await service.read(reader, actor, id)


@router.put("/{id}", responses=problems(*EDITS), openapi_extra=CITED)
async def rebuild_provincial_budget(
    id: UUID, body: BudgetWrite, expected: IfMatch, actor: Maker, session: SessionDep, response: Response
) -> BudgetRead:
    """Build it again from what is accepted now, before it is sent or after it was returned.

    The same inputs and words again change nothing.
    """
    return tagged(response, await service.rebuild(session, actor, id, expected, body))


@router.get(
    "/{id}/lines",
    response_model=Page[BudgetLineRead],
    responses=TABLE | problems(*LISTS, *READS),
    openapi_extra=CITED,
)
async def list_budget_lines(
    id: UUID,
    actor: Reader,
    session: SessionDep,
    format: FormatDep,
    wanted: Annotated[dict[str, object], Depends(line_filter)],
    paging: PagingDep,
) -> Response | Page[BudgetLineRead]:
    """List a budget's lines at every tier, in their order.

    As CSV or a spreadsheet: all of them by agency, each agency with its sums.
    """
    if format is Format.json:
        return await tabling.page(session, actor, id, wanted, paging)
    return (await tabling.table(session, actor, id, wanted)).respond(format)


@router.post(
    "/{id}/adjustments",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotFound, WrongState),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def adjust_provincial_budget(
    id: UUID, body: AdjustBudget, actor: Decider, session: SessionDep, response: Response
) -> BudgetRead:
    """Adjust a decided budget: a record beside the decision, which stays as it is. No line goes below zero."""
    return tagged(response, await adjusting.adjust(session, actor, id, body))


add_moves(router, rules.BUDGET, rules.KIND, BudgetRead, service.move)
