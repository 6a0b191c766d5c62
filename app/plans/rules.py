"""The procedure of an agency's plan, with its law and its permissions (QC.D7.K1, QC.D8.K2)."""

from app.access.grants import Scope
from app.flow.submission_rules import Scopes, SubmissionRules
from app.law.citing import clause

OWED = clause("QC.D7.K1-a")
PLAN = SubmissionRules(
    "plan",
    "kế hoạch",
    "a plan",
    send=clause("QC.D7.K1"),
    review=clause("QC.D8.K2"),
    scopes=Scopes(Scope.plans_read, Scope.plans_write, Scope.plans_submit, Scope.plans_review),
)
