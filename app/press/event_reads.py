"""How press events are read."""

from typing import Any

from sqlalchemy import Text, cast
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import col

from app.flow import reads
from app.kit.reads import Shape, fixed
from app.press import event_queries, event_rules
from app.press.event_models import PressEvent as E
from app.press.event_schemas import PressEventRead, PressEventSummary

_PUBLIC = event_queries.public_state()
_SHORT: dict[str, Any] = {"public_state": _PUBLIC, "etag": reads.tag(E, cast(_PUBLIC, Text))}
SUMMARY = Shape(PressEventSummary, E, event_queries.visible, event_queries.BETWEEN, **_SHORT)
WHOLE = Shape(
    PressEventRead,
    E,
    event_queries.visible,
    **_SHORT,
    spokesperson=cast(col(E.spokesperson), JSON),
    proceedings=cast(col(E.proceedings), JSON),
    allowed_moves=reads.moves(E),
    provisions=fixed(event_rules.PROVISIONS),
)
