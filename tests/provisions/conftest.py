"""What the tests of the provisions share."""

import pytest

from tests.records.furnished import on_stage


@pytest.fixture(scope="module")
async def records(engine, built, server_url):
    """Records, as the agencies make them over HTTP."""
    async with on_stage(engine, built, server_url) as found:
        yield found
