"""What the log tells of clients and keys."""

from app.trail.record import EventType

CREATED = EventType("client.created", "client", "Hệ thống được đăng ký", "A client was registered")
ROTATED = EventType("client.secret_rotated", "client", "Mật khẩu hệ thống được thay", "A client's secret was rotated")
REVOKED = EventType("client.revoked", "client", "Hệ thống bị thu hồi", "A client was revoked")
EVENTS = (CREATED, ROTATED, REVOKED)
