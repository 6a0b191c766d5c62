"""`ttdn audit verify`: recompute the whole chain and name the first row that does not fit."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.trail.models import Event, Ledger, Outbox
from app.trail.sealer import GENESIS, link


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit found: how many rows fit, and what is wrong with the first that does not."""

    verified: int
    fault: str | None
    head: str


async def verify(session: AsyncSession) -> Verdict:
    """Check numbers without gaps, every hash, and that no event stands outside ledger and outbox."""
    chain, expected = GENESIS, 1
    rows = await session.stream(
        select(Ledger, Event)
        .outerjoin(Event, col(Event.id) == col(Ledger.event_id))
        .order_by(col(Ledger.sequence))
        .execution_options(yield_per=1000)
    )
    async for row in rows:
        entry: Ledger = row[0]
        event: Event | None = row[1]  # the outer join's other side
        if entry.sequence != expected:
            return Verdict(expected - 1, f"sequence {expected} is missing; found {entry.sequence}", chain.hex())
        if event is None:
            return Verdict(expected - 1, f"sequence {expected}: its event is gone", chain.hex())
        chain = link(chain, entry, event)
        if chain != entry.hash:
            return Verdict(expected - 1, f"sequence {expected}: event, body or hash was altered", chain.hex())
        session.expunge_all()
        expected += 1
    unsealed = (
        select(Event.id)
        .where(~select(Ledger.event_id).where(Ledger.event_id == Event.id).exists())
        .where(~select(Outbox.event_id).where(Outbox.event_id == Event.id).exists())
    )
    lost = await session.scalar(unsealed.limit(1))
    if lost:
        return Verdict(expected - 1, f"event {lost} stands neither in the ledger nor in the outbox", chain.hex())
    return Verdict(expected - 1, None, chain.hex())
