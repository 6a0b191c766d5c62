"""Identifiers: UUIDv7, made in Python so that every supported PostgreSQL serves."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7: ids made later sort later."""
    return uuid7()
