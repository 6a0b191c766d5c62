"""Reminders (đôn đốc)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, LISTS, READS, add_moves
from app.kit.db import SessionDep
from app.kit.pages import Page, PagingDep
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.kit.tables import TABLE, Format, FormatDep
from app.obligations import chase, reminders, rules
from app.obligations.matrix_schemas import ChaseLedger
from app.obligations.models import ReminderState
from app.obligations.reminders import ReminderFilter
from app.obligations.router import CITED, OVERVIEWS, Reader
from app.obligations.schemas import ReminderBatch, ReminderRead, RemindWrite

router = APIRouter(prefix="/v1/reminders", tags=["obligations"], route_class=Route)


async def reminder_filter(
    agency: Annotated[UUID | None, Query(description="Sent to this agency.")] = None,
    obligation: Annotated[UUID | None, Query(description="About this obligation.")] = None,
    state: Annotated[ReminderState | None, Query()] = None,
) -> ReminderFilter:
    """Read the filter of a list of reminders."""
    return ReminderFilter(agency, obligation, state)


@router.get("", response_model=Page[ReminderRead], responses=problems(*LISTS), openapi_extra=CITED)
async def list_reminders(
    actor: Reader, reader: ReaderDep, wanted: Annotated[ReminderFilter, Depends(reminder_filter)], paging: PagingDep
) -> Response:
    """List the reminders to one's own agency, newest first; the coordinator and the People's Committee see all."""
    return await reminders.list_reminders(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def send_reminders(
    body: RemindWrite, actor: Annotated[Actor, needs(Scope.obligations_manage)], session: SessionDep
) -> ReminderBatch:
    """Remind the agencies of what they owe: the obligations named, or all due or overdue of a duty and period.

    Who owes nothing gets none and is named in `skipped`.
    """
    return await reminders.remind(session, actor, body)


@router.get("/ledger", response_model=ChaseLedger, responses=TABLE | problems(*OVERVIEWS), openapi_extra=CITED)
async def get_chase_ledger(
    actor: Reader,
    session: SessionDep,
    format: FormatDep,
    year: Annotated[int, Query(ge=2013, le=2100, description="The calendar year in which they were sent.")],
) -> Response | ChaseLedger:
    """Read every reminder of a year with what followed: evidence for commendation and discipline."""
    found = await chase.ledger(session, actor, year)
    if format is Format.json:
        return found
    return chase.tabled(f"so-don-doc-{year}", chase.LEDGER_TITLES, found.items).respond(format)


@router.get("/{id}", response_model=ReminderRead, responses=problems(*READS), openapi_extra=CITED)
async def get_reminder(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one reminder."""
    return await reminders.read(reader, actor, id)


add_moves(router, rules.REMINDER, reminders.KIND, ReminderRead, reminders.move)
