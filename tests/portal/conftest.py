"""The portal in one transaction: what a COMMIT would do is done at once, and every look is a fresh one."""

import pytest
from sqlalchemy import text

from tests import make
from tests.obligations.hands import World

TRIGGERS = (
    "press_event_published", "provincial_plan_published", "record_published", "press_product_watched",
    "agency_name_watched", "press_invitation_watched", "press_feed_watched",
)  # fmt: skip


@pytest.fixture(scope="session")
def settings(server_url):
    """No limit on requests: a clock that stands still is one long minute."""
    return make.settings(server_url, rate_limit=0)


@pytest.fixture
async def world(sessions, api, app, connection):
    await connection.execute(text(f"SET CONSTRAINTS {', '.join(TRIGGERS)} IMMEDIATE"))
    app.state.editions.standing.stale = -1
    return World(sessions, api, app)
