"""Reading the register as it stood on a day, and putting focal points in charge."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.access.models import FunctionHeld
from app.agencies import queries
from app.agencies.codes import canonical
from app.agencies.models import Agency, AgencyAlias, AgencyCode, AgencyName, AgencyParent, FocalPoint
from app.agencies.rules import FOCAL_POINT_CHANGED, FOCAL_POINT_PROVISION
from app.agencies.schemas import (
    AgencyDetail,
    AgencyRead,
    AgencyRef,
    CodeRead,
    FocalPointList,
    FocalPointRead,
    FocalPointWrite,
    FunctionRead,
    HolderRead,
    HoldingRead,
    NameRead,
)
from app.kit.clock import now, today
from app.kit.db import found_row
from app.kit.etag import Expected, etag
from app.kit.pages import Page, Paging, fetch
from app.kit.problems import NotFound, NotPermitted, PreconditionRequired
from app.law.book import law
from app.trail.record import Subject, record

PROVISIONS = ["QD.D4", "QC.D6.K1"]


@dataclass(frozen=True, slots=True)
class AgencyFilter:
    """What a list of agencies is narrowed by."""

    as_of: date
    q: str | None = None
    kind: str | None = None
    function: str | None = None
    parent: UUID | None = None


async def list_agencies(session: AsyncSession, wanted: AgencyFilter, paging: Paging) -> Page[AgencyRead]:
    """One page of agencies, in Vietnamese order."""
    statement = queries.names(wanted.as_of)
    if wanted.q:
        statement = queries.found_by(statement, wanted.q)
    if wanted.kind:
        statement = queries.of_kind(statement, wanted.kind)
    if wanted.function:
        statement = queries.holding(statement, wanted.function, wanted.as_of)
    if wanted.parent:
        statement = queries.below(statement, wanted.parent, wanted.as_of)
    order = (col(AgencyName.sort_key), col(AgencyName.agency_id))
    rows, last = await fetch(session, statement, order, paging)
    return paging.page(await _shown(session, rows, wanted.as_of), last)


async def read_agency(session: AsyncSession, id: UUID, as_of: date) -> AgencyDetail:
    """One agency with its history."""
    names = (await session.scalars(select(AgencyName).where(AgencyName.agency_id == id))).all()
    names = sorted(names, key=lambda name: name.valid_from)
    if not names:
        raise NotFound
    # Before its first name and after its last one the nearest name is shown.
    current = next((n for n in reversed(names) if n.valid_from <= as_of), names[0])
    (shown,) = await _shown(session, [current], as_of)
    held = await session.scalars(
        select(FunctionHeld)
        .where(FunctionHeld.agency_id == id)
        .order_by(col(FunctionHeld.valid_from), col(FunctionHeld.function))
    )
    aliases = await session.scalars(
        select(AgencyAlias.alias).where(AgencyAlias.agency_id == id).order_by(col(AgencyAlias.alias))
    )
    return AgencyDetail(
        **shown.model_dump(),
        names=[_name(name) for name in names],
        aliases=list(aliases),
        holdings=[_holding(row) for row in held],
        provisions=PROVISIONS,
    )


async def read_by_code(session: AsyncSession, code: str, as_of: date) -> AgencyDetail:
    """The agency that has a code, in either form of the electronic identifier."""
    id = await session.scalar(queries.coded(canonical(code), as_of))
    if id is None:
        raise NotFound
    return await read_agency(session, id, as_of)


async def read_functions(session: AsyncSession, as_of: date) -> list[FunctionRead]:
    """Every function of the regulation with its holders on a day."""
    held = (await session.scalars(select(FunctionHeld).where(queries.on(FunctionHeld, as_of)))).all()
    refs = await refs_of(session, {row.agency_id for row in held}, as_of)
    holders: dict[str, list[HolderRead]] = defaultdict(list)
    for row in sorted(held, key=lambda row: list(refs).index(row.agency_id)):
        holder = HolderRead(agency=refs[row.agency_id], valid_from=row.valid_from, valid_to=row.valid_to)
        holders[row.function].append(holder)
    return [
        FunctionRead(
            function=key,
            title_vi=function.title_vi,
            title_en=function.title_en,
            singleton=function.singleton,
            external=function.external,
            holders=holders[key],
        )
        for key, function in law().functions.items()
    ]


async def refs_of(session: AsyncSession, ids: Iterable[UUID], as_of: date) -> Mapping[UUID, AgencyRef]:
    """Short references to agencies, named as on the day, in Vietnamese order."""
    rows = await session.execute(
        select(Agency.id, Agency.slug, AgencyName.name_vi)
        .join(AgencyName, col(AgencyName.agency_id) == col(Agency.id))
        .where(col(Agency.id).in_(set(ids)), queries.on(AgencyName, as_of))
        .order_by(col(AgencyName.sort_key))
    )
    return {id: AgencyRef(id=id, slug=slug, name_vi=name) for id, slug, name in rows}


async def list_slugs(session: AsyncSession) -> list[tuple[str, str]]:
    """The slug and present name of every agency, in Vietnamese order."""
    ids = await session.scalars(queries.names(today()).with_only_columns(col(AgencyName.agency_id)))
    refs = await refs_of(session, ids, today())
    return [(ref.slug, ref.name_vi) for ref in refs.values()]


async def _shown(session: AsyncSession, names: Sequence[AgencyName], day: date) -> list[AgencyRead]:
    """Agencies for these names: four statements, however many there are."""
    ids = {name.agency_id for name in names}
    agencies = {a.id: a for a in await session.scalars(select(Agency).where(col(Agency.id).in_(ids)))}
    codes: dict[UUID, list[CodeRead]] = defaultdict(list)
    for code in await session.scalars(
        select(AgencyCode)
        .where(col(AgencyCode.agency_id).in_(ids), queries.on(AgencyCode, day))
        .order_by(col(AgencyCode.scheme))
    ):
        codes[code.agency_id].append(CodeRead.model_validate(code, from_attributes=True))
    held: dict[UUID, list[HoldingRead]] = defaultdict(list)
    for row in await session.scalars(
        select(FunctionHeld)
        .where(col(FunctionHeld.agency_id).in_(ids), queries.on(FunctionHeld, day))
        .order_by(col(FunctionHeld.function))
    ):
        held[row.agency_id].append(_holding(row))
    belongs = await session.scalars(
        select(AgencyParent).where(col(AgencyParent.agency_id).in_(ids), queries.on(AgencyParent, day))
    )
    parent_of = {row.agency_id: row.parent_id for row in belongs}
    parents = await refs_of(session, parent_of.values(), day)
    return [
        AgencyRead(
            id=agency.id,
            slug=agency.slug,
            kind=agency.kind,
            name=_name(name),
            head_title=agency.head_title,
            status="active" if agency.valid_to is None or day < agency.valid_to else "dissolved",
            valid_from=agency.valid_from,
            valid_to=agency.valid_to,
            parent=parents.get(parent_of[agency.id]) if agency.id in parent_of else None,
            codes=codes[agency.id],
            functions=held[agency.id],
            etag=etag(agency.version, day),
        )
        for name, agency in ((name, agencies[name.agency_id]) for name in names)
    ]


def _name(row: AgencyName) -> NameRead:
    return NameRead.model_validate(row, from_attributes=True)


def _holding(row: FunctionHeld) -> HoldingRead:
    return HoldingRead.model_validate(row, from_attributes=True)


async def read_focal_point(session: AsyncSession, agency_id: UUID) -> FocalPointRead:
    """Who is in charge now."""
    row = await found_row(session, queries.focal_point(agency_id))
    return _focal_point(row)


async def list_focal_points(session: AsyncSession, agency_id: UUID) -> FocalPointList:
    """Everybody who was in charge."""
    if await session.get(Agency, agency_id) is None:
        raise NotFound
    rows = await session.scalars(queries.focal_points(agency_id).order_by(col(FocalPoint.id).desc()).limit(500))
    return FocalPointList(items=[_focal_point(row) for row in rows])


async def assign_focal_point(
    session: AsyncSession, actor: Actor, agency_id: UUID, expected: Expected | None, body: FocalPointWrite
) -> tuple[FocalPointRead, bool]:
    """Put somebody in charge of one's own agency; whoever was before is kept. Also: whether it is the first."""
    if await session.get(Agency, agency_id) is None:
        raise NotFound
    if agency_id != actor.agency_id:
        raise NotPermitted(provisions=[FOCAL_POINT_PROVISION])
    statement = queries.focal_point(agency_id).with_for_update()
    before = (await session.scalars(statement)).one_or_none()
    version = 1
    if before is not None:
        if expected is None:
            raise PreconditionRequired
        expected.check(before.version, _focal_point(before).etag)
        version, before.ended_at = before.version + 1, now()
        await session.flush()
    facts = body.model_dump(mode="json", exclude={"no_state_secret"})
    row = FocalPoint(**facts, agency_id=agency_id, assigned_by=actor.client_id, version=version)
    session.add(row)
    record(session, actor, FOCAL_POINT_CHANGED, Subject(agency_id, version, agency_id))
    return _focal_point(row), before is None


def _focal_point(row: FocalPoint) -> FocalPointRead:
    facts = row.model_dump(include=set(FocalPointRead.model_fields))
    return FocalPointRead(**facts, provisions=[FOCAL_POINT_PROVISION], etag=etag(row.version, row.ended_at))
