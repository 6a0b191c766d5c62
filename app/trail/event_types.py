"""The catalogue of events, as receivers read it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from app.kit.etag import etag
from app.kit.problems import InvalidParameter, NotFound, problems
from app.kit.routing import Route

Citation = Annotated[str, Field(max_length=64)]


class EventTypeRead(BaseModel):
    """A kind of event: its name, what it is about, the law it rests on, and what its body looks like."""

    name: str = Field(max_length=64, examples=["plan.submitted"])
    resource: str = Field(max_length=64, description="The kind of resource it is about.", examples=["plan"])
    title_vi: str = Field(max_length=300, examples=["Kế hoạch được gửi"])
    title_en: str = Field(max_length=300, examples=["A plan was submitted"])
    provisions: list[Citation] = Field(
        max_length=20, description="The clauses it rests on; empty for what is technical.", examples=[["QC.D7.K1"]]
    )
    json_schema: dict[str, Any] = Field(
        description="JSON Schema (2020-12) of the event's body.",
        json_schema_extra={"maxProperties": 50},
        examples=[{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}],
    )


class EventTypeList(BaseModel):
    """Every kind of event."""

    items: list[EventTypeRead] = Field(max_length=500)


router = APIRouter(prefix="/v1/event-types", tags=["events"], route_class=Route)


@router.get("", responses=problems(InvalidParameter))
async def list_event_types(
    request: Request,
    response: Response,
    resource: Annotated[
        str | None, Query(max_length=64, description="Only events about this kind of resource: `plan`.")
    ] = None,
) -> EventTypeList:
    """List every kind of event that the feed and the webhooks carry, each with the JSON Schema of its body.

    Open to everyone: whoever builds a receiver reads here what will come.
    """
    known: list[EventTypeRead] = request.app.state.event_types
    found = EventTypeList(items=[kind for kind in known if resource in {None, kind.resource}])
    _keep(response, found)
    return found


@router.get("/{name}", responses=problems(NotFound))
async def get_event_type(
    name: Annotated[str, Path(max_length=64, description="As in `plan.submitted`.")],
    request: Request,
    response: Response,
) -> EventTypeRead:
    """Read one kind of event, with the JSON Schema of its body. Open to everyone."""
    found: EventTypeRead | None = next((kind for kind in request.app.state.event_types if kind.name == name), None)
    if found is None:
        raise NotFound
    _keep(response, found)
    return found


def _keep(response: Response, found: BaseModel) -> None:
    """Whoever reads it may keep it for an hour."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["ETag"] = etag(1, found)
