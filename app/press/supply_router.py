"""Information supplied to the press, and the products of the press."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.access.idempotency import CreatesOnce
from app.flow.routes import CREATES, EDITS, LISTS, READS
from app.flow.version_routes import add_versions
from app.kit.db import SessionDep
from app.kit.etag import IfMatch, tagged
from app.kit.pages import Page, PagingDep
from app.kit.problems import NotPermitted, problems
from app.kit.reader import ReaderDep
from app.kit.routing import Route
from app.kit.text import Language
from app.press import product_service, supply_queries, supply_rules, supply_service
from app.press.supply_models import ProductKind, SupplyForm
from app.press.supply_schemas import ProductRead, ProductSummary, ProductWrite, SupplyRead, SupplySummary, SupplyWrite

supplies_router = APIRouter(prefix="/v1/information-supplies", tags=["press"], route_class=Route)
products_router = APIRouter(prefix="/v1/press-products", tags=["press"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.press_read)]
Writer = Annotated[Actor, needs(Scope.press_write)]
SUPPLYING = {"x-provisions": list(supply_rules.SUPPLY_PROVISIONS)}
PUBLISHING = {"x-provisions": list(supply_rules.PRODUCT_PROVISIONS)}


async def supply_filter(
    agency: Annotated[UUID | None, Query(description="By this agency.")] = None,
    form: Annotated[SupplyForm | None, Query(description="Only this form.")] = None,
) -> dict[str, object]:
    """Read the filter of a list of supplied information."""
    return {"agency_id": agency, "form": form}


@supplies_router.get("", response_model=Page[SupplySummary], responses=problems(*LISTS), openapi_extra=SUPPLYING)
async def list_information_supplies(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(supply_filter)],
    paging: PagingDep,
) -> Response:
    """List the information one has supplied or was given, newest first; those who read all see all."""
    return await supply_service.list_supplies(reader, actor, wanted, paging)


@supplies_router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotPermitted),
    openapi_extra=SUPPLYING,
    dependencies=[CreatesOnce],
)
async def record_information_supply(
    body: SupplyWrite, actor: Writer, session: SessionDep, request: Request, response: Response
) -> SupplyRead:
    """Put on record that one's own agency informed the press (QC.D7.K2)."""
    made = await supply_service.enter(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/information-supplies/{made.id}")


@supplies_router.get("/{id}", response_model=SupplyRead, responses=problems(*READS), openapi_extra=SUPPLYING)
async def get_information_supply(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one record of supplied information."""
    return await supply_service.read(reader, actor, id)


@supplies_router.put("/{id}", responses=problems(*EDITS), openapi_extra=SUPPLYING)
async def correct_information_supply(
    id: UUID, body: SupplyWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> SupplyRead:
    """Correct a record of supplied information; what it said before is kept as a version."""
    return tagged(response, await supply_service.correct(session, actor, id, expected, body))


add_versions(supplies_router, supply_service.KIND, Scope.press_read, supply_queries.kept)


async def product_filter(
    agency: Annotated[UUID | None, Query(description="Of this press body.")] = None,
    kind: Annotated[ProductKind | None, Query(description="Only this kind.")] = None,
    language: Annotated[Language | None, Query(description="In this language, by BCP 47.")] = None,
) -> dict[str, object]:
    """Read the filter of a list of press products."""
    return {"agency_id": agency, "kind": kind, "language": language}


@products_router.get("", response_model=Page[ProductSummary], responses=problems(*LISTS), openapi_extra=PUBLISHING)
async def list_press_products(
    actor: Reader,
    reader: ReaderDep,
    wanted: Annotated[dict[str, object], Depends(product_filter)],
    paging: PagingDep,
) -> Response:
    """List the pages, columns and reportages of the press, newest first."""
    return await product_service.list_products(reader, actor, wanted, paging)


@products_router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(*CREATES, NotPermitted),
    openapi_extra=PUBLISHING,
    dependencies=[CreatesOnce],
)
async def publish_press_product(
    body: ProductWrite, actor: Writer, session: SessionDep, request: Request, response: Response
) -> ProductRead:
    """Enter a page, a column or a reportage of one's own press body (QC.D15)."""
    made = await product_service.publish(session, actor, body)
    return tagged(response, made, f"{request.app.state.settings.public_url}/v1/press-products/{made.id}")


@products_router.get("/{id}", response_model=ProductRead, responses=problems(*READS), openapi_extra=PUBLISHING)
async def get_press_product(id: UUID, actor: Reader, reader: ReaderDep) -> Response:
    """Read one press product."""
    return await product_service.read(reader, actor, id)


@products_router.put("/{id}", responses=problems(*EDITS), openapi_extra=PUBLISHING)
async def change_press_product(
    id: UUID, body: ProductWrite, expected: IfMatch, actor: Writer, session: SessionDep, response: Response
) -> ProductRead:
    """Say what a press product of one's own is now."""
    return tagged(response, await product_service.change(session, actor, id, expected, body))
