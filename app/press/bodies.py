"""The agencies that a body names: they must be in the register today, and press bodies hold that function."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.agencies.models import Agency
from app.agencies.queries import holders, on
from app.kit.clock import today
from app.kit.failures import BadField
from app.press.event_rules import PRESS


async def check_agencies(session: AsyncSession, ids: Sequence[UUID], *at: str) -> None:
    """Refuse an agency that does not exist today."""
    if ids:
        known = select(Agency.id).where(col(Agency.id).in_(ids), on(Agency, today()))
        _check(ids, set(await session.scalars(known)), "unknown_agency", *at)


async def check_press(session: AsyncSession, ids: Sequence[UUID], *at: str) -> None:
    """Refuse what is no press body of the register today."""
    if ids:
        _check(ids, await _press(session), "not_a_press_body", *at)


async def press(session: AsyncSession, ids: Sequence[UUID], *at: str, everybody: bool) -> list[UUID]:
    """The press bodies meant, each once: those named, or every one of the register today."""
    await check_press(session, ids, *at)
    return sorted({*ids, *(await _press(session) if everybody else ())})


async def _press(session: AsyncSession) -> set[UUID]:
    return await holders(session, frozenset({PRESS}))


def _check(ids: Sequence[UUID], known: set[UUID], code: str, *at: str) -> None:
    for place, id in enumerate(ids):
        if id not in known:
            raise BadField(code, *at, place)
