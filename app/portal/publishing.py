"""A resource that everybody may read: declared once, answered as a list and one by one.

A room's public part is a `Publication`; `publish` gives it its two operations, with all that caches need. The shapes
are made for nobody in particular (`None`): their statements start at what is public by now.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from app.kit.driver import Statement
from app.kit.pages import Page, Paging, PagingDep
from app.kit.problems import InvalidCursor, InvalidParameter, NotFound, problems
from app.kit.reader import ReaderDep
from app.kit.reads import Shape
from app.portal import day
from app.portal.editions import Built, Editions, answer, key_of


@dataclass(frozen=True)
class Publication:
    """What everybody may read of one kind of resource.

    `topics`: what its answers are made of, first its own; `turns`: the instants of a day at which the clock alone
    changes them (`day.turns`; None: midnight alone); `listing`, `reading`: what its two operations are called and do.
    """

    path: str
    topics: tuple[str, ...]
    short: type[BaseModel]
    whole: type[BaseModel]
    listed: Shape[None]
    one: Shape[None]
    filter: Callable[..., Awaitable[Mapping[str, Any]]]
    listing: tuple[str, str]
    reading: tuple[str, str]
    provisions: tuple[str, ...]
    turns: Statement | None = None


def publish(router: APIRouter, publication: Publication) -> None:
    """Give the router the list and the one."""
    cited = {"x-provisions": list(publication.provisions)}
    for path, (name, summary), endpoint, model, failures in (
        ("", publication.listing, _list(publication), Page[publication.short], (InvalidParameter, InvalidCursor)),  # type: ignore[name-defined]
        ("/{id}", publication.reading, _one(publication), publication.whole, (NotFound,)),
    ):
        router.add_api_route(
            f"/{publication.path}{path}",
            endpoint,
            methods=["GET"],
            response_model=model,
            name=name,
            operation_id=name,
            description=summary,
            responses=problems(*failures),
            openapi_extra=cited,
        )


def editions_of(request: Request) -> Editions:
    """The editions of this process."""
    found: Editions = request.app.state.editions
    return found


def _list(publication: Publication) -> Callable[..., Awaitable[Response]]:
    async def endpoint(
        request: Request,
        reader: ReaderDep,
        wanted: Annotated[Mapping[str, Any], Depends(publication.filter)],
        paging: PagingDep,
    ) -> Response:
        async def build(moment: datetime) -> Built:
            given = day.values(moment)
            page = await publication.listed.page(reader, None, given, wanted, paging)
            return await _built(page, publication, reader, moment)

        return await _answered(request, publication, _asked(paging), build)

    return endpoint


def _one(publication: Publication) -> Callable[..., Awaitable[Response]]:
    async def endpoint(id: UUID, request: Request, reader: ReaderDep) -> Response:
        async def build(moment: datetime) -> Built:
            found = await publication.one.one(reader, None, day.values(moment), id)
            return await _built(found, publication, reader, moment)

        return await _answered(request, publication, str(id), build)

    return endpoint


async def _answered(
    request: Request, publication: Publication, asked: str, build: Callable[[datetime], Awaitable[Built]]
) -> Response:
    edition = await editions_of(request).edition(publication.topics, key_of(request, asked), build)
    return answer(request, edition)


async def _built(found: Response, publication: Publication, reader: ReaderDep, moment: datetime) -> Built:
    headers = {"Link": found.headers["Link"]} if "Link" in found.headers else {}
    since, until = await day.span(reader, publication.turns, moment)
    return Built(bytes(found.body), "application/json", since, until, headers)


def _asked(paging: Paging) -> str:
    """Everything that decides what stands on a page; the next one's cursor is bound to the whole query."""
    return f"{paging.filter.hex()} {paging.limit} {paging.after}"
