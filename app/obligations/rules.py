"""What may be done to an obligation and to a reminder, and by whom (QD.D2, QC.D7, QC.D8.K2)."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause
from app.obligations.models import Disposition as S
from app.obligations.models import ReminderState
from app.obligations.schemas import Acknowledge, Escalate, Extend, NilReturn, Reinstate, RetractNilReturn, Waive
from app.trail.record import EventType

# No provision speaks of a nil return: to answer at all is a part of working with the coordinator.
OVERSIGHT, URGING, ANSWERING = clause("QD.D2"), clause("QC.D8.K2-b"), clause("QC.D6.K1")
CHASE = tuple(str(cited.provision.id) for cited in (OVERSIGHT, URGING))


def _event(resource: str, name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"{resource}.{name}", resource, title_vi, title_en, CHASE)


CREATED = _event("obligation", "created", "Nghĩa vụ phát sinh", "An obligation came up")
REDATED = _event("obligation", "redated", "Thời hạn thay đổi", "A deadline changed")
LAPSED = _event("obligation", "lapsed", "Nghĩa vụ không còn", "An obligation lapsed")
REVIVED = _event("obligation", "revived", "Nghĩa vụ có trở lại", "An obligation stands again")
DUE_SOON = _event("obligation", "due_soon", "Sắp đến hạn", "An obligation is due soon")
OVERDUE = _event("obligation", "overdue", "Quá hạn", "An obligation is overdue")
MET = _event("obligation", "met", "Đã nhận được", "What was owed was received")
RETURNED = _event("obligation", "returned", "Nội dung đã nhận bị trả lại", "What was received was returned")
VOIDED = _event("obligation", "voided", "Nội dung đã nhận bị thu hồi", "What was received was taken back")
ACCEPTED = _event("obligation", "accepted", "Đã tiếp nhận", "What was received was accepted")
NIL_RETURNED = _event("obligation", "nil_returned", "Báo không phát sinh", "A nil return was made")
NIL_RETRACTED = _event("obligation", "nil_retracted", "Thu hồi báo không phát sinh", "A nil return was taken back")
EXTENDED = _event("obligation", "extended", "Được gia hạn", "A deadline was extended")
WAIVED = _event("obligation", "waived", "Được miễn", "An obligation was waived")
REINSTATED = _event("obligation", "reinstated", "Hết được miễn", "An obligation stands again after a waiver")
YEAR_OPENED = _event("obligation_year", "opened", "Năm được mở", "A year was opened")
YEAR_CHANGED = _event("obligation_year", "changed", "Thiết lập của năm thay đổi", "The settings of a year changed")
DAY_SET = _event("calendar_day", "set", "Ngày nghỉ, ngày làm bù được ghi", "A day of the calendar was written")
DAY_CLEARED = _event("calendar_day", "cleared", "Ngày nghỉ, ngày làm bù bị bỏ", "A day of the calendar was cleared")
SENT = _event("reminder", "sent", "Đôn đốc được gửi", "A reminder was sent")
ACKNOWLEDGED = _event("reminder", "acknowledged", "Đôn đốc được xác nhận", "A reminder was acknowledged")
ESCALATED = _event(
    "reminder", "escalated", "Đôn đốc được báo cáo lên Ủy ban nhân dân tỉnh", "A reminder went up to the committee"
)
EVENTS = (
    CREATED, REDATED, LAPSED, REVIVED, DUE_SOON, OVERDUE, MET, RETURNED, VOIDED, ACCEPTED, NIL_RETURNED, NIL_RETRACTED,
    EXTENDED, WAIVED, REINSTATED, YEAR_OPENED, YEAR_CHANGED, DAY_SET, DAY_CLEARED, SENT, ACKNOWLEDGED, ESCALATED,
)  # fmt: skip

OPEN, NIL, WAIVED_ONCE = frozenset({S.open}), frozenset({S.nil_return}), frozenset({S.waived})

OBLIGATION = Machine(
    initial=S.open,
    told=(S.watched, S.received, S.accepted, S.lapsed),
    moves=(
        Move(
            "nil-return", OPEN, S.nil_return, Scope.obligations_write, Party.owner, ANSWERING, NIL_RETURNED, NilReturn,
            "Declare that there is nothing to send for the period.",
        ),
        Move(
            "retract-nil-return", NIL, S.open, Scope.obligations_write, Party.owner, ANSWERING, NIL_RETRACTED,
            RetractNilReturn, "Take a nil return back; the obligation stands again.",
        ),
        Move(
            "extend", OPEN, S.open, Scope.obligations_manage, Party.reviewer, OVERSIGHT, EXTENDED, Extend,
            "Give one agency a later date, with a reason.",
        ),
        Move(
            "waive", OPEN, S.waived, Scope.obligations_manage, Party.reviewer, OVERSIGHT, WAIVED, Waive,
            "Waive what one agency owes, with a reason.",
        ),
        Move(
            "reinstate", WAIVED_ONCE, S.open, Scope.obligations_manage, Party.reviewer, OVERSIGHT, REINSTATED,
            Reinstate, "End a waiver.",
        ),
    ),
)  # fmt: skip

REMINDER = Machine(
    initial=ReminderState.sent,
    moves=(
        Move(
            "acknowledge", frozenset({ReminderState.sent}), ReminderState.acknowledged, Scope.obligations_write,
            Party.owner, URGING, ACKNOWLEDGED, Acknowledge, "Acknowledge a reminder, and answer it.",
        ),
        Move(
            "escalate", frozenset({ReminderState.sent, ReminderState.acknowledged}), ReminderState.escalated,
            Scope.obligations_manage, Party.reviewer, OVERSIGHT, ESCALATED, Escalate,
            "Put what is still missing before the People's Committee.",
        ),
    ),
)  # fmt: skip
