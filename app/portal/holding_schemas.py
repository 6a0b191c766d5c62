"""Private feeds of press bodies on the wire."""

from uuid import UUID

from pydantic import BaseModel, Field

from app.flow.secrecy import Submitted
from app.kit.clock import Instant
from app.kit.text import Line
from app.portal.texts import FeedLanguage


class PressFeedWrite(Submitted):
    """A calendar of one's own press body."""

    name: Line = Field(description="What the calendar is called.", examples=["Lịch báo chí của tòa soạn"])
    language: FeedLanguage = "vi"


class PressFeedRead(BaseModel):
    """A private calendar, without its address."""

    id: UUID
    agency_id: UUID = Field(description="The press body.")
    name: str = Field(max_length=300)
    language: FeedLanguage
    version: int
    created_at: Instant
    etag: str = Field(max_length=64)


class PressFeedCreated(PressFeedRead):
    """A new private calendar, with its address: shown this once."""

    url: str = Field(
        max_length=2000,
        description="Give it to a calendar program. Whoever has it reads the calendar: keep it as a password is kept.",
    )
