"""What tests of tokens work with: the operator's hand, other processes, and one's own address."""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx
from sqlalchemy import text

from app.kit.db import transaction
from app.main import create_app
from tests import make

FORM = {"grant_type": "client_credentials"}


def basic(made):
    return (str(made.client_id), made.client_secret)


async def get_token(api, made, **form):
    answer = await api.post("/oauth/token", data=FORM | form, auth=basic(made))
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def operate(world, verb, *arguments):
    """Run one of the operator's verbs and commit it."""
    async with transaction(world.sessions) as session:
        # The app's own role may do none of this.
        await session.execute(text("SET LOCAL ROLE NONE"))
        made = await verb(session, *arguments)
        await session.flush()
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    return made


async def rows(world, statement, **values):
    async with world.sessions() as session:
        return (await session.execute(text(statement), values)).all()


def assert_refused(answer, error, status):
    """The one shape of a refusal by RFC 6749 §5.2."""
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == error
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert ("Retry-After" in answer.headers) == (status == 429)


def from_address(app, address):
    """An HTTP client at this address."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@asynccontextmanager
async def another_process(url):
    """The service in another process's place: its own pool, its own snapshot, following by itself."""
    app = create_app(make.settings(url), make.vault())
    async with app.router.lifespan_context(app), from_address(app, "127.0.0.1") as api:
        yield api


async def until(condition, most=3.0):
    """Seconds until an asynchronous condition holds."""
    started = time.monotonic()
    while not await condition():
        assert time.monotonic() - started < most, "it never came"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def refused(api, token):
    """Whether the token is refused there, as a condition to wait for."""

    async def ask():
        answer = await make.Caller(api, token).get("/v1/me")
        assert answer.status_code in {200, 401}, answer.text
        return answer.status_code == 401

    return ask
