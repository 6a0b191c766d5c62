"""Statements over press events for those who ask without a token, and for calendars; each starts at `visible`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, Uuid, any_, bindparam, case, func, or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.access.actor import Actor
from app.kit.db import Timestamptz
from app.portal.day import DAWN, DUSK
from app.press import event_queries
from app.press.event_models import EventState, PressEvent, PressMaterial, Visibility

LANGUAGE: Any = bindparam("wanted_language", type_=Text())


def visible(_: None = None) -> SelectOfScalar[PressEvent]:
    """The press events that everybody may know of by now."""
    return select(PressEvent).where(event_queries.is_public())


def for_the_press(actor: Actor) -> SelectOfScalar[PressEvent]:
    """The announced press events that a press body may know of by now: also those it is invited to."""
    return event_queries.visible(actor).where(PressEvent.state != EventState.draft)


def hosted_by(agency: Any) -> ColumnElement[bool]:
    """It is the agency's own, or names it as a host."""
    return or_(col(PressEvent.agency_id) == agency, agency == any_(col(PressEvent.host_ids)))


NARROWED: Mapping[str, ColumnElement[bool]] = {
    **event_queries.BETWEEN,
    "agency": hosted_by(bindparam("wanted_agency", type_=Uuid)),
    "language": func.array_position(col(PressEvent.languages), LANGUAGE).is_not(None),
}
"""How the public's lists are narrowed by more than a column."""


def changed_at() -> ColumnElement[Any]:
    """When what is seen of it last changed: by somebody's hand, or because its embargo had ended."""
    ended = case((col(PressEvent.embargo_until) <= event_queries.MOMENT, col(PressEvent.embargo_until)))
    return func.greatest(col(PressEvent.updated_at), ended, type_=Timestamptz())


def turns() -> tuple[Select[Any], ...]:
    """The instants of a day at which lists change by the clock alone: embargoes of events, and their ends.

    They are asked of what will show as well: a cache must let go at that very instant.
    """
    told = PressEvent.visibility != Visibility.internal
    announced = select(PressEvent).where(PressEvent.state != EventState.draft, told)
    return (
        *_on_the_day(announced, col(PressEvent.embargo_until)),
        *_on_the_day(announced, col(PressEvent.ends_at)),
        *_on_the_day(announced.where(col(PressEvent.ends_at).is_(None)), col(PressEvent.starts_at)),
    )


def turns_of_materials() -> tuple[Select[Any], ...]:
    """The instants of a day at which materials are released."""
    handed = select(PressMaterial).where(~col(PressMaterial.internal))
    return _on_the_day(handed, col(PressMaterial.embargo_until))


def _on_the_day(found: Any, column: Any) -> tuple[Select[Any], ...]:
    return (found.with_only_columns(column.label("at")).where(column >= DAWN, column <= DUSK),)


def in_window(found: SelectOfScalar[PressEvent]) -> SelectOfScalar[PressEvent]:
    """Those of a feed: what begins, or would have begun, in a window; the latest first."""
    start: Any = bindparam("wanted_from", type_=Timestamptz())
    within = (
        found.where(event_queries.planned() >= start)
        # Each side has an index.
        .where(or_(col(PressEvent.starts_at) >= start, col(PressEvent.starts_at).is_(None)))
    )
    return within.order_by(event_queries.planned().desc(), col(PressEvent.id))
