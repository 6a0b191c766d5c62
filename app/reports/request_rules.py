"""What may be done to a report request, and by whom (QC.D7.K3): asked by the coordinator or the People's Committee."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.reports.request_models import RequestDisposition as S
from app.reports.request_schemas import CancelRequest, CloseRequest, ExtendRequest
from app.reports.rules import AD_HOC
from app.trail.record import EventType

PROVISIONS = (str(AD_HOC.provision.id),)


def _event(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"report_request.{name}", "report_request", title_vi, title_en, PROVISIONS)


ISSUED = _event("issued", "Yêu cầu báo cáo được gửi", "A report was requested")
COMPLETED = _event("completed", "Yêu cầu báo cáo đã được trả lời đủ", "Everybody has answered a report request")
REOPENED = _event("reopened", "Yêu cầu báo cáo lại còn thiếu", "An answer to a report request was taken back")
EXTENDED = _event("extended", "Yêu cầu báo cáo được gia hạn", "A report request got a later date")
CLOSED = _event("closed", "Yêu cầu báo cáo được khép lại", "A report request was closed")
CANCELLED = _event("cancelled", "Yêu cầu báo cáo bị hủy", "A report request was cancelled")
EVENTS = (ISSUED, COMPLETED, REOPENED, EXTENDED, CLOSED, CANCELLED)

OPEN = frozenset({S.open})

REQUEST = Machine(
    initial=S.open,
    told=(S.completed,),
    moves=(
        Move(
            "extend", OPEN, S.open, Scope.reports_request, Party.reviewer, AD_HOC, EXTENDED, ExtendRequest,
            "Give everybody who has not answered a later date.",
        ),
        Move(
            "close", OPEN, S.closed_with_missing, Scope.reports_request, Party.reviewer, AD_HOC, CLOSED, CloseRequest,
            "Wait for no more answers.",
        ),
        Move(
            "cancel", OPEN, S.cancelled, Scope.reports_request, Party.reviewer, AD_HOC, CANCELLED, CancelRequest,
            "Ask no longer.",
        ),
    ),
)  # fmt: skip
