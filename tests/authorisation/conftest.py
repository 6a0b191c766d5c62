import httpx
import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.main import create_app
from tests import make
from tests.authorisation.ground import Ground
from tests.authorisation.mutants import COMPILED


@pytest.fixture(scope="package")
async def furnished(engine, server_url):
    """The ground of this folder, built once; its transaction is rolled back in the end."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint", info={"poke": None}
        )
        app = create_app(make.settings(server_url, rate_limit=0), make.vault(), sessions=sessions)
        COMPILED[:] = [app.state.feed._statement, app.state.changes._statement]
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
            yield await Ground(make.World(sessions, api, app), connection).build()
        await transaction.rollback()


@pytest.fixture
async def ground(furnished):
    """The ground, as it was built; what the test changes is undone."""
    async with furnished.undone():
        yield furnished
    await furnished.world.refresh()
