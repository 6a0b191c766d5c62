"""What the clock alone changes in the course of a day of the province."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all

from app.kit.clock import local, midnight
from app.kit.db import Timestamptz
from app.kit.driver import Statement
from app.kit.reader import Reader

DAWN: Any = bindparam("dawn", type_=Timestamptz())
DUSK: Any = bindparam("dusk", type_=Timestamptz())


def values(moment: datetime) -> Mapping[str, Any]:
    """The parameters of everything that depends on the clock."""
    day = local(moment).date()
    return {"moment": moment, "today": day, "dawn": midnight(day), "dusk": midnight(day + timedelta(days=1))}


def turns(*instants: Select[Any]) -> Statement:
    """The last of these instants that has passed today, and the next to come; each select gives one column."""
    found = union_all(*instants).subquery("turn")
    (at,) = found.c
    moment: Any = bindparam("moment", type_=Timestamptz())
    return Statement(select(func.max(at).filter(at <= moment), func.min(at).filter(at > moment)))


async def span(reader: Reader, turns: Statement | None, moment: datetime) -> tuple[datetime, datetime]:
    """Since when and until when the clock leaves things as they are; midnight changes names and windows."""
    given = values(moment)
    last, following = (await reader.rows(turns, given))[0] if turns is not None else (None, None)
    return last or given["dawn"], following or given["dusk"]
