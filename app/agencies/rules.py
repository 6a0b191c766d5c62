"""What the register tells of."""

from app.law.citing import clause
from app.trail.record import EventType

REGISTERED = EventType(
    "agency.registered",
    "agency",
    "Cơ quan được đưa vào danh bạ",
    "An agency entered the register",
    (clause("QC.D6.K1"),),
)
