"""The way of a consolidated report to the People's Committee (QC.D8.K8, QD.D2)."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause
from app.reports.consolidated_models import ConsolidatedState as S
from app.reports.consolidated_schemas import (
    AcknowledgeConsolidated,
    DirectConsolidated,
    ReturnConsolidated,
    SubmitConsolidated,
)
from app.trail.record import EventType

OWED = clause("QC.D8.K8")
PROVISIONS = (str(OWED), str(clause("QD.D2")))
# What the coordinator puts before the committee, it does as its adviser.
ADVISED = (*PROVISIONS, str(clause("QC.D8.K1")))


def _event(name: str, title_vi: str, title_en: str, cited: tuple[str, ...] = PROVISIONS) -> EventType:
    return EventType(f"consolidated_report.{name}", "consolidated_report", title_vi, title_en, cited)


BUILT = _event("built", "Báo cáo tổng hợp được lập", "A consolidated report was built")
REBUILT = _event("rebuilt", "Báo cáo tổng hợp được lập lại", "A consolidated report was built again")
SUBMITTED = _event("submitted", "Báo cáo tổng hợp được trình", "A consolidated report was sent up", ADVISED)
RETURNED = _event("returned", "Báo cáo tổng hợp bị trả lại", "A consolidated report was returned")
ACKNOWLEDGED = _event("acknowledged", "Báo cáo tổng hợp được ghi nhận", "A consolidated report was acknowledged")
DIRECTED = _event("directed", "Có chỉ đạo về báo cáo tổng hợp", "Directions were given on a consolidated report")
EVENTS = (BUILT, REBUILT, SUBMITTED, RETURNED, ACKNOWLEDGED, DIRECTED)

DRAFTS = frozenset({S.draft, S.returned})
SENT = frozenset({S.submitted})

CONSOLIDATED = Machine(
    initial=S.draft,
    moves=(
        Move(
            "submit", DRAFTS, S.submitted, Scope.reports_consolidate, Party.owner, OWED, SUBMITTED, SubmitConsolidated,
            "Send the consolidated report to the People's Committee.",
        ),
        Move(
            "return", SENT, S.returned, Scope.reports_decide, Party.reviewer, OWED, RETURNED, ReturnConsolidated,
            "Return the consolidated report to the coordinator.",
        ),
        Move(
            "acknowledge", SENT, S.acknowledged, Scope.reports_decide, Party.reviewer, OWED, ACKNOWLEDGED,
            AcknowledgeConsolidated, "Take note of the consolidated report.",
        ),
        Move(
            "direct", frozenset({S.submitted, S.acknowledged}), S.directed, Scope.reports_decide, Party.reviewer,
            OWED, DIRECTED, DirectConsolidated, "Say what is to be done.",
        ),
    ),
)  # fmt: skip
