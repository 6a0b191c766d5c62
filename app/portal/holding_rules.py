"""What is told of private feeds."""

from app.law.citing import clause
from app.trail.record import EventType

LED = clause("QC.D8.K3")
PROVISIONS = (str(LED),)
CREATED = EventType(
    "press_feed.created", "press_feed", "Lịch riêng của cơ quan báo chí được lập", "A private calendar was made",
    PROVISIONS,
)  # fmt: skip
REVOKED = EventType(
    "press_feed.revoked", "press_feed", "Lịch riêng của cơ quan báo chí bị thu hồi", "A private calendar was revoked",
    PROVISIONS,
)  # fmt: skip
EVENTS = (CREATED, REVOKED)
