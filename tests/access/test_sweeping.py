"""What has served its time goes; what has not stays. The worker does it, in its own role."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.kit.clock import now
from app.kit.db import make_engine, make_sessions
from app.kit.roles import Role
from app.worker import Worker
from tests import make

pytestmark = pytest.mark.real

KEY = """
INSERT INTO idempotency_key (client_id, key, fingerprint, status, headers, body_locked, created_at)
VALUES (:client, 'k', '', 201, '{}', '', :made)
"""


async def test_old_keys_and_past_minutes_are_swept_and_nothing_else(own_database):
    owner = make_engine(own_database, role=Role.owner, pool_size=1)
    young, old = uuid4(), uuid4()
    async with owner.begin() as connection:
        await connection.execute(text(KEY), {"client": young, "made": now() - timedelta(days=6, hours=23)})
        await connection.execute(text(KEY), {"client": old, "made": now() - timedelta(days=7, minutes=1)})
        await connection.execute(text("INSERT INTO rate_window VALUES ('past', 1, 5), ('now', 1099511627776, 5)"))
    engine = make_engine(own_database, role=Role.worker, pool_size=4)
    await Worker(make_sessions(engine), make.settings(own_database), make.vault()).sweep_once()
    await engine.dispose()
    async with owner.connect() as connection:
        keys = (await connection.execute(text("SELECT client_id FROM idempotency_key"))).scalars().all()
        windows = (await connection.execute(text("SELECT key FROM rate_window"))).scalars().all()
    await owner.dispose()
    assert keys == [young]
    assert windows == ["now"]
