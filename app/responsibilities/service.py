"""Duties and functions held, put together: who must do what, by which clause.

The law stands in memory; one statement reads who held what on the day. The pairs are made in their order, from the
cursor on, until the page is full.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import dropwhile, islice
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.agencies.schemas import AgencyRef
from app.kit.pages import Page, Paging
from app.kit.problems import InvalidCursor
from app.kit.text import fold
from app.law.book import law
from app.law.citing import Clause, citation
from app.law.functions import FunctionKey
from app.law.models import Bearer, Duty, Part
from app.responsibilities import queries
from app.responsibilities.schemas import ResponsibilityRead

Key = tuple[int, int, str, str]
"""The place of one item: its duty in the law, its bearer in the duty, its agency's sort key and id."""
KEY: TypeAdapter[Key] = TypeAdapter(Key)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list of responsibilities is narrowed by."""

    as_of: date
    agency: UUID | None = None
    function: FunctionKey | None = None
    provision: Clause | None = None
    part: Part | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """An agency and every function it holds on the day."""

    sort_key: str
    agency: AgencyRef
    functions: set[str] = field(default_factory=set)

    @property
    def place(self) -> tuple[str, str]:
        """Its place among others: Vietnamese order."""
        return self.sort_key, str(self.agency.id)


@dataclass(frozen=True, slots=True)
class Item:
    """One part in one duty, and the agency that has it."""

    key: Key
    duty: Duty
    bearer: Bearer
    agency: AgencyRef | None


async def list_responsibilities(session: AsyncSession, wanted: Wanted, paging: Paging) -> Page[ResponsibilityRead]:
    """One page: in the order of the law, of the parts in a duty, and of the agencies' names."""
    after = _place(paging.after)
    holders = await _holders(session, wanted)
    rest = dropwhile(lambda item: item.key <= after, _items(wanted, holders))
    # One more than asked for tells whether another page follows.
    found = list(islice(rest, paging.limit + 1))
    shown = found[: paging.limit]
    return paging.page([_read(item) for item in shown], shown[-1].key if len(found) > paging.limit else None)


def _place(after: Sequence[Any] | None) -> Key:
    if after is None:
        return -1, -1, "", ""
    try:
        return KEY.validate_python(tuple(after))
    except ValidationError as error:
        raise InvalidCursor from error


async def _holders(session: AsyncSession, wanted: Wanted) -> Sequence[Holder]:
    """The agencies that hold something on the day, in Vietnamese order."""
    found: dict[UUID, Holder] = {}
    rows = await session.execute(queries.holdings(wanted.as_of, wanted.agency))
    for function, slug, name in rows:
        agency = AgencyRef(id=name.agency_id, slug=slug, name_vi=name.name_vi)
        holder = found.setdefault(agency.id, Holder(name.sort_key, agency))
        holder.functions.update(law().with_wider(function))
    return sorted(found.values(), key=lambda holder: holder.place)


def _items(wanted: Wanted, holders: Sequence[Holder]) -> Iterator[Item]:
    """Every item in its order; a part that no agency has on the day stands there without one."""
    for place, duty in enumerate(law().duties.values()):
        if not _meant(duty, wanted):
            continue
        for number, bearer in enumerate(duty.bearers):
            if (wanted.function or bearer.function, wanted.part or bearer.part) != (bearer.function, bearer.part):
                continue
            borne = [holder for holder in holders if bearer.borne_by(holder.functions)]
            for holder in borne:
                yield Item((place, number, *holder.place), duty, bearer, holder.agency)
            if not borne and not wanted.agency:
                yield Item((place, number, "", ""), duty, bearer, None)


def _meant(duty: Duty, wanted: Wanted) -> bool:
    """Whether the duty is in force on the day, at or below the provision, and speaks of what is looked for."""
    instrument = law().instruments[law().provisions[duty.provision].instrument]
    ended = instrument.effective_to is not None and instrument.effective_to <= wanted.as_of
    if wanted.as_of < instrument.effective_from or ended:
        return False
    if wanted.provision and wanted.provision not in _places(duty):
        return False
    return wanted.q is None or _speaks(duty, fold(wanted.q))


def _speaks(duty: Duty, words: str) -> bool:
    return bool(words) and words in _folded()[duty.id]


def _places(duty: Duty) -> Iterator[str]:
    """The duty, its provision and everything that stands in."""
    yield duty.id
    place: str | None = duty.provision
    while place:
        yield place
        place = law().provisions[place].parent


@cache
def _folded() -> Mapping[str, str]:
    """The words of each duty and of its provision, as search compares them."""
    return {
        duty.id: "\n".join(map(fold, (duty.title_vi, duty.summary_en, law().provisions[duty.provision].printed)))
        for duty in law().duties.values()
    }


def _read(item: Item) -> ResponsibilityRead:
    duty = item.duty
    return ResponsibilityRead(
        duty=duty.id,
        provision=duty.provision,
        citation_vi=citation(duty.provision, "vi"),
        citation_en=citation(duty.provision, "en"),
        title_vi=duty.title_vi,
        summary_en=duty.summary_en,
        function=item.bearer.function,
        external=law().functions[item.bearer.function].external,
        part=item.bearer.part,
        agency=item.agency,
        cadence=duty.cadence,
        due=duty.due,
        produces=list(duty.produces),
        areas=list(duty.areas),
    )
