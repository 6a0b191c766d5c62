"""The records that are published: publications, partnerships, rebuttals, figures, policies, items of portals."""

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlmodel import col

from app.kit.clock import Day
from app.kit.reads import Shape
from app.kit.text import Language
from app.portal import names, record_queries
from app.portal.publishing import Publication
from app.portal.record_schemas import PUBLIC, PublicRecord, PublicRecordSummary
from app.records import reads
from app.records.models import Record
from app.records.schemas import Name

PROVISIONS = tuple(dict.fromkeys(str(cited) for cited in chain(*(kind.provisions for kind in PUBLIC.values()))))


async def record_filter(
    kind: Annotated[Name | None, Query(description="Only this kind; see `GET /v1/record-kinds`.")] = None,
    agency: Annotated[UUID | None, Query(description="Of this agency.")] = None,
    language: Annotated[Language | None, Query(description="There in this language.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="Not over before this day.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Begun by this day.")] = None,
) -> Mapping[str, Any]:
    """Read the filter of the public's list of records."""
    return {"kind": kind, "agency_id": agency, "language": language, "from": first, "to": last}


_SHORT: dict[str, Any] = {"agency": names.name(col(Record.agency_id)), "changed_at": col(Record.updated_at)}
RECORDS = Publication(
    path="records",
    topics=("record", "agency"),
    short=PublicRecordSummary,
    whole=PublicRecord,
    listed=Shape(PublicRecordSummary, Record, record_queries.visible, record_queries.NARROWED, **_SHORT),
    one=Shape(
        PublicRecord,
        Record,
        record_queries.visible,
        **_SHORT,
        details=reads.details(),
        provisions=reads.provisions(),
    ),
    filter=record_filter,
    listing=(
        "list_public_records",
        "List what agencies have published, newest first: publications, partnerships, rebuttals, policies, figures …",
    ),
    reading=("get_public_record", "Read one published record, with what is particular to its kind."),
    provisions=PROVISIONS,
)
