"""The way of a plan of the province: built, sent up, approved, issued, amended, ended (QC.D8.K2, QC.D4.K1)."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause
from app.provincial.models import ProvincialState as S
from app.provincial.schemas import (
    ApproveProvincial,
    CloseProvincial,
    IssueProvincial,
    ReturnProvincial,
    SubmitProvincial,
    SupersedeProvincial,
)
from app.trail.record import EventType

OWED = clause("QC.D8.K2-a")
BUILT, DECIDED = clause("QC.D8.K2"), clause("QC.D4.K1")
PROVISIONS = (str(BUILT), str(DECIDED), str(clause("QC.D4.K3")))
# What the coordinator puts before the committee, it does as its adviser.
ADVISED = (*PROVISIONS, str(clause("QC.D8.K1")))


def _event(name: str, title_vi: str, title_en: str, cited: tuple[str, ...] = PROVISIONS) -> EventType:
    return EventType(f"provincial_plan.{name}", "provincial_plan", title_vi, title_en, cited)


DRAFTED = _event("drafted", "Kế hoạch của tỉnh được lập", "A plan of the province was drafted")
EDITED = _event("edited", "Kế hoạch của tỉnh được sửa", "A plan of the province was edited")
DELETED = _event("deleted", "Bản nháp kế hoạch của tỉnh bị xóa", "A draft plan of the province was deleted")
SUBMITTED = _event("submitted", "Kế hoạch của tỉnh được trình", "A plan of the province was sent up", ADVISED)
RETURNED = _event("returned", "Kế hoạch của tỉnh bị trả lại", "A plan of the province was returned")
APPROVED = _event("approved", "Kế hoạch của tỉnh được phê duyệt", "A plan of the province was approved")
ISSUED = _event("issued", "Kế hoạch của tỉnh được ban hành", "A plan of the province was issued")
AMENDED = _event("amended", "Kế hoạch của tỉnh được điều chỉnh", "A plan of the province was amended")
SUPERSEDED = _event("superseded", "Kế hoạch của tỉnh được thay thế", "A plan of the province was superseded")
CLOSED = _event("closed", "Kế hoạch của tỉnh kết thúc", "A plan of the province was closed")
EVENTS = (DRAFTED, EDITED, DELETED, SUBMITTED, RETURNED, APPROVED, ISSUED, AMENDED, SUPERSEDED, CLOSED)

DRAFTS = frozenset({S.draft, S.returned})
DELETABLE = frozenset({S.draft})
SENT = frozenset({S.submitted})
STANDING = frozenset({S.issued})

PROVINCIAL = Machine(
    initial=S.draft,
    told=(S.amended,),
    moves=(
        Move(
            "submit", DRAFTS, S.submitted, Scope.plans_consolidate, Party.owner, BUILT, SUBMITTED, SubmitProvincial,
            "Send the plan of the province to the People's Committee.",
        ),
        Move(
            "return", SENT, S.returned, Scope.plans_decide, Party.reviewer, DECIDED, RETURNED, ReturnProvincial,
            "Return the plan of the province to the coordinator.",
        ),
        Move(
            "approve", SENT, S.approved, Scope.plans_decide, Party.reviewer, DECIDED, APPROVED, ApproveProvincial,
            "Approve the plan of the province.",
        ),
        Move(
            "issue", frozenset({S.approved}), S.issued, Scope.plans_decide, Party.reviewer, BUILT, ISSUED,
            IssueProvincial, "Issue the plan of the province to all.",
        ),
        Move(
            "supersede", STANDING, S.superseded, Scope.plans_decide, Party.reviewer, DECIDED, SUPERSEDED,
            SupersedeProvincial, "Replace an issued plan of the province by another.",
        ),
        Move(
            "close", STANDING, S.closed, Scope.plans_consolidate, Party.owner, BUILT, CLOSED, CloseProvincial,
            "Close an issued plan of the province.",
        ),
    ),
)  # fmt: skip
