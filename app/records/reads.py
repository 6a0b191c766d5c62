"""How records, what was added to them, and the readings of restricted ones are read."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, all_, and_, any_, bindparam, case, cast, func, literal, or_
from sqlalchemy import literal_column as words
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, array
from sqlalchemy.types import Boolean
from sqlmodel import col

from app.access.actor import AGENCY
from app.flow import reads
from app.flow.documents import DocumentRead
from app.flow.submission import ExternalRead
from app.kit.reads import Shape, inside, part, parts
from app.records import access_queries, queries, rules
from app.records.access import AccessRead, noted
from app.records.kinds import KINDS
from app.records.models import Record, RecordAccess, RecordStep
from app.records.schemas import RecordRead, RecordSummary, StepRead

_MINE = or_(
    col(Record.agency_id) == AGENCY,
    and_(col(Record.recorded_by_agency_id).is_not(None), bindparam("delegate", type_=Boolean)),
)
_NAMED = case((col(Record.acting_ids).contains(array([AGENCY])), words("'*'")), else_=words("''"))
_KEY = (
    col(Record.kind)
    .concat(":")
    .concat(col(Record.state))
    .concat(case((_MINE, words("'+'")), else_=words("'-'")))
    .concat(_NAMED)
)


def _marked(name: str) -> ColumnElement[Any]:
    otherwise = {"tag": rules.NO_MOVES, "moves": "[]"}[name]
    return func.coalesce(reads.mark(_KEY, name), words(f"'{otherwise}'", Text))


_WITHIN = queries.within(AGENCY, bindparam("reading", type_=ARRAY(Text)))


def details(*when: ColumnElement[bool]) -> ColumnElement[Any]:
    """The details, without what their kind keeps (where all of this holds)."""
    keeping = [kind for kind in KINDS.values() if kind.kept]
    bare = [(and_(col(Record.kind) == kind.name, *when), _without(kind.kept)) for kind in keeping]
    return case(*bare, else_=col(Record.details)) if bare else cast(col(Record.details), JSON)


def _named() -> ColumnElement[Any]:
    """The agencies that it names, where the kind keeps nothing from the reader."""
    keeping = all_(literal([kind.name for kind in KINDS.values() if kind.kept], ARRAY(Text)))
    return case((or_(_WITHIN, col(Record.kind) != keeping), col(Record.named)), else_=_NOTHING)


def _without(members: frozenset[str]) -> ColumnElement[Any]:
    kept = cast(literal(sorted(members), ARRAY(Text)), ARRAY(Text))
    return cast(cast(col(Record.details), JSONB).op("-", return_type=JSONB)(kept), JSON)


def provisions() -> ColumnElement[Any]:
    """The provisions of the kind."""
    cited = [(col(Record.kind) == kind.name, literal(_json(kind.provisions), Text)) for kind in KINDS.values()]
    return cast(case(*cited, else_=words("'[]'", Text)), JSON)


def _json(cited: tuple[str, ...]) -> str:
    return "[" + ",".join(f'"{one}"' for one in cited) + "]"


_NOTHING = cast(words("'[]'", Text), JSON)
_KEPT = and_(col(Record.source).is_not(None), col(Record.external_id).is_not(None))
_SHORT: Mapping[str, Any] = {
    "external": part(ExternalRead, Record, _KEPT, id=col(Record.external_id)),
    "etag": reads.tag(Record, marked=_marked),
}
NARROWING: Mapping[str, ColumnElement[bool]] = {
    "from": func.coalesce(col(Record.ends_on), col(Record.starts_on)) >= bindparam("wanted_from"),
    "to": col(Record.starts_on) <= bindparam("wanted_to"),
    "language": bindparam("wanted_language", type_=Text) == any_(col(Record.languages)),
    "q": col(Record.search).like(bindparam("wanted_q", type_=Text)),
}
SUMMARY = Shape(RecordSummary, Record, queries.visible, NARROWING, noted, **_SHORT)
_PAPER = inside(DocumentRead, RecordStep, col(RecordStep.document))
WHOLE = Shape(
    RecordRead,
    Record,
    queries.visible,
    None,
    noted,
    **_SHORT,
    named=_named(),
    details=details(~_WITHIN),
    steps=case((_WITHIN, parts(StepRead, RecordStep, Record, col(RecordStep.id), document=_PAPER)), else_=_NOTHING),
    allowed_moves=cast(_marked("moves"), JSON),
    provisions=provisions(),
)
ACCESSES = Shape(
    AccessRead,
    RecordAccess,
    access_queries.visible,
    {"record": bindparam("wanted_record", type_=Uuid) == any_(col(RecordAccess.record_ids))},
)
