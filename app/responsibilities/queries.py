"""Who holds which function; the register is open to every client, so nothing here narrows by actor."""

from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from app.access.models import FunctionHeld
from app.agencies.models import Agency, AgencyName
from app.agencies.queries import on


def holdings(day: date, agency: UUID | None) -> Select[str, str, AgencyName]:
    """Every function held on a day, by all or by one: the function, the holder's slug and the holder's name."""
    statement = (
        select(FunctionHeld.function, Agency.slug, AgencyName)
        .join(Agency, col(Agency.id) == col(FunctionHeld.agency_id))
        .join(AgencyName, col(AgencyName.agency_id) == col(Agency.id))
        .where(on(FunctionHeld, day), on(AgencyName, day))
    )
    return statement.where(Agency.id == agency) if agency else statement
