"""What a fast read of a resource with a procedure derives beside its columns: the tag and the moves.

Both depend on the row's state and on whether it is the actor's own, and for one actor there are few of each: they are
worked out by the machine once, go to PostgreSQL as the parameter `marks`, and are put into each row there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, cast, func, select
from sqlalchemy import literal_column as words
from sqlalchemy.dialects.postgresql import JSON, JSONB

from app.access.actor import AGENCY, Actor
from app.flow.documents import DocumentRead, SignatoryRead
from app.flow.machine import Machine
from app.flow.procedure import Procedure
from app.flow.submission import ExternalRead, ReturnedRead, Submission, WithdrawnRead
from app.kit.reads import fixed, inside, part


def values(machine: Machine, actor: Actor) -> Mapping[str, Any]:
    """The parameters of a statement made for `actor.shape`."""
    return {"actor_agency": actor.agency_id, "marks": machine.marks(actor)}


def tag(
    table: type[Procedure], derived: ColumnElement[str] | None = None, marked: "Marked | None" = None
) -> ColumnElement[Any]:
    """The member `etag`, as `kit.etag.etag` makes it; `derived`: what else changes without a new version."""
    columns = _columns(table)
    digest = _mark(columns, "tag") if marked is None else marked("tag")
    if derived is not None:
        digest = digest.concat(func.left(func.md5(derived), 4))
    return words("'\"v'").concat(cast(columns.version, Text)).concat(words("'.'")).concat(digest).concat(words("'\"'"))


def moves(table: type[Procedure]) -> ColumnElement[Any]:
    """The member `allowed_moves`."""
    return cast(_mark(_columns(table), "moves"), JSON)


def short(table: type[Submission]) -> dict[str, ColumnElement[Any]]:
    """What lists of submissions show that is not simply a column."""
    c = _columns(table)
    kept = and_(c.source.is_not(None), c.external_id.is_not(None))
    return {"external": part(ExternalRead, table, kept, id=c.external_id), "etag": tag(table)}


def whole(table: type[Submission], provisions: Sequence[str]) -> dict[str, ColumnElement[Any]]:
    """What a submission shows that is not simply a column."""
    c = _columns(table)
    returned = and_(c.return_reason.is_not(None), c.returned_at.is_not(None))
    withdrawn = and_(c.withdrawal_reason.is_not(None), c.withdrawn_at.is_not(None))
    return {
        **short(table),
        "signatory": inside(SignatoryRead, table, c.signatory),
        "document": inside(DocumentRead, table, c.document),
        "returned": part(ReturnedRead, table, returned, reason=c.return_reason, note=c.return_note, at=c.returned_at),
        "withdrawn": part(WithdrawnRead, table, withdrawn, reason=c.withdrawal_reason, at=c.withdrawn_at),
        "allowed_moves": moves(table),
        "provisions": fixed(provisions),
    }


def _columns(table: Any) -> Any:
    return table.__table__.c


Marked = Callable[[str], ColumnElement[Any]]
"""The `tag` or the `moves` of a row, for resources whose marks have keys of their own."""


def mark(key: ColumnElement[str], name: str) -> ColumnElement[Any]:
    """What the parameter `marks` says under a key."""
    # A subquery of its own: PostgreSQL reads the document once, and not for each row.
    known: Any = select(cast(bindparam("marks", type_=Text), JSONB)).scalar_subquery()
    found: ColumnElement[Any] = known[key][words(f"'{name}'", Text)].astext
    return found


def _mark(columns: Any, name: str) -> ColumnElement[Any]:
    sign = case((columns.agency_id == AGENCY, words("'+'")), else_=words("'-'"))
    return mark(columns.state.concat(sign), name)
