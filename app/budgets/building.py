"""Making one budget of a year's accepted estimates: each line once, and who is in and who is not (QC.D8.K9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.models import FunctionHeld
from app.agencies.models import AgencyName
from app.agencies.queries import called, on
from app.budgets import rules
from app.budgets.budget_models import BudgetLine, LineScope
from app.budgets.budget_schemas import MOST, OwnLineWrite
from app.budgets.models import BudgetEstimate, EstimateLine, EstimateState
from app.budgets.schemas import INT64
from app.kit.clock import today
from app.kit.failures import BadField
from app.kit.text import fold, sort_key
from app.law.functions import F
from app.obligations.absent import absent

Facts = dict[str, Any]
COPIED = {"code", "task_code", "content", "category", "funding_source"}
FACTS = (*sorted(COPIED), "scope", "agency_id", "estimate_id", "estimate_line_id", "self_appraised", "requested_vnd")
"""What the coordinator sends of a line; finance and the committee write the rest."""


@dataclass(frozen=True, slots=True)
class Source:
    """One accepted estimate, with the name its agency had then."""

    estimate: BudgetEstimate
    agency: str
    lines: Sequence[EstimateLine]

    def named(self) -> Facts:
        """It as `content` names it."""
        return {
            "estimate_id": str(self.estimate.id),
            "agency_id": str(self.estimate.agency_id),
            "agency": self.agency,
            "total_vnd": sum(line.amount_vnd for line in self.lines),
        }


@dataclass(frozen=True, slots=True)
class Built:
    """A budget as the estimates make it now."""

    content: Facts
    lines: Sequence[Facts]
    estimates: Sequence[BudgetEstimate]


async def built(session: AsyncSession, year: int, excluded: Mapping[UUID, str], *, lock: bool = False) -> Built:
    """The lines of the accepted estimates of a year but for those left out; no own line yet."""
    sources = await _sources(session, year, lock=lock)
    taken = [source for source in sources if source.estimate.id not in excluded]
    out = [source for source in sources if source.estimate.id in excluded]
    missing = sorted(await absent(session, rules.OWED, year), key=lambda a: (sort_key(a.agency), a.agency_id))
    content: Facts = {
        "included": [source.named() for source in taken],
        "excluded": [{**source.named(), "reason": excluded[source.estimate.id]} for source in out],
        "absent": [
            {"agency_id": str(a.agency_id), "agency": a.agency, "state": a.state, "reason": a.reason} for a in missing
        ],
    }
    appraising = await _appraising(session)
    lines = [_copied(source.estimate, line, appraising) for source in taken for line in source.lines]
    return Built(content, lines, [source.estimate for source in taken])


def own(agency_id: UUID, written: Sequence[OwnLineWrite], asked: Sequence[Facts]) -> list[Facts]:
    """The coordinator's own lines; what an agency asks for already is no line of its own."""
    known = {(fold(line["content"]), line["category"]) for line in asked}
    for place, line in enumerate(written):
        if (fold(line.content), line.category) in known:
            raise BadField("asked_already", "own_lines", place, "content")
    return [
        {
            **line.model_dump(),
            "task_code": None,
            "scope": LineScope.coordinator_own,
            "agency_id": agency_id,
            "estimate_id": None,
            "estimate_line_id": None,
            "self_appraised": False,
        }
        for line in written
    ]


def facts(lines: Iterable[BudgetLine]) -> list[Facts]:
    """What the coordinator sends of lines that stand."""
    return [{name: getattr(line, name) for name in FACTS} for line in lines]


def plain(lines: Iterable[Facts]) -> list[Facts]:
    """Lines that were made, in the order of members of those that stand."""
    return [{name: line[name] for name in FACTS} for line in lines]


def check_size(lines: Sequence[Facts]) -> None:
    """A total that is an amount itself, of lines that finance can go through."""
    check_total([line["requested_vnd"] for line in lines], "own_lines")
    if len(lines) > MOST:
        raise BadField("too_long", "own_lines", max_length=MOST)


def check_total(amounts: Iterable[int], *at: str) -> None:
    """The sum is an amount itself."""
    if sum(amounts) > INT64:
        raise BadField("total_too_large", *at)


def _copied(estimate: BudgetEstimate, line: EstimateLine, appraising: frozenset[UUID]) -> Facts:
    return {
        **line.model_dump(include=COPIED),
        "scope": LineScope.agency,
        "agency_id": estimate.agency_id,
        "estimate_id": estimate.id,
        "estimate_line_id": line.id,
        "self_appraised": estimate.agency_id in appraising,
        "requested_vnd": line.amount_vnd,
    }


async def _sources(session: AsyncSession, year: int, *, lock: bool) -> Sequence[Source]:
    """The accepted estimates of a year in the Vietnamese order of their agencies' names."""
    statement = (
        select(BudgetEstimate, AgencyName.name_vi)
        .join(AgencyName, called(col(BudgetEstimate.agency_id), col(BudgetEstimate.accepted_at)))
        .where(BudgetEstimate.year == year, BudgetEstimate.state == EstimateState.accepted)
        .order_by(col(BudgetEstimate.id))
    )
    rows = (await session.execute(statement.with_for_update(of=BudgetEstimate) if lock else statement)).all()
    lines: dict[UUID, list[EstimateLine]] = {estimate.id: [] for estimate, _ in rows}
    of_them = select(EstimateLine).where(col(EstimateLine.estimate_id).in_(list(lines)))
    for line in await session.scalars(of_them.order_by(col(EstimateLine.position))):
        lines[line.estimate_id].append(line)
    found = [Source(estimate, name, lines[estimate.id]) for estimate, name in rows]
    return sorted(found, key=lambda s: (sort_key(s.agency), s.estimate.id))


async def _appraising(session: AsyncSession) -> frozenset[UUID]:
    """The agencies that appraise today: what they ask for themselves shows as such."""
    statement = select(FunctionHeld.agency_id).where(FunctionHeld.function == F.FINANCE, on(FunctionHeld, today()))
    return frozenset((await session.scalars(statement)).all())
