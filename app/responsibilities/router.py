"""Who must do what, by which clause."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from app.access.actor import Actor
from app.access.gate import needs
from app.access.grants import Scope
from app.agencies.router import AsOf
from app.kit import text
from app.kit.db import SessionDep
from app.kit.pages import Page, PagingDep
from app.kit.problems import InsufficientScope, InvalidCursor, InvalidParameter, InvalidToken, problems
from app.kit.routing import Route
from app.law.citing import Clause
from app.law.functions import FunctionKey
from app.law.models import Part
from app.responsibilities import service
from app.responsibilities.schemas import ResponsibilityRead
from app.responsibilities.service import Wanted

router = APIRouter(prefix="/v1/responsibilities", tags=["responsibilities"], route_class=Route)
Reader = Annotated[Actor, needs(Scope.registry_read)]


def filters(
    as_of: AsOf,
    agency: Annotated[UUID | None, Query(description="Only what this agency has a part in.")] = None,
    function: Annotated[FunctionKey | None, Query(description="Only what is bound to this function: `MEMBER`.")] = None,
    provision: Annotated[
        Clause | None,
        Query(description="A duty, or a provision with everything below it: `QC.D7` is the whole of Article 7."),
    ] = None,
    part: Annotated[
        Part | None,
        Query(description="Who must act is `lead` where the text says so, `duty_holder` where it does not."),
    ] = None,
    q: Annotated[
        text.Query | None,
        Query(description="Words of the duty or of its provision, without diacritics if you like: `ke hoach`."),
    ] = None,
) -> Wanted:
    """Read the filter of a list of responsibilities."""
    return Wanted(as_of, agency, function, provision, part, q)


@router.get("", responses=problems(InvalidParameter, InvalidCursor, InvalidToken, InsufficientScope))
async def list_responsibilities(
    _: Reader, session: SessionDep, wanted: Annotated[Wanted, Depends(filters)], paging: PagingDep
) -> Page[ResponsibilityRead]:
    """List who must do what on a day: one item for each duty, part in it, and agency that has the part.

    Duties are bound to functions; the agency is the one that holds the function on that day. A function that nobody
    of the register holds stands there with `agency` null, unless one agency is asked for. On a day when a regulation
    is not in effect its duties are left out. Items come in the order of the regulation.
    """
    return await service.list_responsibilities(session, wanted, paging)
