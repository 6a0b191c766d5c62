"""The page behind each problem's `type`."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.kit.language import negotiate
from app.kit.problems import CATALOGUE, NotFound, problems

router = APIRouter(prefix="/problems", tags=["problems"])


class ProblemPage(BaseModel):
    """What a problem code means."""

    code: str = Field(max_length=64, examples=["wrong-state"])
    status: int
    title: str = Field(max_length=300)
    detail: str = Field(max_length=1000, description="Words in braces are filled in by each answer.")


class ProblemCatalogue(BaseModel):
    """Every way of failing."""

    items: list[ProblemPage] = Field(max_length=200)


def _page(code: str, request: Request, response: Response) -> ProblemPage:
    language = negotiate(request.headers.get("accept-language", ""))
    response.headers["Content-Language"], response.headers["Vary"] = language, "Accept-Language"
    entry = CATALOGUE[code]
    return ProblemPage(code=code, status=entry.status, title=entry.title[language], detail=entry.detail[language])


@router.get("")
async def list_problems(request: Request, response: Response) -> ProblemCatalogue:
    """List every problem code this service answers with."""
    return ProblemCatalogue(items=[_page(code, request, response) for code in CATALOGUE])


@router.get("/{code}", responses=problems(NotFound))
async def get_problem(code: str, request: Request, response: Response) -> ProblemPage:
    """Explain one problem code."""
    if code not in CATALOGUE:
        raise NotFound
    return _page(code, request, response)
