import pytest

from tests import make
from tests.obligations.hands import World


@pytest.fixture(scope="session")
def settings(server_url):
    """No limit on requests: a clock that stands still is one long minute."""
    return make.settings(server_url, rate_limit=0)


@pytest.fixture
async def world(sessions, api, app):
    """Clients of every agency; each keeps its credentials over the year."""
    return World(sessions, api, app)


@pytest.fixture
async def two_members(world):
    """Only one district and the coordinator are members from 2027 on."""
    await world.operator(
        "UPDATE function_held SET valid_to = '2027-01-01' WHERE function IN ('MEMBER', 'DISTRICT') AND agency_id NOT IN"
        " (SELECT id FROM agency WHERE slug IN (:district, :coordinator))",
        district=make.DISTRICT,
        coordinator=make.COORDINATOR,
    )
