import pytest

from tests.trail.hands import Hands


@pytest.fixture
async def hands(own_database):
    """Sessions and workers on the test's own database."""
    hands = Hands(own_database)
    yield hands
    await hands.close()
