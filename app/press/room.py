"""What the press room declares of itself."""

from functools import partial

from app.access.actor import Actor
from app.access.grants import Scope
from app.flow.machine import Machine
from app.flow.reads import values
from app.flow.registry import Resource, Room, Summary
from app.kit.reads import Shape
from app.press import (
    counting,
    event_queries,
    event_reads,
    event_rules,
    guidance_queries,
    guidance_rules,
    guidance_service,
    invitation_queries,
    invitation_rules,
    invitation_service,
    product_queries,
    product_service,
    series_queries,
    series_service,
    supply_queries,
    supply_rules,
    supply_service,
)
from app.press.event_router import router as events_router
from app.press.guidance_router import router as guidance_router
from app.press.parts_router import invitations_router, parts_router
from app.press.series_router import router as series_router
from app.press.supply_router import products_router, supplies_router
from app.statistics.sources import SOURCES

SOURCES.extend(counting.OF_THE_PRESS)


def _summary(shape: Shape[Actor], machine: Machine) -> Summary:
    return Summary(shape, Scope.press_read, partial(values, machine))


ROOM = Room(
    "press",
    routers=(
        events_router,
        parts_router,
        invitations_router,
        series_router,
        guidance_router,
        supplies_router,
        products_router,
    ),
    machines={
        "press_event": event_rules.PRESS_EVENT,
        "press_invitation": invitation_rules.PRESS_INVITATION,
        "press_series": series_service.PRESS_SERIES,
        "press_guidance": guidance_rules.PRESS_GUIDANCE,
        "information_supply": supply_rules.INFORMATION_SUPPLY,
        "press_product": supply_rules.PRESS_PRODUCT,
    },
    resources={
        "press_event": Resource(
            "/v1/press-events/{id}",
            event_queries.sight,
            Summary(event_reads.SUMMARY, Scope.press_read, partial(event_queries.values, event_rules.PRESS_EVENT)),
        ),
        "press_invitation": Resource(
            "/v1/press-invitations/{id}",
            invitation_queries.sight,
            _summary(invitation_service.SUMMARY, invitation_rules.PRESS_INVITATION),
        ),
        "press_series": Resource(
            "/v1/press-series/{id}",
            series_queries.sight,
            _summary(series_service.SUMMARY, series_service.PRESS_SERIES),
        ),
        "press_guidance": Resource(
            "/v1/press-guidance/{id}",
            guidance_queries.sight,
            _summary(guidance_service.SUMMARY, guidance_rules.PRESS_GUIDANCE),
        ),
        "information_supply": Resource(
            "/v1/information-supplies/{id}",
            supply_queries.sight,
            _summary(supply_service.SUMMARY, supply_rules.INFORMATION_SUPPLY),
        ),
        "press_product": Resource(
            "/v1/press-products/{id}",
            product_queries.sight,
            _summary(product_service.SUMMARY, supply_rules.PRESS_PRODUCT),
        ),
    },
    events=(
        *event_rules.EVENTS,
        *invitation_rules.EVENTS,
        series_service.MADE,
        *guidance_rules.EVENTS,
        *supply_rules.EVENTS,
    ),
)
