"""The verbs of obligations: read, declare that nothing came up, extend, waive."""

from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.flow.machine import Move
from app.flow.procedure import changed, to_move
from app.kit.clock import now
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.obligations import queries, rules
from app.obligations.deadlines import after
from app.obligations.models import DueSource, Extension, Obligation, ObligationState
from app.obligations.reads import SUMMARY, WHOLE, values
from app.obligations.receipts import check_unlocked, nil, reopened
from app.obligations.schemas import Extend, NilReturn, ObligationRead, RetractNilReturn, Waive

KIND = "obligation"


@dataclass(frozen=True, slots=True)
class ObligationFilter:
    """What a list of obligations is narrowed by."""

    agency_id: UUID | None = None
    duty: str | None = None
    year: int | None = None
    period: str | None = None
    state: ObligationState | None = None
    request_id: UUID | None = None


async def list_obligations(reader: Reader, actor: Actor, wanted: ObligationFilter, paging: Paging) -> Response:
    """One page of the obligations the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, values(rules.OBLIGATION, actor), asdict(wanted), paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One obligation."""
    return await WHOLE.one(reader, actor.shape, values(rules.OBLIGATION, actor), id)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> ObligationRead:
    """Make one move of the procedure."""
    row = await to_move(session, queries.one(actor, id), rules.OBLIGATION, move, actor, expected)
    previous, row.state = row.state, move.target
    match body:
        case NilReturn():
            nil(row, body.reason)
        case Extend():
            _extend(session, actor, row, body)
        case Waive():
            row.closed_at, row.closed_reason = now(), body.reason
        case RetractNilReturn():
            check_unlocked(row)
            await reopened(session, row)
        case _:
            await reopened(session, row)
    changed(session, actor, row, move.event, previous)
    (shown,) = await WHOLE.within(session, actor.shape, values(rules.OBLIGATION, actor), id)
    return cast("ObligationRead", shown)


def _extend(session: AsyncSession, actor: Actor, row: Obligation, body: Extend) -> None:
    if row.last_on_time_date is None or body.last_on_time_date <= row.last_on_time_date:
        raise BadField("no_later_date", "last_on_time_date")
    document = body.document.model_dump(mode="json") if body.document else None
    due_before = after(body.last_on_time_date)
    if row.soon_at and row.due_before:
        row.soon_at += due_before - row.due_before
    row.due_source = DueSource.extension
    row.last_on_time_date, row.due_before = body.last_on_time_date, due_before
    row.due_document = document
    row.soon_told_at = row.overdue_told_at = row.reminded_day = None
    session.add(
        Extension(
            obligation_id=row.id,
            last_on_time_date=body.last_on_time_date,
            due_before=row.due_before,
            reason=body.reason,
            document=document,
            granted_by=actor.client_id,
        )
    )
