"""The procedure of an agency's plan, with its law and its permissions, in one table (QC.D7.K1, QC.D8.K2)."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause
from app.plans.models import PlanState as S
from app.plans.schemas import Accept, Return, Submit, Withdraw
from app.trail.record import EventType

SEND, REVIEW = clause("QC.D7.K1"), clause("QC.D8.K2")
PROVISIONS = (SEND,)


def _event(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"plan.{name}", "plan", title_vi, title_en, PROVISIONS)


CREATED = _event("created", "Kế hoạch được lập", "A plan was drafted")
REPLACED = _event("replaced", "Kế hoạch được sửa", "A plan was edited")
DELETED = _event("deleted", "Bản nháp kế hoạch bị xóa", "A draft plan was deleted")
SUBMITTED = _event("submitted", "Kế hoạch được gửi", "A plan was submitted")
RETURNED = _event("returned", "Kế hoạch bị trả lại", "A plan was returned")
ACCEPTED = _event("accepted", "Kế hoạch được tiếp nhận", "A plan was accepted")
WITHDRAWN = _event("withdrawn", "Kế hoạch được thu hồi", "A plan was withdrawn")
REMARKED = _event("remarked", "Kế hoạch có ý kiến", "A plan was remarked on")
REMARK_ANSWERED = _event("remark_answered", "Ý kiến được giải trình", "A remark was answered")
REMARK_RESOLVED = _event("remark_resolved", "Ý kiến được khép lại", "A remark was resolved")
EVENTS = (
    CREATED, REPLACED, DELETED, SUBMITTED, RETURNED, ACCEPTED, WITHDRAWN,
    REMARKED, REMARK_ANSWERED, REMARK_RESOLVED,
)  # fmt: skip

DRAFTS = frozenset({S.draft, S.returned})
DELETABLE = frozenset({S.draft})
SENT = frozenset({S.submitted})
# Until the coordinator has built on it, an agency may take back what it sent; the event is the notice.
RECALLABLE = frozenset({S.submitted, S.returned, S.accepted})

SUBMIT = Move(
    "submit", DRAFTS, S.submitted, Scope.plans_submit, Party.owner, SEND, SUBMITTED, Submit,
    "Submit a plan to the coordinator.",
)  # fmt: skip
WITHDRAW = Move(
    "withdraw", RECALLABLE, S.withdrawn, Scope.plans_submit, Party.owner, SEND, WITHDRAWN, Withdraw,
    "Take back a plan that was sent.",
)  # fmt: skip
RETURN = Move(
    "return", SENT, S.returned, Scope.plans_review, Party.reviewer, REVIEW, RETURNED, Return,
    "Return a plan to its agency, with a reason.",
)  # fmt: skip
ACCEPT = Move(
    "accept", SENT, S.accepted, Scope.plans_review, Party.reviewer, REVIEW, ACCEPTED, Accept,
    "Accept a submitted plan.",
)  # fmt: skip

PLAN = Machine(initial=S.draft, moves=(SUBMIT, WITHDRAW, RETURN, ACCEPT))
