"""The matrix of a year, agencies × duties (QD.D2).

The counts are one statement: PostgreSQL groups them by cell, by agency, by duty and over all. It is compiled once for
each kind of actor and run past SQLAlchemy's cursors: a year has thousands of rows.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import Response
from pydantic_core import to_json
from sqlalchemy import Date, DateTime, Integer, Select, and_, bindparam, func, or_, select
from sqlmodel import col

from app.access.actor import Actor
from app.agencies.models import Agency, AgencyName
from app.agencies.queries import on
from app.kit.clock import local, now
from app.kit.driver import Statement
from app.kit.negotiation import JSON
from app.kit.reader import Reader
from app.kit.tables import Table
from app.law.book import law
from app.obligations import queries
from app.obligations.models import Obligation
from app.obligations.models import ObligationState as S

DAY: Any = bindparam("day", type_=Date)
COUNTS = ("expected", "received", "on_time", "late", "nil_return", "missing", "accepted", "waived")
RECEIVED = [S.received_on_time, S.received_late, S.accepted, S.nil_return]
TITLES = {
    "agency": "Cơ quan",
    "duty": "Điều khoản",
    "title": "Nhiệm vụ",
    "expected": "Phải gửi",
    "received": "Đã nhận",
    "on_time": "Đúng hạn",
    "late": "Trễ hạn",
    "nil_return": "Không phát sinh",
    "missing": "Còn thiếu",
    "accepted": "Đã tiếp nhận",
    "waived": "Được miễn",
    "received_rate": "Tỷ lệ đã nhận",
    "on_time_rate": "Tỷ lệ đúng hạn",
}


async def matrix(reader: Reader, actor: Actor, year: int) -> dict[str, Any]:
    """The matrix as JSON will show it; the members are those of `MatrixRead`."""
    moment = now()
    duties: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    total: Mapping[str, Any] = _counts((0,) * len(COUNTS))
    given = {"actor_agency": actor.agency_id, "year": year, "moment": moment, "day": local(moment).date()}
    for row in await reader.rows(statement(actor.shape), given):
        id, duty, slug, name = row[:4]
        counts = _counts(row[4:])
        if id and duty:
            cells.append({**counts, "duty": duty})
        elif id:
            agency = {"id": id, "slug": slug, "name_vi": name or slug}
            items.append({"agency": agency, "cells": cells, "total": counts})
            cells = []  # an agency's own sum stands after its cells, and the next agency follows
        elif duty:
            known = law().duties[duty]
            title = {"duty": duty, "provision": known.provision, "title_vi": known.title_vi}
            duties.append({**title, "total": counts})
        else:
            total = counts
    return {"year": year, "as_of": local(moment), "duties": duties, "items": items, "total": total}


def written(found: Mapping[str, Any]) -> Response:
    """The matrix as JSON, without a model for each of its thousands of cells (a test holds it to the schema)."""
    return Response(to_json(found), media_type=JSON)


def tabled(found: Mapping[str, Any]) -> Table:
    """The matrix as a table: a row for each cell."""
    rows = [
        {**cell, "agency": item["agency"]["name_vi"], "title": law().duties[cell["duty"]].title_vi}
        for item in found["items"]
        for cell in item["cells"]
    ]
    return Table(f"nghia-vu-{found['year']}", TITLES, rows)


@lru_cache
def statement(shape: Actor) -> Statement:
    """The counts for every actor of this shape."""
    return Statement(counted(shape))


def counted(actor: Actor) -> Select[Any]:
    """The counts by cell, agency, duty and over all; with the agencies' names, in Vietnamese order."""
    of_year = (col(Obligation.year) == bindparam("year", type_=Integer)) | col(Obligation.year).is_(None)
    state = queries.state_at(bindparam("moment", type_=DateTime(timezone=True))).label("now")
    o = queries.visible(actor).where(of_year).add_columns(state).subquery("o")
    received = or_(*(o.c.now == state for state in RECEIVED))
    wanted = {
        "expected": o.c.now != S.waived,
        "received": received,
        "on_time": and_(received, o.c.late.is_not(True)),
        "late": and_(received, o.c.late.is_(True)),
        "nil_return": o.c.now == S.nil_return,
        "missing": o.c.now == S.overdue,
        "accepted": o.c.now == S.accepted,
        "waived": o.c.now == S.waived,
    }
    counts = [func.count().filter(wanted[name]).label(name) for name in COUNTS]
    grouped = (
        select(o.c.agency_id, o.c.duty, *counts)
        .where(o.c.now != S.lapsed)
        .group_by(func.cube(o.c.agency_id, o.c.duty))
        .subquery("grouped")
    )
    return (
        select(grouped.c.agency_id, grouped.c.duty, col(Agency.slug), col(AgencyName.name_vi))
        .add_columns(*(grouped.c[name] for name in COUNTS))
        .outerjoin(Agency, col(Agency.id) == grouped.c.agency_id)
        .outerjoin(AgencyName, and_(col(AgencyName.agency_id) == col(Agency.id), on(AgencyName, DAY)))
        .order_by(col(AgencyName.sort_key).nulls_last(), grouped.c.agency_id, grouped.c.duty.nulls_last())
    )


@lru_cache(1024)
def _counts(values: tuple[int, ...]) -> Mapping[str, Any]:
    """Counts with their rates; most cells of a year look alike."""
    counts: dict[str, Any] = dict(zip(COUNTS, values, strict=True))
    expected = counts["expected"]
    counts["received_rate"] = round(counts["received"] / expected, 4) if expected else None
    counts["on_time_rate"] = round(counts["on_time"] / expected, 4) if expected else None
    return counts
