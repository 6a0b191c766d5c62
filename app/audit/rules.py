"""What the log tells of its own readers."""

from app.trail.record import EventType

READING = "audit_reading"
READ = EventType("audit_reading.read", READING, "Nhật ký được đọc", "The audit was read")
EXPORTED = EventType("audit_reading.exported", READING, "Nhật ký được xuất", "The audit was exported")
EVENTS = (READ, EXPORTED)
