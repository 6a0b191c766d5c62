"""A database server that somebody else runs: an ordinary login sets it up; what the roles may do is theirs alone."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import migrate
from app.kit.db import async_url, make_engine
from app.kit.postgres import embedded
from app.kit.roles import Role
from tests import make

pytestmark = pytest.mark.real


@pytest.mark.parametrize("version", [16, 18])
async def test_a_login_that_is_no_superuser_sets_everything_up(home, version):
    with embedded(home, version=version, options={"fsync": "off"}) as server:
        await as_superuser(server.url, "CREATE ROLE office LOGIN CREATEROLE PASSWORD 'pw'")
        await as_superuser(server.url, "CREATE DATABASE office OWNER office")
        url = async_url(server.url).set(drivername="postgresql", username="office", password="pw", database="office")
        address = url.render_as_string(hide_password=False)
        await migrate.upgrade(address)
        await migrate.upgrade(address)
        assert await migrate.seed(address, make.vault()) == 59
        app = make_engine(address, role=Role.app, pool_size=1)
        async with app.connect() as connection:
            assert await connection.scalar(text("SELECT current_user")) == "ttdn_app"
            assert await connection.scalar(text("SELECT count(*) FROM agency")) == 59
            with pytest.raises(DBAPIError, match="permission denied"):
                await connection.execute(text("CREATE TABLE mine (id int)"))
        await app.dispose()


async def as_superuser(url, statement):
    engine = make_engine(url, role=None, pool_size=1).execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def test_the_schema_of_the_migrations_is_the_schema_of_the_models(own_database):
    engine = make_engine(own_database, role=Role.owner, pool_size=1)
    async with engine.connect() as connection:
        await connection.run_sync(migrate.check)
    await engine.dispose()
