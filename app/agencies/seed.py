"""Loading the register from data: running it again changes nothing."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from app.access.actor import OPERATOR
from app.access.models import FunctionHeld
from app.agencies.codes import canonical
from app.agencies.models import Agency, AgencyAlias, AgencyCode, AgencyName, AgencyParent
from app.agencies.rules import REGISTERED
from app.kit.text import fold, sort_key
from app.law.book import law
from app.trail.record import Subject, record


async def seed(session: AsyncSession) -> int:
    """Add the agencies of 2013 that are not there yet; how many were added."""
    data = tomllib.loads((files("app.agencies") / "data" / "agencies-2013.toml").read_text("utf-8"))
    known: dict[str, UUID] = {row.slug: row.id for row in await session.execute(select(Agency.slug, Agency.id))}
    added = 0
    for entry in data["agencies"]:
        if entry["slug"] in known:
            continue
        known[entry["slug"]] = await _add(session, entry, known, data["from"], data["legal_document"])
        added += 1
    return added


async def _add(
    session: AsyncSession, entry: dict[str, Any], known: dict[str, UUID], start: date, document: str
) -> UUID:
    agency = Agency(slug=entry["slug"], kind=entry["kind"], head_title=entry.get("head_title"), valid_from=start)
    dated: dict[str, Any] = {"agency_id": agency.id, "valid_from": start}
    spelled = " ".join((entry["name_vi"], entry["name_en"], entry.get("short_name", ""), entry["slug"]))
    session.add(agency)
    await session.flush()  # before the rows that point at it
    session.add(
        AgencyName(
            **dated,
            name_vi=entry["name_vi"],
            name_en=entry["name_en"],
            short_name=entry.get("short_name"),
            folded=fold(spelled),
            sort_key=sort_key(entry["name_vi"]),
        )
    )
    session.add_all(
        AgencyCode(**dated, scheme=scheme, value=canonical(value)) for scheme, value in entry.get("codes", {}).items()
    )
    session.add_all(AgencyAlias(agency_id=agency.id, alias=a, folded=fold(a)) for a in entry.get("aliases", ()))
    if "parent" in entry:
        session.add(AgencyParent(**dated, parent_id=known[entry["parent"]]))
    session.add_all(
        FunctionHeld(**dated, function=key, singleton=law().functions[key].singleton, legal_document=document)
        for key in entry.get("functions", ())
    )
    record(session, OPERATOR, REGISTERED, Subject(agency.id, agency.version, agency.id))
    return agency.id
