"""The regulation itself, open to everyone."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from app.kit import text
from app.kit.etag import etag
from app.kit.problems import InvalidParameter, NotFound, problems
from app.kit.routing import Route
from app.law import service
from app.law.book import law
from app.law.citing import Clause
from app.law.schemas import ProvisionDetail, ProvisionTree, RegulationList, RegulationText
from app.law.service import RegulationId

router = APIRouter(prefix="/v1", tags=["law"], route_class=Route)
Answer = TypeVar("Answer", bound=BaseModel)
FIRST = next(iter(law().instruments))


def _public(response: Response, answer: Answer) -> Answer:
    """Let everyone keep the answer for an hour, and ask by its tag whether it still stands."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["ETag"] = etag(1, answer)
    return answer


@router.get("/regulations")
async def list_regulations(response: Response) -> RegulationList:
    """List the instruments of law that this service carries, side by side, with what is not confirmed about them."""
    return _public(response, service.regulations())


@router.get("/regulations/{id}", responses=problems(NotFound))
async def get_regulation(id: RegulationId, response: Response) -> RegulationText:
    """Read one instrument with its whole text, verbatim: misprints stay, and the provisions' `errata` tell of them."""
    return _public(response, service.regulation(id))


@router.get("/provisions", responses=problems(InvalidParameter))
async def list_provisions(
    response: Response,
    regulation: Annotated[RegulationId, Query(description="The regulation read or searched.")] = FIRST,
    q: Annotated[
        text.Query | None,
        Query(description="Words of the text, without diacritics if you like: `bao chi nuoc ngoai`."),
    ] = None,
) -> ProvisionTree:
    """Read the tree of a regulation; or with `q` search it.

    A search answers a flat list in the order of the text: each provision in whose own number, heading or text the
    words stand, with `children` left empty. Diacritics, case, blanks, apostrophes and hyphens do not matter.
    """
    return _public(response, service.found(regulation, q) if q else service.tree(regulation))


@router.get("/provisions/{id}", responses=problems(NotFound))
async def get_provision(id: Clause, response: Response) -> ProvisionDetail:
    """Read one provision: its text, what stands below it, what it orders of whom, and how its misprints are read.

    The id of a duty (`QC.D7.K3-a`) answers the provision that orders it (`QC.D7.K3`), with all its duties.
    """
    return _public(response, service.provision(id.provision.id))
