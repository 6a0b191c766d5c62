"""Reading the audit; who reads it is written into it."""

from collections.abc import AsyncIterator

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.audit import queries
from app.audit.queries import Wanted
from app.audit.rules import EXPORTED, READ
from app.audit.schemas import AuditRead, shown
from app.kit.db import Sessions
from app.kit.ids import new_id
from app.kit.pages import Page, Paging
from app.trail.models import Ledger
from app.trail.record import EventType, Subject, record

BATCH = 500
"""Rows of one statement of an export: between two no connection is held, however slowly the client reads."""


async def list_rows(session: AsyncSession, actor: Actor, wanted: Wanted, paging: Paging) -> Page[AuditRead]:
    """One page, newest first."""
    _note(session, actor, READ, wanted)
    sequence = col(Ledger.sequence)
    before = paging.key([sequence])[0] if paging.after is not None else None
    # One row more than asked for tells whether another page follows.
    rows = (await session.execute(queries.newest(actor, wanted, before, paging.limit + 1))).all()
    items = [shown(*row) for row in rows[: paging.limit]]
    return paging.page(items, [items[-1].sequence] if len(rows) > paging.limit else None)


async def begin_export(session: AsyncSession, actor: Actor, wanted: Wanted) -> int:
    """Note the export; the number up to which it goes: what is sealed meanwhile is not in it."""
    _note(session, actor, EXPORTED, wanted)
    return await session.scalar(select(func.max(Ledger.sequence))) or 0


async def lines(reads: Sessions, actor: Actor, wanted: Wanted, until: int) -> AsyncIterator[bytes]:
    """Every row up to a number, oldest first, one JSON document a line."""
    after = 0
    while True:
        async with reads() as session:
            statement = queries.onwards(actor, wanted, (after, until), BATCH)
            rows = [shown(*row) for row in await session.execute(statement)]
        yield b"".join(row.model_dump_json().encode() + b"\n" for row in rows)
        if len(rows) < BATCH:
            return
        after = rows[-1].sequence


def _note(session: AsyncSession, actor: Actor, type: EventType, wanted: Wanted) -> None:
    record(session, actor, type, Subject(new_id(), 1, actor.agency_id, data=wanted.said()))
