"""What is a report's own among the verbs of submissions."""

from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.flow.papers import Papers, Parts
from app.kit.failures import BadField
from app.reports import queries
from app.reports.models import Report, ReportKind
from app.reports.reads import SUMMARY, WHOLE
from app.reports.rules import REPORT
from app.reports.schemas import ReportRead, ReportWrite


class Reports(Papers[Report, ReportWrite, ReportRead]):
    """The agencies' reports; everything stands in the row."""

    rules = REPORT
    table, write, read = Report, ReportWrite, ReportRead
    summary, whole = SUMMARY, WHOLE

    def visible(self, actor: Actor) -> SelectOfScalar[Report]:
        """Its own agency's; everybody's for those who read all."""
        return queries.visible(actor)

    def check_submit(self, row: Report, parts: Parts) -> None:  # noqa: ARG002 - as every room is asked
        """The annual report evaluates the effect of the year's work (QC.D7.K3)."""
        if row.kind == ReportKind.annual and not row.effect_evaluation:
            raise BadField("no_effect_evaluation", "effect_evaluation")


REPORTS = Reports()
