"""Reports."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.flow.routes import LISTS
from app.flow.submission import SubmissionState
from app.flow.submission_routes import Words, add_submission, cited
from app.kit.pages import Page, PagingDep
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.reports.models import ReportKind
from app.reports.schemas import ReportSummary
from app.reports.service import REPORTS

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=Route)


async def report_filter(
    agency: Annotated[UUID | None, Query(description="Reports of this agency.")] = None,
    year: Annotated[int | None, Query(ge=2013, le=2100)] = None,
    kind: Annotated[ReportKind | None, Query(description="Reports of this kind.")] = None,
    state: Annotated[SubmissionState | None, Query()] = None,
    request_id: Annotated[UUID | None, Query(alias="request", description="Answers to this request.")] = None,
) -> dict[str, object]:
    """Read the filter of a list of reports: column and value."""
    return {"agency_id": agency, "year": year, "kind": kind, "state": state, "request_id": request_id}


@router.get("", response_model=Page[ReportSummary], responses=problems(*LISTS), openapi_extra=cited(REPORTS))
async def list_reports(
    actor: Annotated[Actor, needs(Scope.reports_read)],
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(report_filter)],
    paging: PagingDep,
) -> Response:
    """List the reports this client may know about, newest first.

    An agency sees its own reports; the coordinator and the People's Committee see all.
    """
    return await REPORTS.page(reader, actor, wanted, paging)


add_submission(
    router,
    REPORTS,
    Words(
        create="Draft a report of one's own agency: annual, interim, or the answer to a request (ad hoc). "
        "An agency has one live annual report for each year and one live answer to each request.",
        upsert="Create or replace a report under the department's own key, as a nightly sync does.",
        bulk="Create or replace many reports of one's own agency under the department's own keys, as a nightly sync "
        "does.",
        get="Read one report, with what this client may do now (`allowed_moves`).",
        replace="Replace a report that is a draft or was returned.",
        patch="Change some members of a report that is a draft or was returned; lists are replaced whole (RFC 7396).",
        delete="Delete a draft that was never sent; a report that was sent is withdrawn instead.",
    ),
)
