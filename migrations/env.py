"""Alembic's entry: it migrates on the connection that `app.migrate` gives it."""

from alembic import context
from sqlalchemy import Connection

import app.rooms  # noqa: F401 - every model must be known for `alembic check`
from app.kit.db import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
