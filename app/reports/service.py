"""What is a report's own among the verbs of submissions."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.papers import Parts, Slot
from app.flow.procedure import recorded
from app.kit.failures import BadField
from app.obligations.receipts import Owed, Receipt
from app.obligations.received import Received
from app.reports import queries, request_queries
from app.reports.models import Report, ReportKind
from app.reports.reads import SUMMARY, WHOLE
from app.reports.rules import AD_HOC, ANNUAL, LATE, REPORT
from app.reports.schemas import ReportRead, ReportWrite


class Reports(Received[Report, ReportWrite, ReportRead]):
    """The agencies' reports; everything stands in the row."""

    rules = REPORT
    table, write, read = Report, ReportWrite, ReportRead
    summary, whole = SUMMARY, WHOLE
    settled = ("kind", "year", "request_id")
    slots = (
        Slot("uq_report_annual", ReportKind.annual, "year"),
        Slot("uq_report_request", ReportKind.ad_hoc, "request_id"),
    )

    def visible(self, actor: Actor) -> SelectOfScalar[Report]:
        """Its own agency's; everybody's for those who read all."""
        return queries.visible(actor)

    async def parts(self, session: AsyncSession, row: Report) -> Parts:
        """The request that it answers, if any."""
        return (await session.scalars(request_queries.asking(row.agency_id, [row.request_id]))).all()

    async def parts_of(self, session: AsyncSession, rows: Sequence[Report]) -> Mapping[UUID, Parts]:  # noqa: ARG002
        """Nothing that is written with a report hangs on it."""
        return {row.id: () for row in rows}

    async def faults(
        self, session: AsyncSession, actor: Actor, bodies: Sequence[ReportWrite]
    ) -> Mapping[int, BadField]:
        """Only a request that asks this agency can be answered."""
        named = {body.request_id for body in bodies if body.request_id}
        if not named:
            return {}
        assert actor.agency_id is not None
        asked = {row.id for row in await session.scalars(request_queries.asking(actor.agency_id, list(named)))}
        return {
            place: BadField("unknown_request", "request_id")
            for place, body in enumerate(bodies)
            if body.request_id and body.request_id not in asked
        }

    async def check_submit(self, session: AsyncSession, row: Report, parts: Parts) -> None:  # noqa: ARG002
        """The annual report evaluates the effect of the year's work (QC.D7.K3); an answer holds what was asked."""
        if row.kind == ReportKind.annual and not row.effect_evaluation:
            raise BadField("no_effect_evaluation", "effect_evaluation")
        for request in parts:
            areas = {section["area"] for section in row.sections}
            figures = {(item["code"], item["unit"]) for item in row.indicators}
            for area in request.template["sections"]:
                if area not in areas:
                    raise BadField("section_asked", "sections", area=area)
            for item in request.template["indicators"]:
                if (item["code"], item["unit"]) not in figures:
                    raise BadField("indicator_asked", "indicators", indicator=item["code"], unit=item["unit"])

    def owed(self, row: Report) -> Owed | None:
        """The report of its year, or the answer to its request; nobody owes an interim one."""
        match row.kind:
            case ReportKind.annual:
                return Owed(ANNUAL, row.agency_id, row.period)
            case ReportKind.ad_hoc:
                return Owed(AD_HOC, row.agency_id, row.period, row.request_id)
        return None

    def judged(self, session: AsyncSession, actor: Actor, row: Report, receipt: Receipt) -> None:
        """Its lateness, fixed by the first time it arrives."""
        row.late = receipt.late
        if receipt.late and receipt.first:
            recorded(session, actor, row, LATE)

    async def on_withdrawn(self, session: AsyncSession, actor: Actor, row: Report) -> None:
        """It was taken back, and its lateness with it."""
        await super().on_withdrawn(session, actor, row)
        row.late = None


REPORTS = Reports()
