"""Series of press events."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, LISTS, READS
from app.kit.db import SessionDep
from app.kit.etag import tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.press import event_rules as rules
from app.press import series_service as service
from app.press.series_schemas import SeriesRead, SeriesSummary, SeriesWrite

router = APIRouter(prefix="/v1/press-series", tags=["press"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.press_read)]
CITED = {"x-provisions": list(rules.PROVISIONS)}


@router.get("", response_model=Page[SeriesSummary], responses=problems(*LISTS), openapi_extra=CITED)
async def list_press_series(actor: Reader, reader: ReaderDep, paging: PagingDep) -> Response:
    """List one's own series, newest first; those who read all see all."""
    return await service.list_series(reader, actor, {}, paging)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES),
    openapi_extra=CITED,
    dependencies=[CreatesOnce],
)
async def make_press_series(
    body: SeriesWrite,
    actor: Annotated[Actor, needs(Scope.press_write)],
    session: SessionDep,
    request: Request,
    response: Response,
) -> SeriesRead:
    """Schedule a press event once a month: all of them are made now, each an event of its own from then on.

    Edit them with `PATCH /v1/press-events/{id}?scope=`.
    """
    made = await service.make(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/press-series/{made.id}")


@router.get("/{id}", response_model=SeriesRead, responses=problems(*READS), openapi_extra=CITED)
async def get_press_series(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one series, with the ids of its occurrences."""
    return await service.read(reader, actor, id)
