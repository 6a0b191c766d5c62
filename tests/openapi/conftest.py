import socket

import pytest

from app.webhooks import addresses
from tests.openapi.stage import Stage
from tests.webhooks.conftest import hands  # noqa: F401 - a fixture

RECEIVER = "tiepnhan.buondon.daklak.example"


@pytest.fixture
def document(app):
    """Made once, as the app is."""
    return app.openapi()


@pytest.fixture
def named(monkeypatch):
    """The receiver's name in the examples leads to this machine."""
    look_up = socket.getaddrinfo

    def resolve(host, *args, **more):
        return look_up("127.0.0.1" if host == RECEIVER else host, *args, **more)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)


@pytest.fixture
def stage(world, document, named):
    return Stage(world, document)
