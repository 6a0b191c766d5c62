"""The verbs of guidance: issue, withdraw; and how it is read."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.documents import DocumentRead
from app.flow.machine import Move
from app.flow.procedure import changed, recorded, to_move
from app.kit.clock import now
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.kit.reads import Shape, fixed, inside, part
from app.press import event_queries, monthly
from app.press import guidance_queries as queries
from app.press import guidance_rules as rules
from app.press.bodies import press
from app.press.event_models import PressEvent
from app.press.guidance_models import PressGuidance as G
from app.press.guidance_schemas import (
    GuidanceRead,
    GuidanceSummary,
    GuidanceWrite,
    WithdrawGuidance,
    WithdrawnGuidance,
)

KIND = "press_guidance"
SUMMARY = Shape(GuidanceSummary, G, queries.visible, etag=reads.tag(G))
WHOLE = Shape(
    GuidanceRead,
    G,
    queries.visible,
    etag=reads.tag(G),
    document=inside(DocumentRead, G, col(G.document)),
    withdrawn=part(
        WithdrawnGuidance,
        G,
        and_(col(G.withdrawal_reason).is_not(None), col(G.withdrawn_at).is_not(None)),
        reason=col(G.withdrawal_reason),
        at=col(G.withdrawn_at),
    ),
    allowed_moves=reads.moves(G),
    provisions=fixed(rules.PROVISIONS),
)


async def list_guidance(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of what the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.PRESS_GUIDANCE, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.PRESS_GUIDANCE, actor), id)


async def issue(session: AsyncSession, actor: Actor, body: GuidanceWrite) -> GuidanceRead:
    """Tell press bodies, by name."""
    assert actor.agency_id is not None
    addressees = await press(session, body.addressee_ids, "addressee_ids", everybody=body.all_press)
    event = await _event(session, actor, body.press_event_id) if body.press_event_id else None
    row = G(
        agency_id=actor.agency_id,
        state=rules.PRESS_GUIDANCE.initial,
        created_by=actor.client_id,
        addressee_ids=addressees,
        **body.model_dump(include={"kind", "press_event_id", "title", "text"}),
        document=body.document.model_dump(mode="json") if body.document else None,
    )
    session.add(row)
    recorded(session, actor, row, rules.ISSUED)
    await monthly.issued(session, actor, row, event)
    return await _shown(session, actor, row.id)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: WithdrawGuidance
) -> GuidanceRead:
    """Make one move of the procedure."""
    row = await to_move(session, queries.one(actor, id), rules.PRESS_GUIDANCE, move, actor, expected)
    previous, row.state = row.state, move.target
    row.withdrawn_at, row.withdrawal_reason = now(), body.reason
    changed(session, actor, row, move.event, previous)
    await monthly.withdrawn(session, actor, row)
    return await _shown(session, actor, id)


async def _event(session: AsyncSession, actor: Actor, id: UUID) -> PressEvent:
    """The event it is attached to, locked: it may be concluded at this moment."""
    row = (await session.scalars(event_queries.one(actor, id).with_for_update())).one_or_none()
    if row is None:
        raise BadField("unknown_event", "press_event_id")
    return row


async def _shown(session: AsyncSession, actor: Actor, id: UUID) -> GuidanceRead:
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(rules.PRESS_GUIDANCE, actor), id)
    return cast("GuidanceRead", shown)
