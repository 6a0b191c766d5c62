"""What the rooms above tell of submissions: received, returned, accepted, taken back (QC.D7.K1, QC.D7.K3).

The first valid submission fixes lateness for ever: returns and resubmissions do not touch it. A withdrawal voids the
receipt; what is then sent is judged anew, by the deadline that holds then.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.procedure import Procedure, changed
from app.kit.clock import now
from app.kit.problems import Conflict
from app.law.book import law
from app.law.citing import Clause
from app.obligations import rules
from app.obligations.asked import STANDING
from app.obligations.deadlines import deadline, periods
from app.obligations.expected import dated, extensions
from app.obligations.models import Disposition, Obligation
from app.obligations.terms import terms_of

NIL_STANDS = (
    "Cơ quan đã báo không phát sinh cho kỳ này. Thu hồi báo không phát sinh trước khi gửi.",
    "A nil return of the agency stands for this period. Take it back before sending.",
)
LOCKED = (
    "Kỳ này đã khóa: nội dung đã nhận không thể thu hồi.",
    "The period is locked: what was received can no longer be taken back.",
)


@dataclass(frozen=True, slots=True)
class Owed:
    """What a submission answers."""

    duty: Clause
    agency_id: UUID
    period: str
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a submission means for the obligation it answers."""

    obligation_id: UUID
    late: bool
    first: bool


async def receive(
    session: AsyncSession, actor: Actor, owed: Owed, row: Procedure, resource: str, sent_at: datetime
) -> Receipt | None:
    """A valid submission arrived; None: its agency owes nothing of the kind, and may send it all the same.

    `sent_at`: when it was first sent, by its own account; that instant is judged, and no second look at the clock.
    """
    found = await _owed(session, owed)
    if found is None or found.state == Disposition.lapsed:
        return None
    if found.state == Disposition.nil_return:
        raise Conflict(*NIL_STANDS)
    first = found.first_received_at is None
    if first:
        found.first_received_at = sent_at
        found.late = found.due_before is not None and found.due_before <= sent_at
    previous, found.state = found.state, Disposition.received
    found.resource_type, found.resource_id, found.resource_state = resource, row.id, row.state
    changed(session, actor, found, rules.MET, previous)
    assert found.late is not None
    return Receipt(found.id, found.late, first)


async def meet(session: AsyncSession, actor: Actor, owed: Owed, row: Procedure, resource: str, at: datetime) -> None:
    """Something that happened meets it by itself; what was received, declared or accepted before is left alone."""
    found = await _owed(session, owed)
    if found is not None and found.state in {Disposition.open, Disposition.waived}:
        await receive(session, actor, owed, row, resource, at)


async def declared_nil(
    session: AsyncSession, actor: Actor, owed: Owed, row: Procedure, resource: str, reason: str
) -> None:
    """A submission says why nothing is due for a second duty; what was already received or declared stands."""
    found = await _owed(session, owed)
    if found is None or found.state != Disposition.open:
        return
    nil(found, reason)
    previous, found.state = found.state, Disposition.nil_return
    found.resource_type, found.resource_id, found.resource_state = resource, row.id, row.state
    changed(session, actor, found, rules.NIL_RETURNED, previous)


async def retracted_nil(session: AsyncSession, actor: Actor, resource: str, row: Procedure) -> None:
    """The submission that said so was taken back, or says otherwise by now."""
    statement = _by(resource, row).where(Obligation.state == Disposition.nil_return)
    found = (await session.scalars(statement.with_for_update())).one_or_none()
    if found is None:
        return
    check_unlocked(found)
    previous = found.state
    await reopened(session, found)
    changed(session, actor, found, rules.NIL_RETRACTED, previous)


def nil(found: Obligation, reason: str) -> None:
    """Declared: nothing came up."""
    found.closed_at, found.closed_reason = now(), reason
    found.first_received_at = found.closed_at
    found.late = found.due_before is not None and found.due_before <= found.closed_at


async def reopened(session: AsyncSession, found: Obligation) -> None:
    """Open again, with the deadline of now and without what closed it."""
    emptied(found)
    found.state = Disposition.open
    found.closed_at = found.closed_reason = None
    await redated(session, found)


async def returned(
    session: AsyncSession, actor: Actor, resource: str, row: Procedure, duty: Clause | None = None
) -> None:
    """It was sent back: the receipt stands, and so does its lateness. `duty`: where one resource answers several."""
    found = await _answered(session, resource, row, duty)
    if found:
        previous, found.state, found.resource_state = found.state, Disposition.received, row.state
        changed(session, actor, found, rules.RETURNED, previous)


async def accepted(
    session: AsyncSession, actor: Actor, resource: str, row: Procedure, duty: Clause | None = None
) -> None:
    """It was accepted. `duty`: where one resource answers several."""
    found = await _answered(session, resource, row, duty)
    if found:
        previous, found.state, found.resource_state = found.state, Disposition.accepted, row.state
        changed(session, actor, found, rules.ACCEPTED, previous)


async def void(session: AsyncSession, actor: Actor, resource: str, row: Procedure) -> None:
    """It was taken back: the obligation stands again by the deadline of now, and a waiver that it had."""
    found = await _answered(session, resource, row)
    if found is None:
        return
    check_unlocked(found)
    previous = found.state
    emptied(found)
    if found.closed_at is not None:
        found.state = Disposition.waived
    await redated(session, found)
    changed(session, actor, found, rules.VOIDED, previous)


def check_unlocked(found: Obligation) -> None:
    """Refuse to take back what was received once the period is locked."""
    if found.locks_at is not None and found.locks_at <= now():
        raise Conflict(*LOCKED)


def emptied(found: Obligation) -> None:
    """Open again, as if nothing had ever arrived."""
    found.state = Disposition.open
    found.first_received_at = found.late = None
    found.resource_type = found.resource_id = found.resource_state = None


async def redated(session: AsyncSession, found: Obligation) -> None:
    """Give an open obligation the deadline that holds now.

    One that a request asks for has the request's date; nothing is owed to a request that was cancelled.
    """
    given = await extensions(session, [found])
    if found.request_id is not None:
        asked = await STANDING[found.duty](session, found.request_id)
        if asked is None:
            found.state = Disposition.lapsed
        else:
            dated(found, asked.deadline, given.get(found.id))
        return
    if found.year is None:
        return
    duty = law().duties[found.duty]
    (period,) = (p for p in periods(duty, found.year) if p.key == found.period_key)
    dated(found, deadline(duty, period, await terms_of(session, found.year)), given.get(found.id))


async def _owed(session: AsyncSession, owed: Owed) -> Obligation | None:
    # A request is owed once, whatever period an answer names.
    period = true() if owed.request_id else Obligation.period_key == owed.period
    statement = select(Obligation).where(
        Obligation.duty == owed.duty,
        Obligation.agency_id == owed.agency_id,
        Obligation.request_id == owed.request_id,
        period,
    )
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def _answered(
    session: AsyncSession, resource: str, row: Procedure, duty: Clause | None = None
) -> Obligation | None:
    statement = _by(resource, row).where(Obligation.state != Disposition.nil_return)
    if duty is not None:
        statement = statement.where(Obligation.duty == duty)
    return (await session.scalars(statement.with_for_update())).one_or_none()


def _by(resource: str, row: Procedure) -> SelectOfScalar[Obligation]:
    return select(Obligation).where(Obligation.resource_type == resource, Obligation.resource_id == row.id)
