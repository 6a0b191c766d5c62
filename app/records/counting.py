"""The records that are activities or products, among those of the year (QC.D8.K2)."""

from typing import Any

from sqlalchemy import Select, Text, any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from app.kit.clock import day_of
from app.records.kinds import KINDS
from app.records.models import Record
from app.statistics.sources import Source, activity, area_of

_COUNTED = {name: kind.activity for name, kind in KINDS.items() if kind.activity}
_DONE = [f"{name}:{state}" for name, counted in _COUNTED.items() for state in sorted(counted.done)]
_PLANNED = [f"{name}:{state}" for name, counted in _COUNTED.items() for state in sorted(counted.planned)]


def records() -> Select[Any]:
    """Each on the day it begins, or on which it was recorded; its kind is its form."""
    r = Record
    standing = col(r.kind).concat(":").concat(col(r.state))
    told_on = day_of(col(r.created_at))
    rests_on = case({name: KINDS[name].provisions[0].provision.id for name in _COUNTED}, value=col(r.kind))
    columns = activity(
        col(r.id),
        col(r.agency_id),
        func.coalesce(col(r.starts_on), told_on),
        area=area_of(rests_on),
        form=col(r.kind),
        done=standing == any_(literal(_DONE, ARRAY(Text))),
    )
    counted = select(Record).where(
        col(r.kind) == any_(literal(list(_COUNTED), ARRAY(Text))),
        standing == any_(literal([*_DONE, *_PLANNED], ARRAY(Text))),
    )
    return counted.with_only_columns(*columns)


RECORDS = Source("record", "Hoạt động, sản phẩm theo hồ sơ", "Activities and products on record", records)
