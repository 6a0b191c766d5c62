"""Press events: their operations, but for what hangs on them."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, EDITS, LISTS, READS, add_moves
from app.flow.version_routes import add_versions
from app.kit.clock import Day, midnight
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.patch import MergePatch, MergePatchType
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.press import event_edits, event_queries, event_rows, event_service
from app.press import event_rules as rules
from app.press.event_models import EventForm, EventState, PublicState
from app.press.event_schemas import PressEventRead, PressEventSummary, PressEventWrite, Reach

router = APIRouter(prefix="/v1/press-events", tags=["press"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.press_read)]
Writer = Annotated[Actor, needs(Scope.press_write)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


async def event_filter(
    agency: Annotated[UUID | None, Query(description="Owned by this agency.")] = None,
    series: Annotated[UUID | None, Query(description="Occurrences of this series.")] = None,
    form: Annotated[EventForm | None, Query(description="Only this form.")] = None,
    state: Annotated[EventState | None, Query()] = None,
    public_state: Annotated[PublicState | None, Query(description="What the public sees of it now.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="Beginning on this day or later.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Beginning on this day or before.")] = None,
) -> dict[str, object]:
    """Read the filter of a list of press events."""
    days = {"from": first and midnight(first), "to": last and midnight(last + timedelta(days=1))}
    return {
        "agency_id": agency, "series_id": series, "form": form, "state": state, "public_state": public_state, **days,
    }  # fmt: skip


@router.get("", response_model=Page[PressEventSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_press_events(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(event_filter)],
    paging: PagingDep,
) -> Response:
    """List the press events one may know of, newest first.

    They are one's own, those one hosts, those one is invited to, and those announced to everybody or to the press whose
    embargo has ended.
    """
    return await event_service.list_events(reader, actor, wanted, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def schedule_press_event(
    body: PressEventWrite, actor: Writer, session: SessionDep, request: Request, response: Response
) -> PressEventRead:
    """Schedule a press event of one's own agency; only its hosts and those who read all know of it yet."""
    made = await event_service.schedule(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/press-events/{made.id}")


@router.get("/{id}", response_model=PressEventRead, responses=problems(*READS), openapi_extra=CITED)
async def get_press_event(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one press event, with what the public sees of it now."""
    return await event_service.read(reader, actor, id)


@router.patch("/{id}", responses=problems(*EDITS), openapi_extra=CITED, dependencies=[MergePatchType])
async def patch_press_event(
    id: UUID,
    body: MergePatch,
    expected: IfMatch,
    actor: Writer,
    session: SessionDep,
    response: Response,
    scope: Annotated[Reach, Query(description="How far an edit of one occurrence of a series reaches.")] = Reach.this,
) -> PressEventRead:
    """Edit a press event that has not taken place: alone, with the occurrences that follow, or with its whole series.

    Times of the others move by as much as those of the one named. What was announced tells those who follow it:
    `sequence` rises; its times move by `reschedule`, with a reason.
    """
    return tagged(response, await event_edits.patch(session, actor, id, expected, scope, body))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(*EDITS), openapi_extra=CITED)
async def delete_press_event(id: UUID, expected: IfMatch, actor: Writer, session: SessionDep) -> None:
    """Delete a press event that was never announced; what was announced is cancelled."""
    await event_service.delete(session, actor, id, expected)


add_moves(router, rules.PRESS_EVENT, event_rows.KIND, PressEventRead, event_service.move)
add_versions(router, event_rows.KIND, Scope.press_read, event_queries.kept)
