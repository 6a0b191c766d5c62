"""Database roles: the owner migrates, the app serves, the worker seals and sends, the backup reads.

With one address every process logs in with it and acts in its role; a deployment may instead give each process an
address of its own, with a login that is a member of the role.
"""

from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Role(StrEnum):
    """The roles; they cannot log in themselves."""

    owner = "ttdn_owner"
    app = "ttdn_app"
    worker = "ttdn_worker"
    backup = "ttdn_backup"


async def ensure_roles(connection: AsyncConnection) -> None:
    """Create the roles that are not there yet and let this login act in each of them."""
    # Roles belong to the whole cluster: two databases may be set up at once.
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ttdn roles'))"))
    version = int(str(await connection.scalar(text("SHOW server_version_num"))))
    for role in Role:
        if not await connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role.value}):
            await connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
        # From PostgreSQL 16 on, who creates a role administers it but may not yet act in it.
        may = "SELECT pg_has_role(current_user, :role, CASE WHEN :version >= 160000 THEN 'SET' ELSE 'MEMBER' END)"
        if not await connection.scalar(text(may), {"role": role.value, "version": version}):
            await connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
    await connection.execute(text(f"GRANT USAGE, CREATE ON SCHEMA public TO {Role.owner}"))
    # Temporary tables could carry the log's triggers; nothing here needs one.
    await connection.execute(
        text("DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$")
    )
