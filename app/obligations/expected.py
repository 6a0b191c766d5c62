"""The expected set: duties × functions held × periods, made ahead, so that who files nothing stands in it as well.

`settle` brings a year's obligations to what law, register and settings say now. Running it again changes nothing; what
was received keeps the deadline it was judged by.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.access.models import FunctionHeld
from app.flow.procedure import changed, recorded
from app.law.book import law
from app.law.models import Duty
from app.obligations import rules
from app.obligations.deadlines import DAY, Deadline, Period, Terms, deadline, extended, periods, rule
from app.obligations.models import STANDING, Disposition, Extension, Obligation
from app.obligations.terms import terms_of

Key = tuple[str, UUID, str]
"""Duty, agency, period."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One obligation as it should stand."""

    duty: Duty
    agency_id: UUID
    period: Period | None
    deadline: Deadline

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.duty.id, self.agency_id, self.period.key if self.period else STANDING


@cache
def periodic() -> Sequence[Duty]:
    """The duties that are owed for every year or month; one that another's record meets is not owed twice."""
    return [d for d in law().duties.values() if d.cadence in {"annual", "monthly"} and d.due and not d.met_with]


@cache
def watched() -> Sequence[Duty]:
    """The standing duties that must be met at every moment."""
    return [duty for duty in law().duties.values() if duty.watched]


class Holdings:
    """Who holds what from when to when, with the wider functions that come with it."""

    def __init__(self, rows: Sequence[FunctionHeld]) -> None:
        self._of: Mapping[UUID, list[FunctionHeld]] = defaultdict(list)
        for row in rows:
            self._of[row.agency_id].append(row)

    def owing(self, duty: Duty, first: date, last: date) -> Iterator[UUID]:
        """The agencies that owe a duty by what they hold on any of these days, both included."""
        for agency_id, rows in self._of.items():
            held = (r.function for r in rows if r.valid_from <= last and (r.valid_to is None or r.valid_to > first))
            if duty.owed_by({wider for function in held for wider in law().with_wider(function)}):
                yield agency_id


def expected(year: int, holdings: Holdings, terms: Terms) -> Iterator[Expected]:
    """Everything owed for a year: by who holds the function on the last day on time, or, undated, within the period."""
    for duty in periodic():
        instrument = law().instruments[law().provisions[duty.provision].instrument]
        for period in periods(duty, year):
            ended = instrument.effective_to is not None and instrument.effective_to <= period.start
            if period.end <= instrument.effective_from or ended:
                continue
            due = deadline(duty, period, terms)
            first = due.last_on_time_date or period.start
            last = due.last_on_time_date or period.end - DAY
            for agency_id in holdings.owing(duty, first, last):
                yield Expected(duty, agency_id, period, due)


async def settle(session: AsyncSession, actor: Actor, year: int) -> int:
    """Bring the obligations of a year to what is expected; how many were made or changed."""
    await _alone(session, year)
    holdings = await _holdings(session)
    wanted = {found.key: found for found in expected(year, holdings, await terms_of(session, year))}
    standing = select(Obligation).where(Obligation.year == year, col(Obligation.request_id).is_(None))
    return await _settled(session, actor, wanted, standing)


async def settle_watched(session: AsyncSession, actor: Actor, day: date) -> int:
    """Bring the standing obligations to what is expected on a day."""
    await _alone(session, 0)
    holdings = await _holdings(session)
    wanted = {
        found.key: found
        for duty in watched()
        for agency_id in holdings.owing(duty, day, day)
        for found in [Expected(duty, agency_id, None, Deadline(rule(duty)))]
    }
    standing = select(Obligation).where(Obligation.period_key == STANDING)
    return await _settled(session, actor, wanted, standing)


async def _alone(session: AsyncSession, year: int) -> None:
    """One transaction at a time settles a year."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"obligations {year}", 0))))


async def _holdings(session: AsyncSession) -> Holdings:
    return Holdings((await session.scalars(select(FunctionHeld))).all())


async def _settled(session: AsyncSession, actor: Actor, wanted: Mapping[Key, Expected], standing: Any) -> int:
    rows = (await session.scalars(standing.order_by(col(Obligation.id)).with_for_update())).all()
    given = await extensions(session, rows)
    touched = 0
    known = set()
    for row in rows:
        key = (row.duty, row.agency_id, row.period_key)
        known.add(key)
        touched += _brought_to(session, actor, row, wanted.get(key), given.get(row.id))
    for key, found in wanted.items():
        if key not in known:
            row = _made(found)
            session.add(row)
            recorded(session, actor, row, rules.CREATED)
            touched += 1
    return touched


def _made(found: Expected) -> Obligation:
    period = found.period
    row = Obligation(
        agency_id=found.agency_id,
        state=_beginning(found),
        duty=found.duty.id,
        period_key=found.key[2],
        year=period.year if period else None,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        kind=found.duty.produces[0],
        due_rule=found.deadline.rule,
    )
    dated(row, found.deadline, None)
    return row


def _beginning(found: Expected) -> Disposition:
    return Disposition.open if found.period else Disposition.watched


def _brought_to(
    session: AsyncSession, actor: Actor, row: Obligation, found: Expected | None, given: Extension | None
) -> bool:
    if found is None:
        if row.state not in {Disposition.open, Disposition.watched}:
            return False
        previous, row.state = row.state, Disposition.lapsed
        changed(session, actor, row, rules.LAPSED, previous)
        return True
    revived = row.state == Disposition.lapsed
    if revived:
        row.state = _beginning(found)
    redated = dated(row, found.deadline, given)
    if revived or redated:
        changed(session, actor, row, rules.REVIVED if revived else rules.REDATED)
    return revived or redated


async def extensions(session: AsyncSession, rows: Sequence[Obligation]) -> Mapping[UUID, Extension]:
    """The extension that counts of each obligation that was given one: its newest."""
    statement = select(Extension).where(col(Extension.obligation_id).in_([row.id for row in rows]))
    return {found.obligation_id: found for found in await session.scalars(statement.order_by(col(Extension.id)))}


def dated(row: Obligation, due: Deadline, given: Extension | None) -> bool:
    """Give an obligation its deadline; whether anything changed.

    The cut-off and the lock follow the settings; the date stands once something was received. An extension leaves no
    agency worse off than the others: the later of the two dates counts.
    """
    if given:
        due = extended(due, given.last_on_time_date, given.document)
    facts: dict[str, Any] = {"data_cutoff": due.data_cutoff, "locks_at": due.locks_at, "due_rule": due.rule}
    if row.first_received_at is None:
        facts |= {
            "due_source": due.source,
            "due_before": due.due_before,
            "last_on_time_date": due.last_on_time_date,
            "soon_at": due.soon_at,
            "due_document": dict(due.document) if due.document else None,
        }
    different = {name: value for name, value in facts.items() if getattr(row, name) != value}
    if "due_before" in different:
        different |= {"soon_told_at": None, "overdue_told_at": None, "reminded_day": None}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
