"""What a request makes of obligations: one for each agency asked, redated and ended together.

A request is what asks by name: a report request (QC.D7.K3), or a task that an issued plan assigns (QC.D7.K1).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.flow.procedure import changed, recorded
from app.kit.clock import midnight
from app.law.models import Duty
from app.obligations import rules
from app.obligations.deadlines import DAY, Deadline, rule
from app.obligations.expected import dated, extensions
from app.obligations.models import Disposition, DueSource, Obligation


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, for which days, by when."""

    request_id: UUID
    duty: Duty
    period: str
    year: int
    start: date
    end: date
    last_on_time_date: date
    due_before: datetime
    soon_days: int
    document: Mapping[str, Any] | None
    source: DueSource = DueSource.request

    @property
    def deadline(self) -> Deadline:
        """The deadline of everybody asked."""
        return Deadline(
            rule=rule(self.duty),
            source=self.source,
            last_on_time_date=self.last_on_time_date,
            due_before=self.due_before,
            soon_at=midnight(self.last_on_time_date - self.soon_days * DAY),
            document=self.document,
            soon_days=self.soon_days,
        )


Standing = Callable[[AsyncSession, UUID], Awaitable[Asked | None]]
STANDING: dict[str, Standing] = {}
"""For each duty that requests ask for: what one of them asks by now, or None when it was cancelled. The room of the
requests fills it in."""


def ask(session: AsyncSession, actor: Actor, asked: Asked, agency_ids: Sequence[UUID]) -> None:
    """Make an obligation for each agency."""
    for agency_id in agency_ids:
        row = Obligation(
            agency_id=agency_id,
            state=Disposition.open,
            duty=asked.duty.id,
            period_key=asked.period,
            year=asked.year,
            period_start=asked.start,
            period_end=asked.end + DAY,
            kind=asked.duty.produces[0],
            request_id=asked.request_id,
            due_rule=rule(asked.duty),
            created_by=actor.client_id,
        )
        dated(row, asked.deadline, None)
        session.add(row)
        recorded(session, actor, row, rules.CREATED)


async def redate(session: AsyncSession, actor: Actor, asked: Asked) -> None:
    """Give whoever has not answered the request's new date."""
    rows = await _of(session, asked.request_id)
    given = await extensions(session, rows)
    for row in rows:
        if dated(row, asked.deadline, given.get(row.id)):
            changed(session, actor, row, rules.REDATED)


async def release(session: AsyncSession, actor: Actor, request_id: UUID) -> None:
    """Let what nobody has answered lapse."""
    for row in await _of(session, request_id):
        if row.state == Disposition.open:
            row.state = Disposition.lapsed
            changed(session, actor, row, rules.LAPSED, Disposition.open)


async def _of(session: AsyncSession, request_id: UUID) -> Sequence[Obligation]:
    statement = select(Obligation).where(Obligation.request_id == request_id).order_by(col(Obligation.id))
    return (await session.scalars(statement.with_for_update())).all()
