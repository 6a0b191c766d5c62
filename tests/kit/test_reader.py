"""A reader takes connections past SQLAlchemy, and fails as everybody else does."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from app.kit.problems import Unavailable
from app.kit.reads import Reader


@pytest.mark.parametrize("error", [asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError])
async def test_a_server_that_is_starting_is_away(error):
    async def connect(*_, **__):
        raise error("the database system is starting up")

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    with pytest.raises(Unavailable):
        await Reader(engine).rows(None, {})
    await engine.dispose()
