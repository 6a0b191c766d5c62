import pytest

from tests import make
from tests.trail.hands import Hands


@pytest.fixture
async def hands(own_database):
    """Sessions and workers on the test's own database."""
    hands = Hands(own_database)
    yield hands
    await hands.close()


@pytest.fixture
async def district(real_world):
    """A caller for a district, with real commits."""
    return await real_world.as_(make.DISTRICT)
