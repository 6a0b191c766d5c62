"""Opening years and keeping the calendar: the coordinator's settings, and everything that follows from them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, select

from app.access.actor import Actor
from app.flow.documents import DocumentRead
from app.flow.procedure import differs
from app.kit.clock import now, today
from app.kit.etag import Expected, etag
from app.kit.failures import BadField
from app.kit.problems import PreconditionRequired
from app.obligations import rules
from app.obligations.deadlines import Terms, deadline, periods, warnings
from app.obligations.expected import periodic, settle, settle_watched
from app.obligations.models import ObligationDeadline, ObligationYear
from app.obligations.schemas import WarningRead, YearDeadlineRead, YearRead, YearWrite
from app.obligations.terms import chasing, defaults, opened, terms_of
from app.trail.record import Subject, record

WARNINGS = {
    "differs_from_clause": (
        "Công văn đặt ngày khác với ngày quy định nêu.",
        "The dispatch sets another date than the one the regulation names.",
    ),
    "cutoff_too_close": (
        "Không còn ngày làm việc nào giữa ngày chốt số liệu và hạn gửi (Nghị định 09/2019/NĐ-CP Điều 8).",
        "No working day is left between the cut-off and the last day on time (Decree 09/2019, Article 8).",
    ),
    "on_a_day_off": (
        "Ngày cuối đúng hạn là ngày nghỉ.",
        "The last day on time is a day off.",
    ),
    "locks_before_due": (
        "Ngày khóa sớm hơn hạn gửi.",
        "The lock comes before the deadline.",
    ),
}


async def read_year(session: AsyncSession, year: int) -> YearRead:
    """A year as it is run, opened or not."""
    return _shown(year, await opened(session, year), await terms_of(session, year))


async def write_year(
    session: AsyncSession, actor: Actor, year: int, expected: Expected | None, body: YearWrite
) -> tuple[YearRead, bool]:
    """Open a year or run it otherwise from now on; also whether it is new. The same settings again change nothing."""
    _check(body)
    setting = await opened(session, year, lock=True)
    is_new = setting is None
    facts = _facts(body)
    if setting is None:
        setting = ObligationYear(year=year, **facts)
        session.add(setting)
        await session.flush()  # before the deadlines that point at it
    else:
        if expected is None:
            raise PreconditionRequired
        expected.check(setting.version, etag(setting.version))
    altered = await _order(session, year, body) | differs(setting, facts)
    if altered and not is_new:
        setting.sqlmodel_update(facts)
        setting.version += 1
        setting.updated_at = now()
    if altered or is_new:
        kind = rules.YEAR_OPENED if is_new else rules.YEAR_CHANGED
        record(session, actor, kind, Subject(setting.id, setting.version, None, str(year)))
    await session.flush()
    # In the worker's order: two who settle never wait for each other.
    await settle_watched(session, actor, today())
    await settle(session, actor, year)
    return _shown(year, setting, await terms_of(session, year)), is_new


def _check(body: YearWrite) -> None:
    dated = {duty.id for duty in periodic() if duty.cadence == "annual"}
    for place, entry in enumerate(body.deadlines):
        if entry.duty not in dated:
            raise BadField("undated_duty", "deadlines", place, "duty")


def _facts(body: YearWrite) -> dict[str, Any]:
    usual = defaults()
    facts = body.model_dump(mode="json", exclude={"deadlines"}, exclude_none=True)
    return {
        "weekend_policy": facts.get("weekend_policy", usual["weekend_policy"]),
        "due_soon_days": facts.get("due_soon_days", usual["due_soon_days"]),
        "reminder_days": sorted(set(facts.get("reminder_days", usual["reminder_days"]))),
        # Left out: as usual; null: never.
        "escalate_after_days": body.escalate_after_days
        if "escalate_after_days" in body.model_fields_set
        else usual["escalate_after_days"],
        "document": body.document.model_dump(mode="json") if body.document else None,
    }


async def _order(session: AsyncSession, year: int, body: YearWrite) -> bool:
    """Make the year's dates what the body says; whether any changed."""
    rows = await session.scalars(select(ObligationDeadline).where(ObligationDeadline.year == year))
    before = {row.duty: row.model_dump(exclude={"year"}) for row in rows}
    after = {entry.duty: entry.model_dump() for entry in body.deadlines}
    if before == after:
        return False
    await session.execute(delete(ObligationDeadline).where(col(ObligationDeadline.year) == year))
    if after:
        await session.execute(insert(ObligationDeadline), [{"year": year, **entry} for entry in after.values()])
    return True


def _deadlines(year: int, terms: Terms) -> Iterator[YearDeadlineRead]:
    for duty in periodic():
        for period in periods(duty, year):
            due = deadline(duty, period, terms)
            yield YearDeadlineRead(
                duty=duty.id,
                period=period.key,
                kind=duty.produces[0],
                title_vi=duty.title_vi,
                rule=due.rule,
                source=due.source,
                last_on_time_date=due.last_on_time_date,
                due_before=due.due_before,
                data_cutoff=due.data_cutoff,
                locks_at=due.locks_at,
                warnings=[
                    WarningRead(code=code, title_vi=WARNINGS[code][0], title_en=WARNINGS[code][1])
                    for code in warnings(duty, period, terms)
                ],
            )


def _shown(year: int, setting: ObligationYear | None, terms: Terms) -> YearRead:
    chase = chasing(setting)
    document = setting.document if setting else None
    version = setting.version if setting else 0
    deadlines = list(_deadlines(year, terms))
    return YearRead(
        year=year,
        opened_at=setting.opened_at if setting else None,
        document=DocumentRead(**document) if document else None,
        weekend_policy=terms.weekend_policy,
        due_soon_days=terms.due_soon_days,
        reminder_days=list(chase.reminder_days),
        escalate_after_days=chase.escalate_after_days,
        deadlines=deadlines,
        version=version,
        provisions=list(rules.CHASE),
        # A holiday moves dates and raises no version.
        etag=etag(version, [shown.model_dump(mode="json") for shown in deadlines]),
    )
