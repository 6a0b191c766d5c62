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

FOCAL_POINT_PROVISION = clause("QC.D7.K4")
FOCAL_POINT_CHANGED = EventType(
    "focal_point.changed",
    "focal_point",
    "Đầu mối của cơ quan thay đổi",
    "An agency's focal point changed",
    (FOCAL_POINT_PROVISION,),
)
