"""What hangs on a press event: its guests, its materials, what came of it; and the answers of the press."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import MovesOnce
from app.flow.routes import EDITS, LISTS, READS, REPEATS, add_moves
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import Conflict, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.press import event_rules, event_service, invitation_rules, invitation_service, materials
from app.press.event_schemas import MaterialList, MaterialsWrite, PressEventRead, ProceedingsWrite
from app.press.invitation_models import InvitationState
from app.press.invitation_schemas import InvitationRead, InvitationSummary, InviteWrite

parts_router = APIRouter(prefix="/v1/press-events/{id}", tags=["press"], route_class=Route)
invitations_router = APIRouter(prefix="/v1/press-invitations", tags=["press"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.press_read)]
Writer = Annotated[Actor, needs(Scope.press_write)]
CITED = {"x-provisions": list(event_rules.PROVISIONS)}
INVITING = {"x-provisions": list(invitation_rules.PROVISIONS)}


@parts_router.post(
    "/invitations", responses=problems(*EDITS, *REPEATS, Conflict), openapi_extra=CITED, dependencies=[MovesOnce]
)
async def invite_to_press_event(
    id: UUID, body: InviteWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> PressEventRead:
    """Invite press bodies, and say until when they may name whom they send; more may be invited later.

    They know of it once the event is announced, also while it is under embargo.
    """
    return tagged(response, await invitation_service.invite(session, actor, id, expected, body))


@parts_router.get("/materials", responses=problems(*READS), openapi_extra=CITED)
async def list_press_materials(id: UUID, actor: Reader, session: SessionDep) -> MaterialList:
    """List the materials of an event that one may have by now; its hosts have them all."""
    return await materials.read(session, actor, id)


@parts_router.put("/materials", responses=problems(*EDITS), openapi_extra=CITED)
async def replace_press_materials(
    id: UUID, body: MaterialsWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> PressEventRead:
    """Replace the materials of an event, each perhaps under an embargo of its own or for the hosts alone."""
    return tagged(response, await materials.replace(session, actor, id, expected, body))


@parts_router.put("/proceedings", responses=problems(*EDITS), openapi_extra=CITED)
async def replace_press_proceedings(
    id: UUID, body: ProceedingsWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> PressEventRead:
    """Write down, correct or complete what came of an event that was held: attendance, questions, minutes.

    Whoever reads the event reads it.
    """
    return tagged(response, await event_service.replace_proceedings(session, actor, id, expected, body))


async def invitation_filter(
    event: Annotated[UUID | None, Query(description="To this press event.")] = None,
    agency: Annotated[UUID | None, Query(description="Of this press body.")] = None,
    state: Annotated[InvitationState | None, Query()] = None,
) -> dict[str, object]:
    """Read the filter of a list of invitations."""
    return {"press_event_id": event, "agency_id": agency, "state": state}


@invitations_router.get("", response_model=Page[InvitationSummary], responses=problems(*LISTS), openapi_extra=INVITING)
async def list_press_invitations(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(invitation_filter)],
    paging: PagingDep,
) -> Response:
    """List the invitations to one's own press body, and those to the events one hosts, newest first."""
    return await invitation_service.list_invitations(reader, actor, wanted, paging)


@invitations_router.get("/{id}", response_model=InvitationRead, responses=problems(*READS), openapi_extra=INVITING)
async def get_press_invitation(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one invitation, with whom the press body sends."""
    return await invitation_service.read(reader, actor, id)


add_moves(
    invitations_router, invitation_rules.PRESS_INVITATION, "press_invitation", InvitationRead, invitation_service.move
)
