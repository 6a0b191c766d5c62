"""Bringing a database to the present schema, and filling in what every installation starts with."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from app.agencies.seed import seed as seed_agencies
from app.kit.db import make_engine, make_sessions, transaction
from app.kit.revision import SCRIPTS
from app.kit.roles import Role, ensure_roles
from app.kit.vault import Vault
from app.oauth.service import ensure_signing_key


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration; there is no alembic.ini."""
    found = Config(attributes={"connection": connection})
    found.set_main_option("script_location", str(SCRIPTS))
    return found


def check(connection: Connection) -> None:
    """Raise when the models say something else than the migrations built."""
    command.check(config(connection))


async def upgrade(url: str) -> None:
    """Create the roles and run every migration that has not run."""
    login = make_engine(url, role=None, pool_size=1, name="ttdn-migrate")
    async with login.begin() as connection:
        await ensure_roles(connection)
    await login.dispose()
    owner = make_engine(url, role=Role.owner, pool_size=1, name="ttdn-migrate")
    async with owner.connect() as connection:
        # Two processes that start together must not migrate together.
        await connection.execute(text("SELECT pg_advisory_lock(hashtext('ttdn migrate'))"))
        await connection.commit()
        await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))
        await connection.commit()
    await owner.dispose()


async def seed(url: str, vault: Vault) -> int:
    """Load the register and make the first signing key; how many agencies were new."""
    engine = make_engine(url, role=Role.owner, pool_size=1, name="ttdn-seed")
    try:
        async with transaction(make_sessions(engine)) as session:
            await ensure_signing_key(session, vault)
            return await seed_agencies(session)
    finally:
        await engine.dispose()
