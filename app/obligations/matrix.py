"""The matrix of a year, agencies × duties (QD.D2).

The counts are one statement: PostgreSQL groups them by cell, by agency, by duty and over all.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic_core import to_json
from sqlalchemy import Select, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.agencies.models import Agency, AgencyName
from app.agencies.queries import on
from app.kit.clock import local, now
from app.kit.negotiation import JSON
from app.kit.tables import Table
from app.law.book import law
from app.obligations import queries
from app.obligations.models import Obligation
from app.obligations.models import ObligationState as S

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


async def matrix(session: AsyncSession, actor: Actor, year: int) -> dict[str, Any]:
    """The matrix as JSON will show it; the members are those of `MatrixRead`."""
    moment = now()
    duties: list[dict[str, Any]] = []
    cells: Mapping[Any, list[dict[str, Any]]] = defaultdict(list)
    items: list[dict[str, Any]] = []
    total = _counts([0] * len(COUNTS))
    for id, duty, *counts, slug, name in (await session.execute(counted(actor, year, moment))).all():
        if id and duty:
            cells[id].append({**_counts(counts), "duty": duty})
        elif id:
            agency = {"id": id, "slug": slug, "name_vi": name or slug}
            items.append({"agency": agency, "cells": cells[id], "total": _counts(counts)})
        elif duty:
            known = law().duties[duty]
            title = {"duty": duty, "provision": known.provision, "title_vi": known.title_vi}
            duties.append({**title, "total": _counts(counts)})
        else:
            total = _counts(counts)
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


def counted(actor: Actor, year: int, moment: datetime) -> Select[Any]:
    """The counts by cell, agency, duty and over all; with the agencies' names, in Vietnamese order."""
    of_year = (col(Obligation.year) == year) | col(Obligation.year).is_(None)
    state = queries.state_at(literal(moment)).label("now")
    o = queries.visible(actor).where(of_year).add_columns(state).subquery("o")
    received = o.c.now.in_(RECEIVED)
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
        select(grouped, col(Agency.slug), col(AgencyName.name_vi))
        .outerjoin(Agency, col(Agency.id) == grouped.c.agency_id)
        .outerjoin(AgencyName, and_(col(AgencyName.agency_id) == col(Agency.id), on(AgencyName, local(moment).date())))
        .order_by(col(AgencyName.sort_key).nulls_last(), grouped.c.agency_id, grouped.c.duty.nulls_last())
    )


def _counts(values: Sequence[int]) -> dict[str, Any]:
    counts: dict[str, Any] = dict(zip(COUNTS, values, strict=True))
    for rate in ("received", "on_time"):
        counts[f"{rate}_rate"] = round(counts[rate] / counts["expected"], 4) if counts["expected"] else None
    return counts
