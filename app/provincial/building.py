"""Making a plan of the province of many: no clock, no database. The same inputs give the same, and so the same hash.

Everything stands in the Vietnamese order of the agencies' names, then in that of their plans, however it was read. A
*source* is a task of an absorbed plan: it stands in one task of the province at most, or is dropped with a reason.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from app.kit.canonical import hashed
from app.kit.text import sort_key
from app.obligations.absent import Absent
from app.provincial.models import ProvincialPlan, ProvincialTask

NOTHING: Mapping[str, Any] = {"absorbed": [], "excluded": [], "absent": []}
"""What is gathered by a plan that absorbs none."""
_FROZEN = {
    "kind", "term", "year", "until_year", "edition", "title", "objectives", "priorities", "dropped",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceTask:
    """One task of an accepted plan: its id, and what the agency wrote of it."""

    id: UUID
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One accepted plan: `words` is what its agency wrote beside the tasks."""

    plan_id: UUID
    agency_id: UUID
    agency: str
    words: Mapping[str, Any]
    tasks: Sequence[SourceTask]

    @property
    def origin(self) -> dict[str, Any]:
        """Where something comes from."""
        return {"plan_id": str(self.plan_id), "agency_id": str(self.agency_id), "agency": self.agency}

    @property
    def digest(self) -> str:
        """The hash of what the agency wrote."""
        return hashed(to_jsonable_python({**self.words, "tasks": [task.words for task in self.tasks]}))


def in_order(sources: Iterable[Source]) -> list[Source]:
    """By the names of their agencies."""
    return sorted(sources, key=lambda source: (sort_key(source.agency), source.plan_id))


def absorbed(sources: Iterable[Source], excluded: Collection[UUID]) -> list[Source]:
    """The plans that are taken in."""
    return [source for source in in_order(sources) if source.plan_id not in excluded]


def gathered(sources: Iterable[Source], absent: Iterable[Absent], excluded: Mapping[UUID, str]) -> dict[str, Any]:
    """Who is in, who is left out and why, of whom there is nothing and why."""
    ordered = in_order(sources)
    missing = sorted(absent, key=lambda a: (sort_key(a.agency), a.agency_id))
    return {
        "absorbed": [{**source.origin, "sha256": source.digest} for source in absorbed(ordered, excluded)],
        "excluded": [
            {**source.origin, "reason": excluded[source.plan_id]} for source in ordered if source.plan_id in excluded
        ],
        "absent": [agency.told for agency in missing],
    }


def proposed(sources: Iterable[Source], codes: Collection[str]) -> Iterator[dict[str, Any]]:
    """One task for each task of these plans, led by its agency; their codes are new beside `codes`."""
    numbered = (f"NV-{number:03d}" for number in count(1))
    free = (code for code in numbered if code not in codes)
    for source in in_order(sources):
        for task in source.tasks:
            yield {**task.words, "code": next(free), "lead_agency_id": source.agency_id, "sources": [task.id]}


def misplaced(
    tasks: Sequence[Sequence[UUID]], dropped: Sequence[UUID], known: Collection[UUID]
) -> tuple[str, tuple[str | int, ...]] | None:
    """The first source that is not known or stands twice: what is wrong, and where; `tasks`: the sources of each."""
    seen: set[UUID] = set()
    for id, at in _places(tasks, dropped):
        if id not in known:
            return "unknown_task", at
        if id in seen:
            return "placed_twice", at
        seen.add(id)
    return None


def unplaced(tasks: Iterable[Sequence[UUID]], dropped: Iterable[UUID], known: Iterable[UUID]) -> list[UUID]:
    """The sources that stand in no task and are not dropped, in their order."""
    placed = {*dropped, *(id for sources in tasks for id in sources)}
    return [id for id in known if id not in placed]


def kept(sources: Sequence[UUID], known: Collection[UUID]) -> list[UUID] | None:
    """The sources of a task that are still there; None: it stood for others alone, and all of them are gone."""
    left = [id for id in sources if id in known]
    return left if left or not sources else None


def frozen(plan: ProvincialPlan, tasks: Iterable[ProvincialTask]) -> dict[str, Any]:
    """What is sent up, as it is read and hashed."""
    written = [task.model_dump(mode="json", exclude={"plan_id", "position"}) for task in tasks]
    return {**plan.model_dump(mode="json", include=_FROZEN), **plan.content, "tasks": written}


def _places(tasks: Sequence[Sequence[UUID]], dropped: Sequence[UUID]) -> Iterator[tuple[UUID, tuple[str | int, ...]]]:
    for number, sources in enumerate(tasks):
        for place, id in enumerate(sources):
            yield id, ("tasks", number, "sources", place)
    for number, id in enumerate(dropped):
        yield id, ("dropped", number, "task_id")
