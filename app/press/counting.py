"""The room's events, supplies and products among the activities that are counted."""

from typing import Any

from sqlalchemy import Select, select, true
from sqlmodel import col

from app.kit.clock import day_of
from app.law.citing import clause
from app.press.event_models import EventState, PressEvent
from app.press.supply_models import InformationSupply, PressProduct
from app.statistics.sources import Source, activity, area_of

INFORMING = clause("QC.D8.K3")
HELD = (EventState.held, EventState.concluded)
STANDING = (EventState.announced, *HELD)


def events() -> Select[Any]:
    """The press events that are announced or were held, each on the day it begins."""
    e = PressEvent
    columns = activity(
        col(e.id),
        col(e.agency_id),
        day_of(col(e.starts_at)),
        area=area_of(INFORMING),
        content_categories=col(e.content_categories),
        form=col(e.form),
        done=col(e.state).in_(HELD),
    )
    return select(PressEvent).where(col(e.state).in_(STANDING)).with_only_columns(*columns)


def supplies() -> Select[Any]:
    """What was given to the press, on its day."""
    s = InformationSupply
    columns = activity(
        col(s.id), col(s.agency_id), col(s.supplied_on), area=area_of(INFORMING), form=col(s.form), done=true()
    )
    return select(InformationSupply).with_only_columns(*columns)


def products() -> Select[Any]:
    """What the press runs, on the day it began."""
    p = PressProduct
    columns = activity(col(p.id), col(p.agency_id), col(p.first_date), form=col(p.kind), done=true())
    return select(PressProduct).with_only_columns(*columns)


OF_THE_PRESS = (
    Source("press_event", "Giao ban, họp báo và các cuộc cung cấp thông tin", "Press events", events),
    Source("information_supply", "Thông tin đã cung cấp cho báo chí", "Information given to the press", supplies),
    Source("press_product", "Chuyên trang, chuyên mục, phóng sự", "Pages, columns and reportages", products),
)
