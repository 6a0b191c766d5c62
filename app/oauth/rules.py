"""What the log tells of clients and keys."""

from app.trail.record import EventType

CREATED = EventType("client.created", "client", "Hệ thống được đăng ký", "A client was registered")
ROTATED = EventType("client.secret_rotated", "client", "Mật khẩu hệ thống được thay", "A client's secret was rotated")
REVOKED = EventType("client.revoked", "client", "Hệ thống bị thu hồi", "A client was revoked")
KEY_ROTATED = EventType(
    "signing_key.rotated", "signing_key", "Khóa ký mã truy cập được thay", "The key that signs tokens was rotated"
)
KEY_RETIRED = EventType(
    "signing_key.retired", "signing_key", "Khóa ký mã truy cập bị hủy", "A key that signed tokens was retired"
)
EVENTS = (CREATED, ROTATED, REVOKED, KEY_ROTATED, KEY_RETIRED)
