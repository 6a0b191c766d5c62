"""The shipped server as a process of its own, on a database of its own; asked through bare sockets."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from app import migrate
from app.kit.db import async_url, make_engine, make_sessions, transaction
from app.kit.roles import Role
from app.oauth.service import create_client
from tests import make
from tests.wire.server import Server


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/wire" in str(item.path):
            item.add_marker(pytest.mark.real)


async def _database(server_url):
    name = f"wire_{uuid4().hex[:12]}"
    admin = make_engine(server_url, role=None, pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await admin.dispose()
    url = async_url(server_url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    await migrate.upgrade(url)
    await migrate.seed(url, make.vault())
    return url


async def _client(url):
    engine = make_engine(url, role=Role.owner, pool_size=1)
    async with transaction(make_sessions(engine)) as session:
        made = await create_client(session, make.DISTRICT, "integration", "wire")
    await engine.dispose()
    return str(made.client_id), made.client_secret


@pytest.fixture(scope="session")
def wire_url(server_url):
    return asyncio.run(_database(server_url))


@pytest.fixture(scope="session")
def credentials(wire_url):
    return asyncio.run(_client(wire_url))


@pytest.fixture(scope="session")
def server(wire_url, credentials):
    """`ttdn serve`, for every test that leaves it as it found it."""
    server = Server(wire_url, credentials).start()
    yield server
    status = server.stop()
    server.end()
    assert status == 0


@pytest.fixture
def own_server(wire_url, credentials):
    """A server that the test may stop, or start with other settings."""
    started = []

    def begin(**settings):
        server = Server(wire_url, credentials, **settings).start()
        started.append(server)
        return server

    yield begin
    for server in started:
        server.end()


@pytest.fixture(autouse=True)
def _still_alive(request):
    """Whatever was sent, the server answers the next one."""
    yield
    if "server" in request.fixturenames:
        server = request.getfixturevalue("server")
        assert server.process.poll() is None, server.said()
        assert server.ask(b"GET /livez HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")[0].status == 200
        assert not server.faults(), server.faults()
