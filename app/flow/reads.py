"""What a fast read of a resource with a procedure derives beside its columns: the tag and the moves.

Both depend on the row's state and on whether it is the actor's own, and for one actor there are few of each: they are
worked out by the machine once, go to PostgreSQL as the parameter `marks`, and are put into each row there.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func
from sqlalchemy import literal_column as words
from sqlalchemy.dialects.postgresql import JSON, JSONB

from app.access.actor import AGENCY, Actor
from app.flow.machine import Machine
from app.flow.procedure import Procedure


def values(machine: Machine, actor: Actor) -> Mapping[str, Any]:
    """The parameters of a statement made for `actor.shape`."""
    return {"actor_agency": actor.agency_id, "marks": machine.marks(actor)}


def tag(table: type[Procedure], derived: ColumnElement[str] | None = None) -> ColumnElement[Any]:
    """The member `etag`, as `kit.etag.etag` makes it; `derived`: what else changes without a new version."""
    columns = _columns(table)
    digest = _mark(columns, "tag")
    if derived is not None:
        digest = digest.concat(func.left(func.md5(derived), 4))
    return words("'\"v'").concat(cast(columns.version, Text)).concat(words("'.'")).concat(digest).concat(words("'\"'"))


def moves(table: type[Procedure]) -> ColumnElement[Any]:
    """The member `allowed_moves`."""
    return cast(_mark(_columns(table), "moves"), JSON)


def _columns(table: Any) -> Any:
    return table.__table__.c


def _mark(columns: Any, name: str) -> ColumnElement[Any]:
    sign = case((columns.agency_id == AGENCY, words("'+'")), else_=words("'-'"))
    known = cast(bindparam("marks", type_=Text), JSONB)
    found: ColumnElement[Any] = known[columns.state.concat(sign)][words(f"'{name}'", Text)].astext
    return found
