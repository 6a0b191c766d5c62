"""What the log tells of endpoints."""

from app.trail.record import EventType


def _event(name: str, title_vi: str, title_en: str) -> EventType:
    return EventType(f"webhook_endpoint.{name}", "webhook_endpoint", title_vi, title_en)


CREATED = _event("created", "Điểm nhận được đăng ký", "An endpoint was registered")
CHANGED = _event("changed", "Điểm nhận được sửa", "An endpoint was changed")
DISABLED = _event("disabled", "Điểm nhận ngừng nhận", "An endpoint was disabled")
DELETED = _event("deleted", "Điểm nhận bị xóa", "An endpoint was deleted")
EVENTS = (CREATED, CHANGED, DISABLED, DELETED)
