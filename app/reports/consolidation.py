"""Making one report of many: no clock, no database. The same inputs give the same content, and so the same hash.

Everything stands in the Vietnamese order of the agencies' names or in that of its own code, however it was read; sums
are exact decimals; nothing is added that an origin does not stand beside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.kit.canonical import hashed
from app.kit.text import sort_key
from app.obligations.absent import Absent
from app.reports.hooks import Met


@dataclass(frozen=True, slots=True)
class Source:
    """One accepted report."""

    report_id: UUID
    agency_id: UUID
    agency: str
    late: bool | None
    sections: Sequence[Mapping[str, Any]]
    effect_evaluation: str | None
    indicators: Sequence[Mapping[str, Any]]
    difficulties: Sequence[Mapping[str, Any]]

    @property
    def origin(self) -> dict[str, Any]:
        """Where something comes from."""
        return {"report_id": str(self.report_id), "agency_id": str(self.agency_id), "agency": self.agency}

    @property
    def digest(self) -> str:
        """The hash of what the agency wrote."""
        written = [self.sections, self.effect_evaluation, self.indicators, self.difficulties]
        return hashed({"written": written})


def consolidated(
    year: int,
    sources: Sequence[Source],
    absent: Sequence[Absent],
    excluded: Mapping[UUID, str],
    areas: Iterable[str],
    statistics: Sequence[Mapping[str, Any]] | None = None,
    met: Sequence[Met] = (),
) -> dict[str, Any]:
    """The content of a consolidated report.

    `statistics`: None for one that was built when there were none; `met`: difficulties told of outside the reports.
    """
    met = sorted(met, key=lambda m: (sort_key(m.agency), m.record_id))
    sources = sorted(sources, key=lambda s: (sort_key(s.agency), s.report_id))
    absent = sorted(absent, key=lambda a: (sort_key(a.agency), a.agency_id))
    taken = [source for source in sources if source.report_id not in excluded]
    return {
        "year": year,
        "included": [{**source.origin, "late": source.late, "sha256": source.digest} for source in taken],
        "excluded": [
            {**source.origin, "reason": excluded[source.report_id]}
            for source in sources
            if source.report_id in excluded
        ],
        "absent": [a.told for a in absent],
        "sections": [{"area": area, "entries": list(_entries(taken, area))} for area in areas],
        "evaluations": [
            {**source.origin, "text": source.effect_evaluation} for source in taken if source.effect_evaluation
        ],
        "indicators": _summed(taken),
        "difficulties": [
            *({**source.origin, "record_id": None, **item} for source in taken for item in source.difficulties),
            *(one.gathered for one in met),
        ],
        **({} if statistics is None else {"statistics": [*statistics]}),
    }


def _entries(sources: Sequence[Source], area: str) -> Iterable[dict[str, Any]]:
    for source in sources:
        for section in source.sections:
            if section["area"] == area:
                yield {**source.origin, "text": section["text"]}


def _summed(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Each indicator with its total and where it comes from; figures of different units are never added up."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for source in sources:
        for item in source.indicators:
            key = (item["code"], item["unit"])
            row = found.setdefault(
                key, {"code": key[0], "title": item["title"], "unit": key[1], "total": Decimal(0), "origins": []}
            )
            row["total"] += Decimal(item["number"])
            row["origins"].append({**source.origin, "number": item["number"]})
    return [{**row, "total": f"{row['total']:f}"} for _, row in sorted(found.items())]
