"""What may be done with guidance of the press (QC.D8.K3, QC.D8.K7, QC.D9.K1): it is issued, and may be taken back."""

from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.law.citing import clause, clauses
from app.press.guidance_models import GuidanceState as S
from app.press.guidance_schemas import WithdrawGuidance
from app.trail.record import EventType

PROVISIONS = tuple(map(str, clauses("QC.D8.K3", "QC.D8.K7", "QC.D9.K1")))

ISSUED = EventType(
    "press_guidance.issued", "press_guidance", "Báo chí được hướng dẫn", "The press was guided", PROVISIONS
)
WITHDRAWN = EventType(
    "press_guidance.withdrawn", "press_guidance", "Hướng dẫn báo chí được rút lại", "Guidance was withdrawn", PROVISIONS
)
EVENTS = (ISSUED, WITHDRAWN)

PRESS_GUIDANCE = Machine(
    initial=S.issued,
    moves=(
        Move(
            "withdraw", frozenset({S.issued}), S.withdrawn, Scope.press_guide, Party.owner, clause("QC.D8.K7"),
            WITHDRAWN, WithdrawGuidance, "Take guidance of the press back.",
        ),
    ),
)  # fmt: skip
