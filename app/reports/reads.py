"""How reports are read: their schemas, and what is not simply a column."""

from sqlmodel import col

from app.flow.reads import short, whole
from app.kit.reads import Shape, listed
from app.reports.models import Report
from app.reports.queries import visible
from app.reports.rules import REPORT
from app.reports.schemas import DifficultyRead, IndicatorRead, ReportRead, ReportSummary, SectionRead

SUMMARY = Shape(ReportSummary, Report, visible, **short(Report))
WHOLE = Shape(
    ReportRead,
    Report,
    visible,
    **whole(Report, REPORT.provisions),
    sections=listed(SectionRead, Report, col(Report.sections)),
    indicators=listed(IndicatorRead, Report, col(Report.indicators)),
    difficulties=listed(DifficultyRead, Report, col(Report.difficulties)),
)
