"""The lines of a budget: a page of them, or all as a table for people with the sums of each agency."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.access.actor import Actor
from app.budgets import budget_queries as queries
from app.budgets import held
from app.budgets.budget_models import BudgetLine
from app.budgets.budget_read_schemas import BudgetLineRead
from app.kit.db import found_row
from app.kit.pages import Page, Paging, fetch
from app.kit.tables import Table

TITLES = {
    "agency": "Cơ quan",
    "code": "Mã",
    "content": "Nội dung",
    "category": "Nhóm chi",
    "funding_source": "Nguồn",
    "self_appraised": "Tự thẩm định",
    "requested_vnd": "Đề nghị",
    "appraised_vnd": "Thẩm định",
    "opinion": "Ý kiến thẩm định",
    "decided_vnd": "Quyết định",
    "change_vnd": "Điều chỉnh",
    "current_vnd": "Sau điều chỉnh",
    "spent_vnd": "Quyết toán",
    "overspent": "Vượt",
}
AMOUNTS = ("requested_vnd", "appraised_vnd", "decided_vnd", "change_vnd", "current_vnd", "spent_vnd")


async def page(
    session: AsyncSession, actor: Actor, id: UUID, wanted: Mapping[str, Any], paging: Paging
) -> Page[BudgetLineRead]:
    """One page of a budget's lines, in their order."""
    await found_row(session, queries.one(actor, id))
    found, last = await fetch(session, queries.lines(actor, id, wanted), [col(BudgetLine.position)], paging)
    ids = [line.id for line in found]
    shown = await _shown(session, found, queries.lines(actor, id, wanted).where(col(BudgetLine.id).in_(ids)))
    return paging.page(shown, last)


async def table(session: AsyncSession, actor: Actor, id: UUID, wanted: Mapping[str, Any]) -> Table:
    """All of them by agency, each with its sums after its lines."""
    await found_row(session, queries.one(actor, id))
    statement = queries.lines(actor, id, wanted)
    rows = (await session.execute(queries.named(statement))).all()
    shown = await _shown(session, [line for line, _ in rows], statement)
    named = [{**line.model_dump(), "agency": name} for line, (_, name) in zip(shown, rows, strict=True)]
    return Table(f"du-toan-{id}", TITLES, list(_summed(named)))


async def _shown(session: AsyncSession, lines: Sequence[BudgetLine], statement: Any) -> list[BudgetLineRead]:
    change = await held.changes(session, statement)
    return [_line(line, change.get(line.id, 0)) for line in lines]


def _line(line: BudgetLine, change: int) -> BudgetLineRead:
    current = None if line.decided_vnd is None else line.decided_vnd + change
    over = None if line.spent_vnd is None or current is None else line.spent_vnd > current
    more = {"change_vnd": change, "current_vnd": current, "overspent": over}
    return BudgetLineRead.model_validate({**line.model_dump(), **more})


def _summed(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for agency, group in groupby(rows, key=lambda row: (row["agency_id"], row["agency"])):
        lines = list(group)
        yield from lines
        total = {name: _sum(line[name] for line in lines) for name in AMOUNTS}
        yield dict.fromkeys(TITLES) | {"agency": f"Cộng: {agency[1]}"} | total


def _sum(amounts: Iterator[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
