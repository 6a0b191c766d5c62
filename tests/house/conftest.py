"""A directory that every user of the machine can enter: pytest's own are closed to other users than its own."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def home():
    place = Path(tempfile.mkdtemp(prefix="ttdn-house-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)
