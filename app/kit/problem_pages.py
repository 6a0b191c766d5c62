"""The page behind each problem's `type`: JSON for systems, HTML for the people who look after them."""

from collections.abc import Sequence
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.kit.language import negotiate
from app.kit.negotiation import HTML, JSON, best
from app.kit.problems import CATALOGUE, Language, NotAcceptable, NotFound, problems
from app.kit.routing import Route

router = APIRouter(prefix="/problems", tags=["problems"], route_class=Route)

OFFERED: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {}, HTML: {"schema": {"type": "string"}}}}}
CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{base}/assets/own/problems.css">
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
ENTRY = """<h2><a href="{base}/problems/{code}">{code}</a> <small>{status}</small></h2>
<p><strong>{title}</strong></p>
<p>{detail}</p>"""
TITLES: dict[Language, str] = {"vi": "Các lỗi mà dịch vụ trả về", "en": "The problems this service answers with"}
BRACES: dict[Language, str] = {
    "vi": "Mỗi câu trả lời điền các từ trong ngoặc nhọn.",
    "en": "Words in braces are filled in by each answer.",
}


class ProblemPage(BaseModel):
    """What a problem code means."""

    code: str = Field(max_length=64, examples=["wrong-state"])
    status: int
    title: str = Field(max_length=300)
    detail: str = Field(max_length=1000, description="Words in braces are filled in by each answer.")


class ProblemCatalogue(BaseModel):
    """Every way of failing."""

    items: list[ProblemPage] = Field(max_length=200)


def _entries(codes: Sequence[str], language: Language) -> list[ProblemPage]:
    found = [CATALOGUE[code] for code in codes]
    return [
        ProblemPage(code=e.code, status=e.status, title=e.title[language], detail=e.detail[language]) for e in found
    ]


def _html(request: Request, title: str, entries: Sequence[ProblemPage], language: Language) -> str:
    base = request.scope.get("root_path", "")
    shown = [ENTRY.format(base=base, **{k: escape(str(v)) for k, v in entry.model_dump().items()}) for entry in entries]
    body = "\n".join([*shown, f"<footer>{BRACES[language]}</footer>"])
    return PAGE.format(language=language, title=escape(title), base=base, body=body)


def _prefers_html(request: Request) -> bool:
    return best(",".join(request.headers.getlist("accept")), [JSON, HTML]) == HTML


def _head(language: Language) -> dict[str, str]:
    return {"Content-Language": language, "Vary": "Accept, Accept-Language"}


@router.get("", response_model=ProblemCatalogue, responses=OFFERED | problems(NotAcceptable))
async def list_problems(request: Request, response: Response) -> Any:
    """List every problem code this service answers with."""
    language = negotiate(request.headers.get("accept-language", ""))
    entries = _entries([*CATALOGUE], language)
    if _prefers_html(request):
        page = _html(request, TITLES[language], entries, language)
        return HTMLResponse(page, headers=_head(language) | {"Content-Security-Policy": CSP})
    response.headers.update(_head(language))
    return ProblemCatalogue(items=entries)


@router.get("/{code}", response_model=ProblemPage, responses=OFFERED | problems(NotFound, NotAcceptable))
async def get_problem(code: str, request: Request, response: Response) -> Any:
    """Explain one problem code."""
    if code not in CATALOGUE:
        raise NotFound
    language = negotiate(request.headers.get("accept-language", ""))
    entries = _entries([code], language)
    if _prefers_html(request):
        page = _html(request, f"{code}: {entries[0].title}", entries, language)
        return HTMLResponse(page, headers=_head(language) | {"Content-Security-Policy": CSP})
    response.headers.update(_head(language))
    return entries[0]
