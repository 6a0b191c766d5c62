"""The procedure of an agency's report, with its law and its permissions (QC.D7.K3, QC.D8.K8)."""

from app.access.grants import Scope
from app.flow.submission_rules import Scopes, SubmissionRules
from app.law.citing import clause
from app.trail.record import EventType

ANNUAL, AD_HOC = clause("QC.D7.K3-a"), clause("QC.D7.K3-b")
REPORT = SubmissionRules(
    "report",
    "báo cáo",
    "a report",
    send=clause("QC.D7.K3"),
    review=clause("QC.D8.K8"),
    scopes=Scopes(Scope.reports_read, Scope.reports_write, Scope.reports_submit, Scope.reports_review),
)
LATE = EventType("report.late", "report", "Báo cáo gửi muộn", "A report was submitted late", REPORT.provisions)
EVENTS = (*REPORT.events, LATE)
