"""The verbs of invitations: invite, accept, decline; and how they are read."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import cast as as_type
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.machine import Move
from app.flow.procedure import changed, recorded, to_move
from app.kit.clock import now
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.problems import Conflict
from app.kit.reader import Reader
from app.kit.reads import Shape, fixed
from app.press import event_queries, event_rows, event_rules
from app.press import invitation_queries as queries
from app.press import invitation_rules as rules
from app.press.bodies import press
from app.press.event_models import PressEvent
from app.press.event_schemas import PressEventRead
from app.press.invitation_models import PressInvitation as Guest
from app.press.invitation_schemas import (
    AcceptInvitation,
    DeclineInvitation,
    InvitationRead,
    InvitationSummary,
    InviteWrite,
)

CLOSED = (
    "Đã hết hạn đăng ký dự, hoặc sự kiện không còn chờ diễn ra. Liên hệ cơ quan chủ trì.",
    "The accreditation is closed, or the event is no longer to come. Ask the host.",
)
_SHORT: dict[str, Any] = {"coming": func.jsonb_array_length(Guest.people), "etag": reads.tag(Guest)}
SUMMARY = Shape(InvitationSummary, Guest, queries.visible, **_SHORT)
WHOLE = Shape(
    InvitationRead,
    Guest,
    queries.visible,
    **_SHORT,
    people=as_type(col(Guest.people), JSON),
    allowed_moves=reads.moves(Guest),
    provisions=fixed(rules.PROVISIONS),
)


async def list_invitations(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.PRESS_INVITATION, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.PRESS_INVITATION, actor), id)


async def invite(
    session: AsyncSession, actor: Actor, event_id: UUID, expected: Expected, body: InviteWrite
) -> PressEventRead:
    """Invite press bodies; who is invited already gets the new date, and stays with its answer."""
    event = await event_rows.editable(session, actor, event_id, expected, event_rules.EDITABLE)
    if body.accredit_before <= now():
        raise BadField("not_in_the_future", "accredit_before")
    agency_ids = await press(session, body.agency_ids, "agency_ids", everybody=body.all_press)
    known = {row.agency_id: row for row in await session.scalars(queries.of_events(actor, [event.id]))}
    for agency_id in agency_ids:
        row = known.get(agency_id)
        if row is None:
            _invited(session, actor, event, agency_id, body)
        elif row.accredit_before != body.accredit_before:
            row.accredit_before = body.accredit_before
            changed(session, actor, row, rules.INVITED)
    event.other_press = list(body.other_press)
    changed(session, actor, event, event_rules.UPDATED)
    event_rows.noted(session, actor, event)
    return await event_rows.shown(session, actor, event.id)


def _invited(session: AsyncSession, actor: Actor, event: PressEvent, agency_id: UUID, body: InviteWrite) -> None:
    row = Guest(
        agency_id=agency_id,
        state=rules.PRESS_INVITATION.initial,
        created_by=actor.client_id,
        press_event_id=event.id,
        accredit_before=body.accredit_before,
        people=[],
    )
    session.add(row)
    recorded(session, actor, row, rules.INVITED)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> InvitationRead:
    """Answer, or answer anew."""
    row = await to_move(session, queries.one(actor, id), rules.PRESS_INVITATION, move, actor, expected)
    event = (await session.scalars(event_queries.one(actor, row.press_event_id))).one_or_none()
    if event is None or event.state not in event_rules.COMING or row.accredit_before <= now():
        raise Conflict(*CLOSED)
    previous, row.state, row.answered_at = row.state, move.target, now()
    match body:
        case AcceptInvitation():
            row.people, row.note = [person.model_dump() for person in body.people], None
        case DeclineInvitation():
            row.people, row.note = [], body.reason
    changed(session, actor, row, move.event, previous)
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(rules.PRESS_INVITATION, actor), id)
    return cast("InvitationRead", shown)
