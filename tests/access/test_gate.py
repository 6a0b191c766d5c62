"""The gate: every operation but a few public ones asks who is calling, before anything else, and what they may do."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from app.access.grants import ROLES, Scope, allowed
from app.access.models import FunctionHeld
from app.access.snapshot import Snapshot, holds
from app.access.tokens import issue
from app.kit.clock import today
from app.kit.db import make_engine, make_sessions
from app.kit.roles import Role
from app.main import create_app
from app.oauth.service import revoke_client
from tests import make
from tests.shape import assert_problem

# What everybody may ask without a token, written by hand: whoever adds to it must mean it.
PUBLIC = {
    ("GET", "/v1/regulations"),
    ("GET", "/v1/regulations/{id}"),
    ("GET", "/v1/provisions"),
    ("GET", "/v1/provisions/{id}"),
    ("GET", "/v1/event-types"),
    ("GET", "/v1/event-types/{name}"),
    ("GET", "/v1/record-kinds"),
    ("GET", "/v1/record-kinds/{name}"),
    ("GET", "/v1/public/press-events"),
    ("GET", "/v1/public/press-events/{id}"),
    ("GET", "/v1/public/press-events.ics"),
    ("GET", "/v1/public/press-events.atom"),
    ("GET", "/v1/public/plans"),
    ("GET", "/v1/public/plans/{id}"),
    ("GET", "/v1/public/records"),
    ("GET", "/v1/public/records/{id}"),
    ("GET", "/v1/public/investment-statistics"),
    ("GET", "/v1/public/press-products"),
    ("GET", "/v1/public/press-products/{id}"),
    # Whoever has the address.
    ("GET", "/v1/press-calendars/{secret}.ics"),
    ("GET", "/problems"),
    ("GET", "/problems/{code}"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/oauth/jwks.json"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/.well-known/api-catalog"),
    # A client id and its secret, never a token.
    ("POST", "/oauth/token"),
    ("POST", "/oauth/revoke"),
    ("POST", "/oauth/introspect"),
}


def operations(app):
    """Method, path template, operation of everything the API has."""
    for path, found in app.openapi()["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def asks_for_a_scope(operation):
    return any("oauth2" in requirement for requirement in operation.get("security", []))


def filled(path):
    for name in ("id", "remark_id", "number", "source", "external_id", "code", "kind"):
        path = path.replace(f"{{{name}}}", str(uuid4()))
    return path


def test_the_operations_without_a_scope_are_the_public_ones(app):
    open_to_all = {(method, path) for method, path, operation in operations(app) if not asks_for_a_scope(operation)}
    assert open_to_all == PUBLIC


async def test_every_other_operation_refuses_a_caller_without_a_token(api, app):
    for method, path, operation in operations(app):
        if (method, path) in PUBLIC:
            continue
        headers = {"Content-Type": "application/json"} if "requestBody" in operation else {}
        answer = await api.request(method, filled(path), headers=headers, content=b"{}" if headers else None)
        await assert_problem(api, answer, "invalid-token")
        assert answer.headers["WWW-Authenticate"] == "Bearer", (method, path)


async def token_with(world, scopes):
    """A genuine token of a client with every right, asking for these scopes only."""
    me = (await (await world.as_(make.DISTRICT)).get("/v1/me")).json()
    return issue(
        world.app.state.snapshot.state.signing, "http://test", UUID(me["client_id"]), UUID(me["agency_id"]),
        frozenset(scopes), timedelta(minutes=5),
    )  # fmt: skip


async def test_every_other_operation_refuses_a_caller_without_its_scope(world, app):
    for method, path, operation in operations(app):
        if (method, path) in PUBLIC:
            continue
        ((needed,),) = (requirement["oauth2"] for requirement in operation["security"])
        others = {scope.value for scope in Scope} - {needed}
        caller = make.Caller(world.api, await token_with(world, others))
        headers = {"Content-Type": "application/json"} if "requestBody" in operation else {}
        answer = await caller.request(method, filled(path), headers=headers, content=b"{}" if headers else None)
        document = await assert_problem(world.api, answer, "insufficient-scope")
        assert document["scope"] == needed, (method, path)


HOSTILE_BODIES = [b"{", b"\xff", b"[" * 10_000, b"x" * 2_200_000]


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=["malformed", "no text", "deep", "too large"])
async def test_a_stranger_is_refused_before_the_body_is_read(api, app, body):
    for method, path, operation in operations(app):
        if "requestBody" not in operation or (method, path) in PUBLIC:
            continue
        answer = await api.request(method, filled(path), content=body, headers={"Content-Type": "application/json"})
        await assert_problem(api, answer, "invalid-token")


async def test_a_stranger_is_refused_before_anything_else_is_looked_at(api, app):
    for method, path, _ in operations(app):
        if (method, path) not in PUBLIC:
            answer = await api.request(method, path, params={"limit": "x", "as_of": "x", "cursor": "x", "after": "x"})
            assert answer.json()["code"] == "invalid-token", (method, path)


async def test_a_body_is_not_even_received_from_a_stranger(app):
    asked = []

    async def receive():
        asked.append(1)
        return {"type": "http.request", "body": b"{}", "more_body": False}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/plans", "raw_path": b"/v1/plans", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")], "http_version": "1.1",
        "scheme": "http", "server": ("test", 80), "client": ("test", 1), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 401
    assert asked == []


def test_every_role_and_function_gives_what_the_table_says():
    everybody = {
        Scope.registry_read, Scope.plans_read, Scope.tasks_read, Scope.budgets_read, Scope.obligations_read,
        Scope.reports_read, Scope.press_read, Scope.records_read, Scope.events_read,
    }  # fmt: skip
    drafts = {Scope.plans_write, Scope.budgets_write, Scope.reports_write}
    assert allowed("drafter", ["MEMBER"]) == everybody | drafts
    assert Scope.plans_review not in allowed("integration", ["MEMBER"])
    assert Scope.plans_review in allowed("integration", ["COORD"])
    assert Scope.plans_write not in allowed("integration", ["COORD"])
    assert allowed("integration", []) == everybody | {
        Scope.records_write, Scope.audit_read, Scope.webhooks_manage,
    }  # fmt: skip
    assert allowed("nobody", ["MEMBER", "COORD"]) == frozenset()
    for role in ROLES:
        assert allowed(role, ["MEMBER"]) <= ROLES[role]


def test_a_function_is_held_from_a_day_to_the_day_before_another():
    held = FunctionHeld(
        function="MEMBER",
        agency_id=uuid4(),
        valid_from=today().replace(year=2020),
        valid_to=today().replace(year=2021),
        singleton=False,
    )
    assert holds(held, held.valid_from)
    assert not holds(held, held.valid_to)
    assert not holds(held, held.valid_from.replace(year=2019))


@asynccontextmanager
async def another_process(url):
    """The service in another process's place: its own pool, its own snapshot, following by itself."""
    app = create_app(make.settings(url), make.vault())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
            yield api


async def until(status, caller, path="/v1/me"):
    """Seconds until the answer has this status; at most three."""
    started = time.monotonic()
    while (answer := await caller.get(path)).status_code != status:
        assert time.monotonic() - started < 3, answer.text
        await asyncio.sleep(0.02)
    return time.monotonic() - started


@pytest.mark.real
async def test_a_revoked_client_is_refused_within_a_second_on_every_process(real_world):
    world = real_world
    async with another_process(world.url) as first, another_process(world.url) as second:
        for _ in range(3):
            made = await world.credentials(make.DISTRICT)
            basic = (str(made.client_id), made.client_secret)
            form = {"grant_type": "client_credentials"}
            token = (await first.post("/oauth/token", data=form, auth=basic)).json()["access_token"]
            callers = [make.Caller(first, token), make.Caller(second, token)]
            for caller in callers:
                assert (
                    await caller.get("/v1/me")
                ).status_code == 200  # also where the client is newer than the snapshot
            async with world.sessions() as session:
                await session.execute(text("SET LOCAL ROLE NONE"))
                await revoke_client(session, made.client_id)
                await session.commit()
            assert max(await asyncio.gather(*(until(401, caller) for caller in callers))) <= 1.0
            refused = await first.post("/oauth/token", data=form, auth=basic)
            assert refused.status_code == 401


@pytest.mark.real
async def test_a_function_withdrawn_takes_its_scopes_within_a_second(real_world):
    world = real_world
    token = await world.token(make.DISTRICT)
    async with another_process(world.url) as api:
        caller = make.Caller(api, token)
        assert "plans:write" in (await caller.get("/v1/me")).json()["scopes"]
        async with world.sessions() as session:
            await session.execute(text("SET LOCAL ROLE NONE"))
            await session.execute(
                text("UPDATE function_held SET valid_to = :day WHERE function = 'MEMBER' AND agency_id = :agency"),
                {"day": today(), "agency": await world.agency_id(make.DISTRICT)},
            )
            await session.commit()
        started = time.monotonic()
        while "plans:write" in (await caller.get("/v1/me")).json()["scopes"]:
            assert time.monotonic() - started <= 1.0
            await asyncio.sleep(0.02)
        answer = await caller.post("/v1/plans", make.a_plan())
        await assert_problem(api, answer, "insufficient-scope")


@pytest.mark.real
async def test_a_process_that_has_only_just_started_knows_the_keys(real_world):
    token = await real_world.token(make.DISTRICT)
    for _ in range(3):
        async with another_process(real_world.url) as api:
            assert (await make.Caller(api, token).get("/v1/me")).status_code == 200


@pytest.mark.real
async def test_a_snapshot_that_is_late_is_read_once_for_all_who_wait(real_world):
    engine = make_engine(real_world.url, role=Role.app, pool_size=2)
    looks = []

    def counted():
        looks.append(1)
        return sessions()

    sessions = make_sessions(engine)
    snapshot = Snapshot(counted, make.vault())
    await asyncio.gather(*(snapshot.fresh() for _ in range(50)))
    assert len(looks) <= 2
    await engine.dispose()


@pytest.mark.real
async def test_a_look_that_began_before_a_change_of_one_s_own_does_not_pass_for_fresh(real_world):
    engine = make_engine(real_world.url, role=Role.app, pool_size=2)
    sessions, looks, seen, go_on = make_sessions(engine), [], asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def slow():
        looks.append(1)
        async with sessions() as session:
            yield session
            if len(looks) == 1:
                seen.set()
                await go_on.wait()

    snapshot = Snapshot(slow, make.vault())
    looking = asyncio.create_task(snapshot.refresh())
    await seen.wait()
    snapshot.expire()
    asked = asyncio.create_task(snapshot.fresh())
    go_on.set()
    await asyncio.gather(looking, asked)
    await snapshot.fresh()
    assert len(looks) == 2
    await engine.dispose()


@pytest.mark.real
async def test_following_goes_on_after_a_database_that_was_away(real_world):
    engine = make_engine(real_world.url, role=Role.app, pool_size=2)
    sessions, away = make_sessions(engine), [OSError, RuntimeError, TimeoutError]

    def sometimes():
        if away:
            raise away.pop()
        return sessions()

    snapshot = Snapshot(sometimes, make.vault())
    following = asyncio.create_task(snapshot.follow())
    started = time.monotonic()
    while snapshot.state.version < 0:
        assert time.monotonic() - started < 5
        await asyncio.sleep(0.05)
    following.cancel()
    await engine.dispose()
