"""The verbs of consolidated reports: build, build again, send up, take note, direct (QC.D8.K8)."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from app.access.actor import Actor
from app.agencies.models import AgencyName
from app.agencies.queries import called
from app.flow import reads
from app.flow.machine import Move
from app.flow.procedure import changed, differs, recorded, to_edit, to_move
from app.flow.submission import SubmissionState
from app.kit.canonical import hashed
from app.kit.clock import now
from app.kit.etag import Expected
from app.kit.failures import BadField
from app.kit.pages import Paging
from app.kit.problems import Conflict
from app.kit.reader import Reader
from app.obligations import receipts
from app.obligations.absent import absent
from app.reports import consolidated_queries as queries
from app.reports import consolidated_rules as rules
from app.reports import rules as report_rules
from app.reports.consolidated_models import ConsolidatedReport
from app.reports.consolidated_reads import SUMMARY, WHOLE
from app.reports.consolidated_schemas import (
    AcknowledgeConsolidated,
    ConsolidatedRead,
    ConsolidatedWrite,
    ConsolidateWrite,
    DirectConsolidated,
    ReturnConsolidated,
    SubmitConsolidated,
)
from app.reports.consolidation import Source, consolidated
from app.reports.hooks import DIFFICULTIES
from app.reports.models import Report, ReportKind
from app.reports.schemas import AREAS
from app.statistics.service import of_report

KIND = "consolidated_report"
CHANGED = (
    "Báo cáo của các cơ quan đã thay đổi từ khi lập. Lập lại (PUT) rồi trình.",
    "The agencies' reports have changed since it was built. Build it again (PUT), then send it.",
)


async def list_consolidated(reader: Reader, actor: Actor, wanted: Mapping[str, Any], paging: Paging) -> Response:
    """One page of those the actor may know about, newest first."""
    return await SUMMARY.page(reader, actor.shape, reads.values(rules.CONSOLIDATED, actor), wanted, paging)


async def read(reader: Reader, actor: Actor, id: UUID) -> Response:
    """One, whole."""
    return await WHOLE.one(reader, actor.shape, reads.values(rules.CONSOLIDATED, actor), id)


async def build(session: AsyncSession, actor: Actor, body: ConsolidateWrite) -> ConsolidatedRead:
    """Gather a year's accepted reports into one."""
    assert actor.agency_id is not None
    content = await _gathered(session, body.year, body)
    row = ConsolidatedReport(
        agency_id=actor.agency_id,
        state=rules.CONSOLIDATED.initial,
        created_by=actor.client_id,
        content=content,
        content_sha256=hashed(content),
        year=body.year,
        **_words(body),
    )
    session.add(row)
    recorded(session, actor, row, rules.BUILT)
    return await _shown(session, actor, row.id)


async def rebuild(
    session: AsyncSession, actor: Actor, id: UUID, expected: Expected, body: ConsolidatedWrite
) -> ConsolidatedRead:
    """Gather again, with the coordinator's words of now; what comes out the same is no change."""
    row = await to_edit(session, queries.one(actor, id), rules.CONSOLIDATED, rules.DRAFTS, actor, expected)
    content = await _gathered(session, row.year, body)
    facts = {**_words(body), "content": content, "content_sha256": hashed(content)}
    if differs(row, facts):
        row.sqlmodel_update(facts)
        changed(session, actor, row, rules.REBUILT)
    return await _shown(session, actor, id)


async def move(
    session: AsyncSession, actor: Actor, id: UUID, move: Move, expected: Expected, body: Any
) -> ConsolidatedRead:
    """Make one move of the procedure."""
    row = await to_move(session, queries.one(actor, id), rules.CONSOLIDATED, move, actor, expected)
    previous, row.state = row.state, move.target
    match body:
        case SubmitConsolidated():
            await _submit(session, actor, row, body)
        case ReturnConsolidated():
            row.decided_at, row.decision = now(), body.reason
            await _release(session, actor, row)
            await receipts.returned(session, actor, KIND, row)
        case AcknowledgeConsolidated():
            row.decided_at, row.decision = now(), body.note
            await receipts.accepted(session, actor, KIND, row)
        case DirectConsolidated():
            row.decided_at, row.decision = now(), body.direction
            row.decision_document = body.document.model_dump(mode="json") if body.document else None
            if previous not in queries.ISSUED:
                await receipts.accepted(session, actor, KIND, row)
    changed(session, actor, row, move.event, previous)
    return await _shown(session, actor, id)


async def _submit(session: AsyncSession, actor: Actor, row: ConsolidatedReport, body: SubmitConsolidated) -> None:
    """Freeze the inputs: what is in can no longer be taken back, and nothing else may have come meanwhile."""
    excluded = {UUID(item["report_id"]): item["reason"] for item in row.excluded}
    # Counted when it was built: work goes on between that and sending, and is no reason to build again.
    statistics = row.content.get("statistics")
    if hashed(await _content(session, row.year, excluded, statistics, lock=True)) != row.content_sha256:
        raise Conflict(*CHANGED)
    row.submitted_at, row.decided_at, row.decision = now(), None, None
    row.signatory = body.signatory.model_dump(mode="json") if body.signatory else None
    row.document = body.document.model_dump(mode="json") if body.document else None
    for report in await _included(session, row):
        report.state = SubmissionState.consolidated
        changed(session, actor, report, report_rules.REPORT.consolidated, SubmissionState.accepted)
    owed = receipts.Owed(rules.OWED, row.agency_id, row.period)
    await receipts.receive(session, actor, owed, row, KIND, row.submitted_at)


async def _release(session: AsyncSession, actor: Actor, row: ConsolidatedReport) -> None:
    """What was returned is built anew: the reports in it are open to their agencies again."""
    for report in await _included(session, row):
        report.state = SubmissionState.accepted
        changed(session, actor, report, report_rules.REPORT.released, SubmissionState.consolidated)


async def _included(session: AsyncSession, row: ConsolidatedReport) -> Sequence[Report]:
    ids = [UUID(item["report_id"]) for item in row.content["included"]]
    statement = select(Report).where(col(Report.id).in_(ids)).order_by(col(Report.id))
    return (await session.scalars(statement.with_for_update())).all()


def _words(body: ConsolidatedWrite) -> dict[str, Any]:
    """The coordinator's own words; what is left out has no order of its own."""
    words = body.model_dump(mode="json", include={"title", "summary", "proposals", "excluded"})
    words["excluded"].sort(key=lambda item: item["report_id"])
    return words


async def _gathered(session: AsyncSession, year: int, body: ConsolidatedWrite) -> dict[str, Any]:
    excluded = {item.report_id: item.reason for item in body.excluded}
    content = await _content(session, year, excluded, await of_report(session, year))
    known = {item["report_id"] for item in content["excluded"]}
    for place, item in enumerate(body.excluded):
        if str(item.report_id) not in known:
            raise BadField("unknown_report", "excluded", place, "report_id")
    return content


async def _content(
    session: AsyncSession,
    year: int,
    excluded: Mapping[UUID, str],
    statistics: Sequence[Mapping[str, Any]] | None,
    *,
    lock: bool = False,
) -> dict[str, Any]:
    sources = await _sources(session, year, lock=lock)
    met = [one for gather in DIFFICULTIES for one in await gather(session, year)]
    missing = await absent(session, report_rules.ANNUAL, year)
    return consolidated(year, sources, missing, excluded, AREAS, statistics, met)


async def _sources(session: AsyncSession, year: int, *, lock: bool) -> Sequence[Source]:
    """The accepted annual reports of a year, by the names their agencies had then."""
    statement = (
        select(Report, AgencyName.name_vi)
        .join(AgencyName, called(col(Report.agency_id), col(Report.accepted_at)))
        .where(Report.kind == ReportKind.annual, Report.year == year)
        .where(col(Report.state).in_([SubmissionState.accepted, SubmissionState.consolidated]))
        .order_by(col(Report.id))
    )
    rows = (await session.execute(statement.with_for_update(of=Report) if lock else statement)).all()
    return [
        Source(
            report_id=report.id,
            agency_id=report.agency_id,
            agency=name,
            late=report.late,
            sections=report.sections,
            effect_evaluation=report.effect_evaluation,
            indicators=report.indicators,
            difficulties=report.difficulties,
        )
        for report, name in rows
    ]


async def _shown(session: AsyncSession, actor: Actor, id: UUID) -> ConsolidatedRead:
    (shown,) = await WHOLE.within(session, actor.shape, reads.values(rules.CONSOLIDATED, actor), id)
    return cast("ConsolidatedRead", shown)
