"""The verbs of series: make one, with all its occurrences; and how it is read."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy import cast as as_type
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.machine import Machine
from app.flow.procedure import recorded
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.reader import Reader
from app.kit.reads import Shape, fixed
from app.press import event_rows, series_dates
from app.press import event_rules as rules
from app.press import series_queries as queries
from app.press.bodies import check_agencies
from app.press.event_models import PressEvent
from app.press.event_schemas import PressEventContent, PressEventWrite
from app.press.series_models import PressSeries, SeriesState
from app.press.series_schemas import SeriesRead, SeriesSummary, SeriesWrite
from app.trail.record import EventType

KIND = "press_series"
MADE = EventType(
    "press_series.made", KIND, "Chuỗi sự kiện báo chí được lập", "A series of press events was made", rules.PROVISIONS
)
PRESS_SERIES = Machine(initial=SeriesState.standing, moves=())


def _occurrences() -> Any:
    found = select(col(PressEvent.id)).where(col(PressEvent.series_id) == col(PressSeries.id))
    ordered = found.order_by(col(PressEvent.recurrence_id)).correlate(PressSeries)
    return func.array_to_json(func.array(ordered.scalar_subquery()))


SUMMARY = Shape(SeriesSummary, PressSeries, queries.visible, etag=reads.tag(PressSeries))
WHOLE = Shape(
    SeriesRead,
    PressSeries,
    queries.visible,
    etag=reads.tag(PressSeries),
    rule=as_type(col(PressSeries.rule), JSON),
    event_ids=_occurrences(),
    provisions=fixed(rules.PROVISIONS),
)


async def list_series(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(PRESS_SERIES, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, reads.values(PRESS_SERIES, actor), id)


async def make(session: AsyncSession, actor: Actor, body: SeriesWrite) -> SeriesRead:
    """Make a series and all its occurrences, each an event of its own from now on."""
    assert actor.agency_id is not None
    await check_agencies(session, body.host_ids, "host_ids")
    days = series_dates.days(body.rule)
    if not days:
        raise BadField("no_occurrence", "rule")
    row = PressSeries(
        agency_id=actor.agency_id,
        state=PRESS_SERIES.initial,
        created_by=actor.client_id,
        title=body.title,
        rule=body.rule.model_dump(mode="json"),
        rrule=series_dates.written(body.rule, len(days)),
        covers=body.covers,
    )
    session.add(row)
    await session.flush()
    recorded(session, actor, row, MADE)
    for day in days:
        _scheduled(session, actor, row, body, day)
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(PRESS_SERIES, actor), row.id)
    return cast("SeriesRead", shown)


def _scheduled(session: AsyncSession, actor: Actor, series: PressSeries, body: SeriesWrite, day: date) -> None:
    starts = series_dates.begins(body.rule, day)
    first, last = series_dates.covered(body.covers, day)
    event = PressEventWrite.model_construct(
        **{name: getattr(body, name) for name in PressEventContent.model_fields},
        starts_at=starts,
        ends_at=starts + timedelta(minutes=body.rule.minutes) if body.rule.minutes else None,
        period_from=first,
        period_to=last,
    )
    uid = f"{series.id}-{day:%Y%m%d}"
    row = event_rows.made(actor, event, uid, series_id=series.id, recurrence_id=starts)
    session.add(row)
    event_rows.noted(session, actor, row)
    recorded(session, actor, row, rules.SCHEDULED)
