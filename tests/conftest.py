"""One embedded PostgreSQL for the whole run; each test in a transaction that is rolled back.

Tests marked `real` commit for real, each in a database of its own, cloned from the migrated and seeded template.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.datastructures import State

from app import migrate
from app.kit.db import async_url, make_engine, make_sessions
from app.kit.postgres import embedded
from app.kit.roles import Role
from app.main import create_app, furnish
from app.trail.poke import Poker
from tests import make

TEMPLATE = "ttdn"
LONGEST = "test_mutants.py"
SHARED = "authorisation"
OVER_HTTP = {"api", "real_world", "records"}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest files come first, so that no worker is left with one at the end: LONGEST, and real processes.

    Those of SHARED stand together: what they all work with is built once by each worker, and not once more.
    """
    for item in items:
        if item.get_closest_marker("provision") and OVER_HTTP.isdisjoint(item.fixturenames):
            msg = f"{item.nodeid} is said to play a provision, but not over HTTP"
            raise pytest.UsageError(msg)
    slow = {item.path for item in items if item.get_closest_marker("real")}
    items.sort(key=lambda item: (item.path.name != LONGEST, item.path.parent.name != SHARED, item.path not in slow))


@pytest.fixture(scope="session")
def server_url():
    """A PostgreSQL of this run's own (or the one in TTDN_TEST_DATABASE_URL), migrated and seeded."""
    given = os.environ.get("TTDN_TEST_DATABASE_URL")
    if given:
        asyncio.run(_prepare(given))
        yield given
        return
    home = Path(tempfile.mkdtemp(prefix="ttdn-test-"))
    home.chmod(0o755)
    try:
        version = int(os.environ.get("TTDN_TEST_POSTGRES", "18"))
        with embedded(home, version=version, options={"fsync": "off", "full_page_writes": "off"}) as server:
            asyncio.run(_prepare(server.url))
            yield server.url
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _prepare(url):
    await migrate.upgrade(url)
    await migrate.seed(url, make.vault())


@pytest.fixture(scope="session")
def settings(server_url):
    return make.settings(server_url)


@pytest.fixture(scope="session")
async def engine(server_url):
    """The app's own role: a missing grant fails a test, not a deployment."""
    engine = make_engine(server_url, role=Role.app, pool_size=5, name="test")
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(engine, server_url):
    """A connection in a transaction that is rolled back when the test ends."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        if transaction.is_active:
            await transaction.rollback()


@pytest.fixture
async def sessions(connection):
    """Sessions inside the test's transaction: their COMMIT ends a savepoint."""
    return async_sessionmaker(
        connection, expire_on_commit=False, join_transaction_mode="create_savepoint", info={"poke": None}
    )


@pytest.fixture(scope="session")
def built(settings):
    """The app with all its routes, made once: that takes longer than most tests."""
    return create_app(settings, make.vault())


@pytest.fixture
def app_on(request, built):
    """The app on these sessions; with nothing of the test before, and its own where it adds routes (`own_app`)."""

    def put(sessions, settings):
        if request.node.get_closest_marker("own_app"):
            return create_app(settings, make.vault(), sessions=sessions)
        built.state = State()
        furnish(built, settings, make.vault(), sessions)
        return built

    return put


@pytest.fixture
async def app(sessions, settings, app_on):
    return app_on(sessions, settings)


@pytest.fixture
async def api(app):
    """An HTTP client of the app, without credentials."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def world(sessions, api, app):
    """Clients of every agency, made when asked for."""
    return make.World(sessions, api, app)


@pytest.fixture
async def own_database(server_url):
    """The address of a database of this test's own, where commits are real."""
    name = f"t_{uuid4().hex[:12]}"
    login = make_engine(server_url, role=None, pool_size=1)
    admin = login.execution_options(isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        # A template can be cloned only while nobody is connected to it.
        await connection.execute(
            text(f"CREATE DATABASE {name} TEMPLATE {await _template(server_url)} STRATEGY wal_log")
        )
    yield async_url(server_url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await login.dispose()


_cloned: list[str] = []


async def _template(server_url):
    """A database nobody connects to: made once, migrated and seeded like the first."""
    if not _cloned:
        name = f"template_{uuid4().hex[:8]}"
        admin = make_engine(server_url, role=None, pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
        async with admin.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.dispose()
        url = async_url(server_url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        await _prepare(url)
        _cloned.append(name)
    return _cloned[0]


@pytest.fixture
async def real_world(own_database, app_on):
    """The app on a database of its own, with real commits, and the clients of every agency."""
    engine = make_engine(own_database, role=Role.app, pool_size=20, name="test")
    settings = make.settings(own_database)
    poker = Poker(engine)
    sessions = make_sessions(engine, poke=poker.poke)
    app = app_on(sessions, settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield make.World(make_sessions(make_owner(own_database)), client, app, own_database)
    await engine.dispose()


_owners = []


def make_owner(url):
    engine = make_engine(url, role=Role.owner, pool_size=2)
    _owners.append(engine)
    return engine


@pytest.fixture(autouse=True, scope="session")
async def _close_owners():
    yield
    for engine in _owners:
        await engine.dispose()
