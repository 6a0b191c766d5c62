"""What the log tells of endpoints and their deliveries."""

from app.trail.record import EventType


def _event(name: str, title_vi: str, title_en: str, resource: str = "webhook_endpoint") -> EventType:
    return EventType(f"{resource}.{name}", resource, title_vi, title_en)


CREATED = _event("created", "Điểm nhận được đăng ký", "An endpoint was registered")
VERIFIED = _event("verified", "Điểm nhận đã trả lời lời thử và hoạt động", "An endpoint answered its challenge")
CHANGED = _event("changed", "Điểm nhận được sửa", "An endpoint was changed")
ROTATED = _event("secret_rotated", "Khóa bí mật của điểm nhận được thay", "An endpoint was given a new secret")
TESTED = _event("tested", "Sự kiện thử gửi tới điểm nhận", "A test event for an endpoint")
DEGRADED = _event("degraded", "Điểm nhận không trả lời đúng, tạm giữ các lần gửi", "An endpoint keeps failing")
RESUMED = _event("resumed", "Điểm nhận trả lời trở lại", "An endpoint answers again")
ENABLED = _event("enabled", "Điểm nhận được bật", "An endpoint was enabled")
DISABLED = _event("disabled", "Điểm nhận ngừng nhận", "An endpoint was disabled")
RECOVERY = _event("recovery_started", "Yêu cầu gửi lại cho điểm nhận", "A recovery was asked for")
DELETED = _event("deleted", "Điểm nhận bị xóa", "An endpoint was deleted")
REDELIVERED = _event("redelivered", "Một lần gửi được gửi lại", "A delivery was sent again", "webhook_delivery")
DISCARDED = _event("discarded", "Một lần gửi bị bỏ", "A delivery was discarded", "webhook_delivery")
EVENTS = (
    *(CREATED, VERIFIED, CHANGED, ROTATED, TESTED, DEGRADED, RESUMED, ENABLED, DISABLED, RECOVERY, DELETED),
    *(REDELIVERED, DISCARDED),
)
