"""Tasks of the issued provincial plan."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, EDITS, LISTS, READS, add_moves
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import InsufficientScope, InvalidParameter, InvalidToken, QuotaExceeded, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.kit.tables import TABLE, Format, FormatDep
from app.tasks import assignment, execution, rules, service
from app.tasks.execution import By
from app.tasks.execution_schemas import ExecutionRead
from app.tasks.models import TaskState
from app.tasks.schemas import AskWrite, AssignedTaskRead, AssignedTaskSummary, CheckWrite

router = APIRouter(prefix="/v1/plan-tasks", tags=["tasks"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.tasks_read)]
CITED = {"x-provisions": list(rules.TASK_PROVISIONS)}
COOPERATING = {"x-provisions": list(rules.COOPERATION_PROVISIONS)}


async def task_filter(
    agency: Annotated[UUID | None, Query(description="Led by this agency.")] = None,
    plan: Annotated[UUID | None, Query(description="Of this issued plan.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    state: Annotated[TaskState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of tasks."""
    return {"agency_id": agency, "plan_id": plan, "year": year, "state": state}


@router.get("", response_model=Page[AssignedTaskSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_plan_tasks(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(task_filter)],
    paging: PagingDep,
) -> Response:
    """List the tasks that one's own agency leads or is asked to cooperate on; overseers see all."""
    return await service.list_tasks(reader, actor, wanted, paging)


@router.get(
    "/execution",
    response_model=ExecutionRead,
    responses=TABLE | problems(InvalidParameter, InvalidToken, InsufficientScope, QuotaExceeded),
    openapi_extra=CITED,
)
async def get_plan_execution(
    actor: Reader,
    session: SessionDep,
    format: FormatDep,
    year: Annotated[int, Query(ge=2013, le=2100, description="The year of the plan.")],
    plan: Annotated[UUID | None, Query(description="Of this plan alone.")] = None,
    by: Annotated[By, Query(description="What the tasks are counted by.")] = By.agency,
) -> Response | ExecutionRead:
    """Read plan against actual: the tasks of a year counted by agency, area of management or category of content."""
    found = await execution.execution(session, actor, year, plan, by)
    return found if format is Format.json else execution.tabled(found).respond(format)


@router.get("/{id}", response_model=AssignedTaskRead, responses=problems(*READS), openapi_extra=CITED)
async def get_plan_task(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one task: what was reported on it, what checks found, who cooperates."""
    return await service.read(reader, actor, id)


add_moves(router, rules.TASK, assignment.KIND, AssignedTaskRead, service.move)


@router.post(
    "/{id}/checks",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, *EDITS),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def check_plan_task(
    id: UUID,
    body: CheckWrite,
    expected: IfMatch,
    actor: Annotated[Actor, needs(Scope.tasks_check)],
    session: SessionDep,
    response: Response,
) -> AssignedTaskRead:
    """Record what a check of the task found; a completed one that needs correction is under way again."""
    return tagged(response, await service.check(session, actor, id, expected, body))


@router.post(
    "/{id}/cooperations",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, *EDITS),
    openapi_extra=COOPERATING,
    dependencies=[CreatesOnce],
)
async def request_cooperation(
    id: UUID,
    body: AskWrite,
    expected: IfMatch,
    actor: Annotated[Actor, needs(Scope.tasks_write)],
    session: SessionDep,
    response: Response,
) -> AssignedTaskRead:
    """Ask one more agency to work on a task that one's own agency leads; from then on it may read the task."""
    return tagged(response, await service.ask_to_cooperate(session, actor, id, expected, body))
