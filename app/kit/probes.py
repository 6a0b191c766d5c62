"""Probes: is the process alive, and may traffic come."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

router = APIRouter(tags=["probes"])


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"]


class Ready(BaseModel):
    """Whether requests can be served, and what is missing."""

    status: Literal["ready", "not ready"]
    database: Literal["ok", "away", "wrong schema"]


@router.get("/livez")
async def livez() -> Live:
    """Answer as long as the process lives; asks nothing of the database."""
    return Live(status="live")


@router.get("/readyz", responses={503: {"model": Ready, "description": "Not ready"}})
async def readyz(request: Request, response: Response) -> Ready:
    """Answer 200 when the database is there and has the schema this version needs, 503 otherwise."""
    database: Literal["ok", "away", "wrong schema"] = "ok"
    try:
        async with request.app.state.sessions() as session:
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
        if found != request.app.state.schema_head:
            database = "wrong schema"
    except (SQLAlchemyError, OSError, TimeoutError):
        database = "away"
    if database != "ok":
        response.status_code = 503
    return Ready(status="ready" if database == "ok" else "not ready", database=database)
