"""Recomputing the chain of the log, against itself and against what was signed of it before."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.kit.driver import Statement, run
from app.trail.models import Event, Ledger, Outbox
from app.trail.sealer import EVENT, GENESIS, chained

BATCH = 500
WINDOW = Statement(
    select(
        *(col(getattr(Ledger, name)) for name in ("sequence", "sealed_at", "body", "hash")),
        *(col(getattr(Event, name)) for name in EVENT),
    )
    .outerjoin(Event, col(Event.id) == col(Ledger.event_id))
    .where(col(Ledger.sequence) > bindparam("after", type_=BigInteger))
    .order_by(col(Ledger.sequence))
    .limit(bindparam("batch", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit found: up to which number the rows fit, and what is wrong with the first that does not."""

    verified: int
    fault: str | None
    head: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of the log as it was once seen: its number, its hash, and who says so."""

    sequence: int
    hash: bytes
    source: str


START = Mark(0, GENESIS, "the beginning")


async def verify(session: AsyncSession, marks: Sequence[Mark] = (), start: Mark = START) -> Verdict:
    """Check everything after `start`: numbers without gaps, every hash, every mark; and that no event stands outside.

    The fault names the first row that does not fit. A log that was cut, or computed anew, fits itself: the marks tell.
    """
    wanted: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        wanted[mark.sequence].append(mark)
    chain, expected, marked = start.hash, start.sequence + 1, start.sequence
    async for (sequence, sealed_at, body, hash), facts in _rows(session, start.sequence):
        if sequence != expected:
            return Verdict(expected - 1, f"sequence {expected} is missing; found {sequence}", chain.hex())
        if facts["id"] is None:
            return Verdict(expected - 1, f"sequence {expected}: its event is gone", chain.hex())
        chain = chained(chain, (sequence, sealed_at, body), facts)
        if chain != hash:
            return Verdict(expected - 1, f"sequence {expected}: event, body or hash was altered", chain.hex())
        for mark in wanted.get(sequence, ()):
            if mark.hash != chain:
                found = f"sequence {marked + 1} to {sequence}: computed anew; {mark.source} saw another hash there"
                return Verdict(marked, found, chain.hex())
            marked = sequence
        expected += 1
    beyond = [mark for sequence in sorted(wanted) if sequence >= expected for mark in wanted[sequence]]
    if beyond:
        found = f"sequence {expected} is missing: {beyond[0].source} saw the log reach {beyond[0].sequence}"
        return Verdict(expected - 1, found, chain.hex())
    # Of what was added alone that is not asked: it takes a look at every event there is.
    return Verdict(expected - 1, await _outside(session) if start is START else None, chain.hex())


async def _rows(session: AsyncSession, after: int) -> AsyncIterator[tuple[Sequence[Any], Mapping[str, Any]]]:
    """The log after a number: sequence, time of sealing, body and hash of each row; and its event's columns."""
    while rows := await run(session, WINDOW, {"after": after, "batch": BATCH}):
        for row in rows:
            yield row[:4], dict(zip(EVENT, row[4:], strict=True))
        after = rows[-1][0]


async def _outside(session: AsyncSession) -> str | None:
    """An event that is neither sealed nor waiting for it."""
    lost = await session.scalar(
        select(col(Event.id))
        .where(~select(col(Ledger.event_id)).where(col(Ledger.event_id) == col(Event.id)).exists())
        .where(~select(col(Outbox.event_id)).where(col(Outbox.event_id) == col(Event.id)).exists())
        .limit(1)
    )
    return f"event {lost} stands neither in the ledger nor in the outbox" if lost else None
