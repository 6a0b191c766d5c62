"""How obligations and reminders are read: their schemas, and what is not simply a column."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Text, and_, bindparam, cast, func
from sqlalchemy import literal_column as words
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.documents import DocumentRead
from app.flow.machine import Machine
from app.kit.clock import now
from app.kit.db import Timestamptz
from app.kit.reads import Shape, fixed, inside, part, parts
from app.obligations import queries, reminder_queries, rules
from app.obligations.models import Disposition, Extension, Obligation, Reminder
from app.obligations.schemas import (
    ClosedRead,
    DeadlineRead,
    ExtensionRead,
    ObligationRead,
    ObligationSummary,
    ReminderRead,
    SubmissionRead,
)

_STATE = queries.state_at(bindparam("moment", type_=Timestamptz()))


def _closed(by: Disposition) -> Any:
    return part(
        ClosedRead,
        Obligation,
        and_(col(Obligation.state) == by, col(Obligation.closed_at).is_not(None)),
        reason=col(Obligation.closed_reason),
        at=col(Obligation.closed_at),
    )


_SHORT: dict[str, Any] = {
    "period": col(Obligation.period_key),
    "state": _STATE,
    "deadline": part(
        DeadlineRead,
        Obligation,
        col(Obligation.id).is_not(None),
        rule=col(Obligation.due_rule),
        source=col(Obligation.due_source),
        document=inside(DocumentRead, Obligation, col(Obligation.due_document)),
    ),
    "submission": part(
        SubmissionRead,
        Obligation,
        col(Obligation.resource_id).is_not(None),
        type=col(Obligation.resource_type),
        id=col(Obligation.resource_id),
        state=col(Obligation.resource_state),
    ),
    "nil_return": _closed(Disposition.nil_return),
    "waiver": _closed(Disposition.waived),
    "etag": reads.tag(Obligation, _STATE),
}

SUMMARY = Shape(ObligationSummary, Obligation, queries.visible, **_SHORT)
WHOLE = Shape(
    ObligationRead,
    Obligation,
    queries.visible,
    **_SHORT,
    extensions=parts(ExtensionRead, Extension, Obligation, col(Extension.id)),
    allowed_moves=reads.moves(Obligation),
    provisions=func.json_build_array(func.split_part(col(Obligation.duty), words("'-'"), 1)),
)
REMINDER = Shape(
    ReminderRead,
    Reminder,
    reminder_queries.visible,
    number=cast(col(Reminder.number), Text).concat(words("'/'")).concat(cast(col(Reminder.year), Text)),
    document=inside(DocumentRead, Reminder, col(Reminder.document)),
    etag=reads.tag(Reminder),
    allowed_moves=reads.moves(Reminder),
    provisions=fixed(rules.CHASE),
)


def values(machine: Machine, actor: Actor) -> Mapping[str, Any]:
    """The parameters of these statements."""
    return {**reads.values(machine, actor), "moment": now()}
