"""The verbs of report requests: issue to many, extend, close, cancel; and seeing that everybody has answered."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import OPERATOR, Actor
from app.access.models import FunctionHeld
from app.agencies.models import Agency
from app.agencies.queries import on
from app.flow.machine import Move
from app.flow.procedure import changed, recorded, to_move
from app.kit.clock import local, now, today
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.law.book import law
from app.obligations.asked import STANDING, Asked, ask, redate, release
from app.obligations.deadlines import after
from app.obligations.expected import Holdings
from app.obligations.models import Disposition, Obligation
from app.obligations.terms import terms_of
from app.reports import request_queries as queries
from app.reports import request_rules as rules
from app.reports.request_models import ReportRequest, RequestDisposition
from app.reports.request_reads import SUMMARY, WHOLE, values
from app.reports.request_schemas import CloseRequest, DueWrite, ExtendRequest, RequestRead, RequestWrite, TargetsWrite
from app.reports.rules import AD_HOC

KIND = "report_request"
DUTY = law().duties[AD_HOC]
BATCH = 200


async def list_requests(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of the requests the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, values(actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One request."""
    return await WHOLE.one(reader, actor.shape, values(actor), id)


async def issue(session: AsyncSession, actor: Actor, body: RequestWrite) -> RequestRead:
    """Ask; an obligation for each agency asked is made in the same transaction."""
    assert actor.agency_id is not None
    due_before, last = _due(body)
    if due_before <= now():
        raise BadField("not_in_the_future", "last_on_time_date" if body.last_on_time_date else "due_before")
    year = local(now()).year
    row = ReportRequest(
        agency_id=actor.agency_id,
        state=rules.REQUEST.initial,
        created_by=actor.client_id,
        year=year,
        number=await _next_number(session, year),
        due_before=due_before,
        last_on_time_date=last,
        **body.model_dump(mode="json", include={"title", "purpose", "template", "document"}),
        period_start=body.period_start,
        period_end=body.period_end,
    )
    session.add(row)
    agency_ids = await _targets(session, actor, body.targets)
    ask(session, actor, await _asked(session, row), agency_ids)
    recorded(session, actor, row, rules.ISSUED)
    return await _shown(session, actor, row.id)


async def move(session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any) -> RequestRead:
    """Make one move of the procedure."""
    row = await to_move(session, queries.one(actor, id), rules.REQUEST, move, actor, expected)
    previous, target = row.state, move.target
    match body:
        case ExtendRequest():
            row.due_before, row.last_on_time_date = _later(row, body)
            await redate(session, actor, await _asked(session, row))
        case CloseRequest():
            row.ended_at, row.end_reason = now(), body.reason
            if not await _missing(session, row.id):
                target = RequestDisposition.completed
        case _:
            row.ended_at, row.end_reason = now(), body.reason
            await release(session, actor, row.id)
    row.state = target
    changed(session, actor, row, move.event, previous)
    return await _shown(session, actor, id)


async def follow(session: AsyncSession, _: datetime) -> int:
    """See which requests everybody has answered by now, and which lack an answer again; how many changed."""
    told = 0
    open_now = select(Obligation.id).where(
        col(Obligation.request_id) == col(ReportRequest.id), Obligation.state == Disposition.open
    )
    changes = (
        (RequestDisposition.open, ~open_now.exists(), RequestDisposition.completed, rules.COMPLETED),
        (RequestDisposition.completed, open_now.exists(), RequestDisposition.open, rules.REOPENED),
    )
    for state, condition, target, event in changes:
        statement = select(ReportRequest).where(
            ReportRequest.state == state, col(ReportRequest.ended_at).is_(None), condition
        )
        for row in await session.scalars(statement.limit(BATCH).with_for_update(skip_locked=True)):
            row.state = target
            changed(session, OPERATOR, row, event, state)
            told += 1
    return told


def _due(body: DueWrite) -> tuple[datetime, date]:
    """The first instant that is late, and the last day on time."""
    if body.last_on_time_date:
        return after(body.last_on_time_date), body.last_on_time_date
    assert body.due_before is not None
    return body.due_before, local(body.due_before - timedelta(microseconds=1)).date()


def _later(row: ReportRequest, body: ExtendRequest) -> tuple[datetime, date]:
    due_before, last = _due(body)
    if due_before <= row.due_before:
        raise BadField("no_later_date", "last_on_time_date" if body.last_on_time_date else "due_before")
    return due_before, last


async def _targets(session: AsyncSession, actor: Actor, targets: TargetsWrite) -> Sequence[UUID]:
    """The agencies meant, each once; whoever asks is asked itself only by name."""
    day = today()
    held = (await session.scalars(select(FunctionHeld).where(on(FunctionHeld, day)))).all()
    meant: set[UUID] = set()
    if targets.all:
        meant.update(Holdings(held).owing(DUTY, day, day))
    functions = set(targets.functions)
    meant.update(row.agency_id for row in held if functions & set(law().with_wider(row.function)))
    if targets.kinds:
        of_kind = select(Agency.id).where(col(Agency.kind).in_(targets.kinds), on(Agency, day))
        meant.update(await session.scalars(of_kind))
    meant -= {actor.agency_id}
    alive = set(await session.scalars(select(Agency.id).where(col(Agency.id).in_(targets.agency_ids), on(Agency, day))))
    for place, id in enumerate(targets.agency_ids):
        if id not in alive:
            raise BadField("unknown_agency", "targets", "agency_ids", place)
    meant |= alive
    if not meant:
        raise BadField("nobody_asked", "targets")
    return sorted(meant)


async def _asked(session: AsyncSession, row: ReportRequest) -> Asked:
    return Asked(
        request_id=row.id,
        duty=DUTY,
        period=row.period,
        year=row.last_on_time_date.year,
        start=row.period_start,
        end=row.period_end,
        last_on_time_date=row.last_on_time_date,
        due_before=row.due_before,
        soon_days=(await terms_of(session, row.last_on_time_date.year)).due_soon_days,
        document=row.document,
    )


async def _standing(session: AsyncSession, id: UUID) -> Asked | None:
    row = await session.get_one(ReportRequest, id)
    return None if row.state == RequestDisposition.cancelled else await _asked(session, row)


STANDING[DUTY.id] = _standing


async def _missing(session: AsyncSession, id: UUID) -> bool:
    statement = select(Obligation.id).where(Obligation.request_id == id, Obligation.state == Disposition.open)
    return (await session.scalars(statement.limit(1))).first() is not None


async def _next_number(session: AsyncSession, year: int) -> int:
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"report requests {year}", 0))))
    last = await session.scalar(select(func.max(ReportRequest.number)).where(ReportRequest.year == year))
    return (last or 0) + 1


async def _shown(session: AsyncSession, actor: Actor, id: UUID) -> RequestRead:
    (shown,) = await WHOLE.within(session, actor.shape, values(actor), id)
    return cast("RequestRead", shown)
