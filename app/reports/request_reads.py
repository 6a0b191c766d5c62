"""How report requests are read: their schemas, and what is not simply a column."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, and_, bindparam, case, cast, exists, func, select
from sqlalchemy import literal_column as words
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import col

from app.access.actor import Actor
from app.flow import reads
from app.flow.documents import DocumentRead
from app.kit.reads import Shape, fixed, inside, part
from app.obligations.models import Disposition, Obligation
from app.reports import request_queries, request_rules
from app.reports.request_models import ReportRequest, RequestDisposition, RequestState
from app.reports.request_schemas import EndedRead, RequestRead, RequestSummary

_RECEIVED = col(Obligation.first_received_at).is_not(None)
_EXPECTED = and_(col(Obligation.state) != Disposition.lapsed, col(Obligation.state) != Disposition.waived)
_OF_THIS = col(Obligation.request_id) == col(ReportRequest.id)


def _some(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_OF_THIS, condition).correlate(ReportRequest)


def _progress() -> ColumnElement[Any]:
    """The counts over the obligations of a request, and who is missing; one pass."""
    counts = {
        "expected": _EXPECTED,
        "received": _RECEIVED,
        "late": col(Obligation.late).is_(True),
        "accepted": col(Obligation.state) == Disposition.accepted,
        "nil_return": col(Obligation.state) == Disposition.nil_return,
        "waived": col(Obligation.state) == Disposition.waived,
    }
    missing = func.array_agg(col(Obligation.agency_id)).filter(col(Obligation.state) == Disposition.open)
    counted = (
        select(
            *(func.count().filter(condition).label(name) for name, condition in counts.items()),
            func.coalesce(missing, words("'{}'::uuid[]")).label("missing_agency_ids"),
        )
        .where(_OF_THIS)
        .correlate(ReportRequest)
        .subquery("counted")
    )
    found = select(func.row_to_json(counted.table_valued())).correlate(ReportRequest).scalar_subquery()
    return case((cast(bindparam("overseer", type_=Boolean), Boolean), found))


_STATE = case(
    (
        and_(col(ReportRequest.state) == RequestDisposition.open, _some(_RECEIVED)),
        RequestState.partially_answered.value,
    ),
    else_=col(ReportRequest.state),
)
_SHORT: dict[str, Any] = {
    "number": cast(col(ReportRequest.number), Text).concat(words("'/'")).concat(cast(col(ReportRequest.year), Text)),
    "state": _STATE,
    "etag": reads.tag(ReportRequest, cast(_STATE, Text)),
}
SUMMARY = Shape(RequestSummary, ReportRequest, request_queries.visible, **_SHORT)
WHOLE = Shape(
    RequestRead,
    ReportRequest,
    request_queries.visible,
    **_SHORT,
    template=cast(col(ReportRequest.template), JSON),
    document=inside(DocumentRead, ReportRequest, col(ReportRequest.document)),
    ended=part(
        EndedRead,
        ReportRequest,
        col(ReportRequest.ended_at).is_not(None),
        reason=col(ReportRequest.end_reason),
        at=col(ReportRequest.ended_at),
    ),
    progress=_progress(),
    allowed_moves=reads.moves(ReportRequest),
    provisions=fixed(request_rules.PROVISIONS),
)


def values(actor: Actor) -> Mapping[str, Any]:
    """The parameters of these statements."""
    return {**reads.values(request_rules.REQUEST, actor), "overseer": actor.reads_all}
