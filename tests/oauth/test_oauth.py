"""The token endpoint of RFC 6749: who proves itself gets a token for what it may do, and nothing more is told."""

import base64
import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from app.kit.db import transaction
from app.oauth.service import OperatorError, create_client, ensure_signing_key, revoke_client, rotate_secret
from tests import make
from tests.oauth.hands import FORM, assert_refused


async def ask(world, made, **form):
    return await world.api.post("/oauth/token", data=FORM | form, auth=(str(made.client_id), made.client_secret))


async def test_a_client_gets_a_token_that_no_cache_keeps(world):
    made = await world.credentials(make.DISTRICT)
    answer = await ask(world, made)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    await world.refresh()
    me = (await make.Caller(world.api, body["access_token"]).get("/v1/me")).json()
    assert me["client_id"] == str(made.client_id)
    assert " ".join(me["scopes"]) == body["scope"]
    assert "MEMBER" in me["functions"]


@pytest.mark.parametrize(
    ("slug", "role", "asked", "granted"),
    [
        (
            make.DISTRICT,
            "reader",
            None,
            (
                "budgets:read events:read obligations:read plans:read press:read records:read "
                "registry:read reports:read tasks:read"
            ),
        ),
        (make.DISTRICT, "drafter", "plans:write plans:submit", "plans:write"),
        (make.DISTRICT, "integration", "plans:review plans:read", "plans:read"),  # the function does not allow it
        (make.COORDINATOR, "integration", "plans:review events:read", "events:read plans:review"),
        (make.COORDINATOR, "reader", "plans:review registry:read", "registry:read"),  # the role does not
        (make.DISTRICT, "integration", "  plans:read   plans:read  unknown:scope ", "plans:read"),
    ],
)
async def test_the_scopes_are_those_asked_for_in_the_role_and_in_the_functions(world, slug, role, asked, granted):
    made = await world.credentials(slug, role)
    await world.refresh()
    answer = await ask(world, made, **({"scope": asked} if asked else {}))
    assert answer.json()["scope"] == granted
    me = (await make.Caller(world.api, answer.json()["access_token"]).get("/v1/me")).json()
    if "registry:read" in granted:
        assert " ".join(me["scopes"]) == granted


@pytest.mark.parametrize("scope", ["plans:review", "unknown", "*", "'", "\u202e", "plans:read\x00", "PLANS:READ"])
async def test_no_open_scope_is_an_invalid_scope(world, scope):
    answer = await ask(world, await world.credentials(make.DISTRICT), scope=scope)
    assert_refused(answer, "invalid_scope", 400)


async def test_wrong_secrets_and_unknown_clients_get_the_same_answer(world):
    made = await world.credentials(make.DISTRICT)
    revoked = await world.credentials(make.DISTRICT)
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        await revoke_client(session, revoked.client_id)
        await session.flush()
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    bodies = set()
    for user, password in [
        (str(made.client_id), "wrong"),
        (str(made.client_id), ""),
        (str(made.client_id), made.client_secret + " "),
        (str(made.client_id), made.client_secret[:-1]),
        (str(made.client_id), made.client_secret.swapcase()),
        (str(uuid4()), made.client_secret),
        (str(uuid4()), "wrong"),
        ("no uuid", "wrong"),
        ("", ""),
        ("\x00", "\x00"),
        ("' OR 1=1 --", "x"),
        (str(revoked.client_id), revoked.client_secret),
        ("00000000-0000-0000-0000-000000000000", "x"),
    ]:
        answer = await world.api.post("/oauth/token", data=FORM, auth=(user, password))
        assert_refused(answer, "invalid_client", 401)
        bodies.add(answer.text)
    assert len(bodies) == 1


def basic(raw):
    return "Basic " + base64.b64encode(raw).decode()


NO_CREDENTIALS = [
    "",
    "Basic",
    "Basic ",
    "Basic !",
    "Basic =",
    "Basic ====",
    "Basic YQ",
    "Basic YQ==",
    "Bearer x",
    "Digest x",
    "x" * 9000,
    basic(b""),
    basic(b":"),
    basic(b"\xff\xfe:\xff"),
    basic(b"a" * 5000 + b":b"),
    basic(b"%00:%00"),
    basic(b"%zz:%"),
    basic(b"%ed%a0%80:x"),
    basic(b"a:b:c:d"),
    "Basic " + "A" * 7001,
    "basic \xff",
    "Basic YTpi Basic YTpi",
    basic(b"urn:uuid:x"),
    basic("ế:ệ".encode()),
    basic(b"\n:\r"),
]


async def test_credentials_that_are_none_are_an_invalid_client(world):
    for header in NO_CREDENTIALS:
        answer = await world.api.post("/oauth/token", data=FORM, headers={"Authorization": header.encode("latin-1")})
        assert_refused(answer, "invalid_client", 401)


async def test_two_sets_of_credentials_are_an_invalid_client(world):
    made = await world.credentials(make.DISTRICT)
    good = basic(f"{made.client_id}:{made.client_secret}".encode())
    answer = await world.api.post("/oauth/token", data=FORM, headers=[("Authorization", good), ("Authorization", good)])
    assert_refused(answer, "invalid_client", 401)


async def test_credentials_in_the_body_or_the_address_are_not_read(world):
    made = await world.credentials(make.DISTRICT)
    spoken = {"client_id": str(made.client_id), "client_secret": made.client_secret}
    with capture_logs() as logs:
        assert_refused(await world.api.post("/oauth/token", data=FORM | spoken), "invalid_client", 401)
        assert_refused(await world.api.post("/oauth/token", data=FORM, params=spoken), "invalid_client", 401)
    assert made.client_secret not in str(logs)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "x" * 65}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "x" * 2001}, "invalid_request"),
    ],
)
async def test_a_form_that_asks_for_something_else_is_refused(world, form, error):
    made = await world.credentials(make.DISTRICT)
    auth = (str(made.client_id), made.client_secret)
    assert_refused(await world.api.post("/oauth/token", data=form, auth=auth), error, 400)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"grant_type": "client_credentials"}'),
        ("", b"grant_type=client_credentials"),
        ("text/plain", b"grant_type=client_credentials"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n--"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="grant_type"; filename="a"\r\n\r\nb\r\n--x--',
        ),
        ("application/x-www-form-urlencoded", b"&" * 5000),
        ("application/x-www-form-urlencoded", b"a=b&" * 2000),
        ("application/x-www-form-urlencoded", b"grant_type=%ff%00"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"grant_type=x"),
        ("application/x-www-form-urlencoded", b""),
    ],
)
async def test_a_body_that_is_no_such_form_is_refused_in_the_same_words(world, kind, body):
    made = await world.credentials(make.DISTRICT)
    auth = (str(made.client_id), made.client_secret)
    answer = await world.api.post("/oauth/token", content=body, headers={"Content-Type": kind}, auth=auth)
    assert answer.json()["error"] in {"invalid_request", "unsupported_grant_type"}
    assert_refused(answer, answer.json()["error"], 400)


async def test_a_rotated_secret_overlaps_and_then_ends(world):
    made = await world.credentials(make.DISTRICT)

    async def rotate(overlap):
        async with transaction(world.sessions) as session:
            await session.execute(text("SET LOCAL ROLE NONE"))
            fresh = await rotate_secret(session, made.client_id, overlap)
            await session.flush()
            await session.execute(text("SET LOCAL ROLE ttdn_app"))
            return fresh

    second = await rotate(timedelta(hours=1))
    assert (await ask(world, made)).status_code == 200
    assert (await ask(world, second)).status_code == 200
    third = await rotate(timedelta(0))
    assert_refused(await ask(world, made), "invalid_client", 401)
    assert_refused(await ask(world, second), "invalid_client", 401)
    assert (await ask(world, third)).status_code == 200


async def test_a_later_rotation_never_lengthens_the_life_of_an_older_secret(world):
    made = await world.credentials(make.DISTRICT)
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        await rotate_secret(session, made.client_id, timedelta(0))
        await rotate_secret(session, made.client_id, timedelta(days=30))
        await session.flush()
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    assert_refused(await ask(world, made), "invalid_client", 401)


async def test_a_secret_is_stored_only_as_its_digest(world):
    made = await world.credentials(make.DISTRICT)
    async with world.sessions() as session:
        digests = list(
            await session.scalars(
                text("SELECT digest FROM client_secret WHERE client_id = :id"), {"id": made.client_id}
            )
        )
        assert digests == [hashlib.sha256(made.client_secret.encode()).digest()]
        for table in ("client", "client_secret", "event"):
            rows = await session.scalars(text(f"SELECT row_to_json(t)::text FROM {table} t"))
            assert not [row for row in rows if made.client_secret in row]
    assert made.client_secret not in repr(made)
    assert len(made.client_secret) >= 43


async def test_private_keys_are_stored_locked_and_the_published_ones_are_public(world, app):
    async with world.sessions() as session:
        stored = list(await session.scalars(text("SELECT private_locked FROM signing_key")))
    assert stored
    for locked in stored:
        assert "PRIVATE" not in locked
        assert "PRIVATE KEY" in app.state.vault.unlock(locked)
    answer = await world.api.get("/oauth/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=5"
    for key in answer.json()["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


async def test_a_signing_key_is_made_once(world):
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        before = await session.scalar(text("SELECT count(*) FROM signing_key"))
        await ensure_signing_key(session, make.vault())
        await session.flush()
        assert await session.scalar(text("SELECT count(*) FROM signing_key")) == before == 1
        await session.execute(text("SET LOCAL ROLE ttdn_app"))


async def test_a_refusal_is_logged_without_the_secret(world):
    made = await world.credentials(make.DISTRICT)
    with capture_logs() as logs:
        await world.api.post("/oauth/token", data=FORM, auth=(str(made.client_id), "a-wrong-secret"))
    assert [line for line in logs if line["event"] == "client.refused"] == [
        {"event": "client.refused", "log_level": "warning", "client": str(made.client_id), "address": "127.0.0.1"}
    ]
    assert "a-wrong-secret" not in str(logs)


async def test_an_operator_is_told_why_a_client_cannot_be_made(sessions):
    async with sessions() as session:
        for slug, role, words in [("nowhere", "reader", "nowhere"), (make.DISTRICT, "king", "king")]:
            with pytest.raises(OperatorError, match=words):
                await create_client(session, slug, role, "x")
        await session.execute(text("SET LOCAL ROLE NONE"))
        with pytest.raises(OperatorError, match="No live client"):
            await revoke_client(session, uuid4())
