"""Probes: is the process alive, and may traffic come."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kit.problems import Unavailable, problems
from app.kit.routing import Named

router = APIRouter(tags=["probes"], route_class=Named)


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"]


class Ready(BaseModel):
    """Requests can be served."""

    status: Literal["ready"]
    database: Literal["ok"]
    attention: dict[str, Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(
        json_schema_extra={"maxProperties": 50},
        description="What an operator should look at, though requests are served: how many of each.",
        examples=[{"webhook_endpoints_degraded": 1}],
    )


@router.get("/livez")
async def livez() -> Live:
    """Answer as long as the process lives; asks nothing of the database."""
    return Live(status="live")


@router.get("/readyz", responses=problems(Unavailable))
async def readyz(request: Request) -> Ready:
    """Answer 200 when the database is there and has the schema this version needs.

    `attention` tells of what goes wrong beside that: webhook endpoints that fail, deliveries that were given up.
    Otherwise 503, where `database` says what is wrong: `away` or `wrong schema`.
    """
    try:
        async with request.app.state.sessions() as session:
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
            if found != request.app.state.schema_head:
                raise Unavailable(database="wrong schema")
            attention: dict[str, int] = {}
            for counted in request.app.state.attention:
                attention |= {name: number for name, number in (await counted(session)).items() if number}
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(database="away") from error
    return Ready(status="ready", database="ok", attention=attention)
