"""Probes: is the process alive, and may traffic come."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
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


@router.get("/livez")
async def livez() -> Live:
    """Answer as long as the process lives; asks nothing of the database."""
    return Live(status="live")


@router.get("/readyz", responses=problems(Unavailable))
async def readyz(request: Request) -> Ready:
    """Answer 200 when the database is there and has the schema this version needs.

    Otherwise 503, where `database` says what is wrong: `away` or `wrong schema`.
    """
    try:
        async with request.app.state.sessions() as session:
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError) as error:
        raise Unavailable(database="away") from error
    if found != request.app.state.schema_head:
        raise Unavailable(database="wrong schema")
    return Ready(status="ready", database="ok")
