"""What the rooms above bring into a consolidated report: they put their callables here when they are imported."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Met:
    """A difficulty that an agency told of outside its report (QC.END)."""

    record_id: UUID
    agency_id: UUID
    agency: str
    told: Mapping[str, Any]
    """Kind, provision, description, proposal: as a report would say it."""

    @property
    def gathered(self) -> dict[str, Any]:
        """It beside those of the reports."""
        origin = {"report_id": None, "record_id": str(self.record_id)}
        return {**origin, "agency_id": str(self.agency_id), "agency": self.agency, **self.told}


Gather = Callable[[AsyncSession, int], Awaitable[Sequence[Met]]]
"""The difficulties of a year, told of by every agency."""

DIFFICULTIES: list[Gather] = []
