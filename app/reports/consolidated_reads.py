"""How consolidated reports are read."""

from sqlalchemy import cast
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import col

from app.flow import reads
from app.flow.documents import DocumentRead, SignatoryRead
from app.kit.reads import Shape, fixed, inside, part
from app.reports import consolidated_queries, consolidated_rules
from app.reports.consolidated_models import ConsolidatedReport as R
from app.reports.consolidated_schemas import ConsolidatedRead, ConsolidatedSummary, DecidedRead

SUMMARY = Shape(ConsolidatedSummary, R, consolidated_queries.visible, etag=reads.tag(R))
WHOLE = Shape(
    ConsolidatedRead,
    R,
    consolidated_queries.visible,
    etag=reads.tag(R),
    content=cast(col(R.content), JSON),
    signatory=inside(SignatoryRead, R, col(R.signatory)),
    document=inside(DocumentRead, R, col(R.document)),
    decided=part(
        DecidedRead,
        R,
        col(R.decided_at).is_not(None),
        text=col(R.decision),
        document=inside(DocumentRead, R, col(R.decision_document)),
        at=col(R.decided_at),
    ),
    allowed_moves=reads.moves(R),
    provisions=fixed(consolidated_rules.PROVISIONS),
)
