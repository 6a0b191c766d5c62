"""The procedure of a press event (QC.D8.K3), and the events that tell of it."""

from app.access.actor import Actor
from app.access.grants import Scope
from app.flow.machine import Machine, Move, Party
from app.kit.problems import NotPermitted
from app.law.citing import Clause, clause, clauses
from app.press.event_models import EventState as S
from app.press.event_schemas import (
    AnnounceEvent,
    CancelEvent,
    HoldEvent,
    PostponeEvent,
    ProceedingsWrite,
    RescheduleEvent,
)
from app.trail.record import EventType

LED, GUIDED = clause("QC.D8.K3"), clause("QC.D8.K7")
PROVISIONS = tuple(map(str, clauses("QC.D8.K3", "QC.D7.K2", "QC.D4.K4", "QC.D8.K7")))
PRESS = "PRESS"


def _event(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"press_event.{name}", "press_event", title_vi, title_en, PROVISIONS)


SCHEDULED = _event("scheduled", "Sự kiện báo chí được lên lịch", "A press event was scheduled")
DELETED = _event("deleted", "Sự kiện báo chí đang soạn bị xóa", "A press event that was not announced was deleted")
ANNOUNCED = _event("announced", "Sự kiện báo chí được thông báo", "A press event was announced")
UPDATED = _event("updated", "Sự kiện báo chí được sửa", "A press event was edited")
POSTPONED = _event("postponed", "Sự kiện báo chí bị hoãn", "A press event was postponed")
RESCHEDULED = _event("rescheduled", "Sự kiện báo chí được dời lịch", "A press event was given another time")
CANCELLED = _event("cancelled", "Sự kiện báo chí bị hủy", "A press event was cancelled")
HELD = _event("held", "Sự kiện báo chí đã diễn ra", "A press event was held")
CONCLUDED = _event("concluded", "Sự kiện báo chí được kết thúc", "A press event was concluded")
RELEASED = _event("released", "Hết hạn cấm đưa tin", "The embargo on a press event has ended")
MATERIAL_RELEASED = _event(
    "material_released", "Hết hạn cấm đưa tin của tài liệu", "The embargo on materials of a press event has ended"
)
EVENTS = (
    SCHEDULED, DELETED, ANNOUNCED, UPDATED, POSTPONED, RESCHEDULED, CANCELLED, HELD, CONCLUDED, RELEASED,
    MATERIAL_RELEASED,
)  # fmt: skip

DRAFTS = frozenset({S.draft})
EDITABLE = frozenset({S.draft, S.announced, S.postponed})
TAKEN_PLACE = frozenset({S.held, S.concluded})
STANDING = EDITABLE | TAKEN_PLACE
"""All but the cancelled."""
COMING = frozenset({S.announced, S.postponed})
ON = frozenset({S.announced})

PRESS_EVENT = Machine(
    initial=S.draft,
    moves=(
        Move(
            "announce", DRAFTS, S.announced, Scope.press_write, Party.owner, LED, ANNOUNCED, AnnounceEvent,
            "Announce a press event to those who may know of it.",
        ),
        Move(
            "postpone", ON, S.postponed, Scope.press_write, Party.owner, LED, POSTPONED, PostponeEvent,
            "Postpone a press event; the new time is not known yet.",
        ),
        Move(
            "reschedule", COMING, S.announced, Scope.press_write, Party.owner, LED, RESCHEDULED, RescheduleEvent,
            "Give an announced or postponed press event another time.",
        ),
        Move(
            "cancel", COMING, S.cancelled, Scope.press_write, Party.owner, LED, CANCELLED, CancelEvent,
            "Cancel a press event that was announced.",
        ),
        Move(
            "hold", ON, S.held, Scope.press_write, Party.owner, LED, HELD, HoldEvent,
            "Say that a press event has taken place.",
        ),
        Move(
            "conclude", frozenset({S.held}), S.concluded, Scope.press_write, Party.owner, GUIDED, CONCLUDED,
            ProceedingsWrite, "Conclude a press event with its attendance and minutes.",
        ),
    ),
)  # fmt: skip


def check_bearer(actor: Actor, provision: Clause) -> None:
    """Refuse what the regulation gives to holders of other functions."""
    if not any(duty.owed_by(actor.functions) for duty in provision.duties):
        raise NotPermitted(provisions=[provision])
