"""What is published: a declaration for each kind of resource."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy import JSON, cast
from sqlmodel import col

from app.flow.documents import DocumentRead
from app.kit.clock import Day, midnight
from app.kit.reads import Shape, fixed, inside, parts
from app.kit.text import Language
from app.portal import day, names, plan_queries, press_queries, product_queries
from app.portal.publishing import Publication
from app.portal.record_schemas import PublicProduct, PublicProductSummary
from app.portal.schemas import (
    PublicMaterial,
    PublicPlan,
    PublicPlanSummary,
    PublicPlanTask,
    PublicPressEvent,
    PublicPressEventSummary,
    PublicSpokesperson,
)
from app.press import event_queries, event_rules, supply_rules
from app.press.event_models import EventForm, PressMaterial
from app.press.event_models import PressEvent as E
from app.press.supply_models import PressProduct, ProductKind
from app.provincial import queries as provincial_queries
from app.provincial import rules as provincial_rules
from app.provincial.models import ProvincialKind, ProvincialTask
from app.provincial.models import ProvincialPlan as P

MIDNIGHT = timedelta(days=1)


async def event_filter(
    form: Annotated[EventForm | None, Query(description="Only this form.")] = None,
    agency: Annotated[UUID | None, Query(description="Owned or hosted by this agency.")] = None,
    language: Annotated[Language | None, Query(description="Held in this language, among others.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="Beginning on this day or later.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Beginning on this day or before.")] = None,
) -> Mapping[str, Any]:
    """Read the filter of the public's list of press events."""
    return {
        "form": form,
        "agency": agency,
        "language": language,
        "from": midnight(first) if first else None,
        "to": midnight(last + MIDNIGHT) if last else None,
    }


async def plan_filter(
    year: Annotated[int | None, Query(ge=2013, le=2100, description="Its first year.")] = None,
    kind: Annotated[ProvincialKind | None, Query()] = None,
    in_force: Annotated[bool | None, Query(description="Whether it holds today.")] = None,
) -> Mapping[str, Any]:
    """Read the filter of the public's list of plans."""
    return {"year": year, "kind": kind, "in_force": in_force}


_EVENT: dict[str, Any] = {
    "agency": names.name(col(E.agency_id)),
    "hosts": names.names(col(E.host_ids)),
    "state": event_queries.public_state(),
    "changed_at": press_queries.changed_at(),
}
PRESS_EVENTS = Publication(
    path="press-events",
    topics=("press_event", "agency"),
    short=PublicPressEventSummary,
    whole=PublicPressEvent,
    listed=Shape(PublicPressEventSummary, E, press_queries.visible, press_queries.NARROWED, **_EVENT),
    one=Shape(
        PublicPressEvent,
        E,
        press_queries.visible,
        **_EVENT,
        spokesperson=inside(PublicSpokesperson, E, col(E.spokesperson)),
        agenda=cast(col(E.agenda), JSON),
        materials=parts(PublicMaterial, PressMaterial, E, col(PressMaterial.position), event_queries.handed_out()),
        provisions=fixed(event_rules.PROVISIONS),
    ),
    filter=event_filter,
    listing=(
        "list_public_press_events",
        "List the press events that everybody may know of, newest first; what was cancelled or postponed says so.",
    ),
    reading=("get_public_press_event", "Read one press event, with the materials that may be used by now."),
    provisions=event_rules.PROVISIONS,
    turns=day.turns(*press_queries.turns(), *press_queries.turns_of_materials()),
)

_IN_FORCE = provincial_queries.in_force(names.TODAY)
PLANS = Publication(
    path="plans",
    topics=("provincial_plan", "agency"),
    short=PublicPlanSummary,
    whole=PublicPlan,
    listed=Shape(PublicPlanSummary, P, plan_queries.visible, in_force=_IN_FORCE),
    one=Shape(
        PublicPlan,
        P,
        plan_queries.visible,
        in_force=_IN_FORCE,
        tasks=parts(
            PublicPlanTask,
            ProvincialTask,
            P,
            col(ProvincialTask.position),
            lead_agency=names.name(col(ProvincialTask.lead_agency_id)),
        ),
        decision=inside(DocumentRead, P, col(P.approval_document)),
        provisions=fixed(provincial_rules.PROVISIONS),
    ),
    filter=plan_filter,
    listing=(
        "list_public_plans",
        "List the plans of the province that were issued, newest first, with what became of them since.",
    ),
    reading=("get_public_plan", "Read one issued plan of the province, with its tasks and who leads them."),
    provisions=provincial_rules.PROVISIONS,
)


async def product_filter(
    kind: Annotated[ProductKind | None, Query()] = None,
    agency: Annotated[UUID | None, Query(description="Of this press body.")] = None,
    language: Annotated[Language | None, Query(description="In this language.")] = None,
) -> Mapping[str, Any]:
    """Read the filter of the public's list of press products."""
    return {"kind": kind, "agency_id": agency, "language": language}


_PRODUCT: dict[str, Any] = {
    "agency": names.name(col(PressProduct.agency_id)),
    "changed_at": col(PressProduct.updated_at),
}
PRESS_PRODUCTS = Publication(
    path="press-products",
    topics=("press_product", "agency"),
    short=PublicProductSummary,
    whole=PublicProduct,
    listed=Shape(PublicProductSummary, PressProduct, product_queries.visible, **_PRODUCT),
    one=Shape(
        PublicProduct,
        PressProduct,
        product_queries.visible,
        **_PRODUCT,
        provisions=fixed(supply_rules.PRODUCT_PROVISIONS),
    ),
    filter=product_filter,
    listing=("list_public_press_products", "List the pages, columns and reportages of the press, newest first."),
    reading=("get_public_press_product", "Read one product of the press."),
    provisions=supply_rules.PRODUCT_PROVISIONS,
)
