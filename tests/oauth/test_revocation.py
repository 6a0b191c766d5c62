"""Tokens taken back (RFC 7009) and looked into (RFC 7662): one's own, at once, on every process."""

import asyncio
import base64
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from app.access.tokens import issue
from app.kit.db import transaction
from app.oauth.service import revoke_client
from tests import make
from tests.access.forger import HOSTILE
from tests.oauth.hands import FORM, another_process, assert_refused, basic, get_token, operate, refused, rows, until

A_FILE = b'--x\r\nContent-Disposition: form-data; name="token"; filename="a"\r\n\r\nb\r\n--x--'
BOTH = ["/oauth/revoke", "/oauth/introspect"]


async def revoke(api, made, token):
    return await api.post("/oauth/revoke", data={"token": token}, auth=basic(made))


async def introspect(api, made, token):
    answer = await api.post("/oauth/introspect", data={"token": token}, auth=basic(made))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


def parts(token):
    """The claims of a token, read without a key."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


async def a_client(world, slug=make.DISTRICT, role="integration"):
    made = await world.credentials(slug, role)
    await world.refresh()
    return made


async def test_a_token_that_its_client_took_back_is_refused_at_once_and_its_others_live_on(world):
    made = await a_client(world)
    ended, other = await get_token(world.api, made), await get_token(world.api, made)
    answer = await revoke(world.api, made, ended)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert await refused(world.api, ended)()
    assert not await refused(world.api, other)()
    assert await introspect(world.api, made, ended) == {"active": False}
    assert (await introspect(world.api, made, other))["active"]


async def test_taking_back_again_or_what_never_was_a_token_is_answered_alike_and_writes_nothing(world, app):
    made = await a_client(world)
    token = await get_token(world.api, made)
    assert (await revoke(world.api, made, token)).status_code == 200
    before = await rows(world, "SELECT version FROM access_version")
    key = app.state.snapshot.state.signing
    stranger = issue(key, "http://test", uuid4(), uuid4(), frozenset(), timedelta(minutes=1))
    for nothing in [token, stranger, "x", "x.y.z", "\x00", "ệ", "' OR 1=1 --", "a" * 8000, token + "A"]:
        answer = await revoke(world.api, made, nothing)
        assert (answer.status_code, answer.content) == (200, b""), nothing
    assert await rows(world, "SELECT version FROM access_version") == before
    assert len(await rows(world, "SELECT 1 FROM revoked_token WHERE client_id = :id", id=made.client_id)) == 1


async def test_no_hostile_token_is_taken_for_one(world):
    made = await a_client(world)
    for name in list(HOSTILE)[::9]:
        token = HOSTILE[name]
        if 0 < len(token) <= 8192:
            assert (await revoke(world.api, made, token)).status_code == 200, name
            assert await introspect(world.api, made, token) == {"active": False}, name


async def test_another_client_s_token_is_neither_ended_nor_looked_into(world):
    """Not even by another system of the same agency, nor by who reads everything."""
    made = await a_client(world)
    token = await get_token(world.api, made)
    for slug in (make.DISTRICT, make.COORDINATOR):
        other = await a_client(world, slug)
        assert_refused(await revoke(world.api, other, token), "invalid_grant", 400)
        assert await introspect(world.api, other, token) == {"active": False}
    assert not await refused(world.api, token)()


async def test_a_token_is_kept_by_its_name_and_never_by_its_text(world):
    made = await a_client(world)
    token = await get_token(world.api, made)
    with capture_logs() as logs:
        await revoke(world.api, made, token)
        await introspect(world.api, made, token)
    assert token not in str(logs)
    ((jti, expires),) = await rows(
        world, "SELECT jti, extract(epoch FROM expires_at)::bigint FROM revoked_token WHERE client_id = :id",
        id=made.client_id,
    )  # fmt: skip
    assert (jti, expires) == (parts(token)["jti"], parts(token)["exp"])
    assert [line["jti"] for line in logs if line["event"] == "token.revoked"] == [jti]


async def test_what_was_taken_back_is_kept_until_it_has_expired_anyway(world):
    made = await a_client(world)
    long_ago = "INSERT INTO revoked_token VALUES (:jti, :client, now() - make_interval(secs => :seconds))"
    async with transaction(world.sessions) as session:
        for jti, seconds in [("expired", 300), ("within the leeway", 20)]:
            await session.execute(text(long_ago), {"jti": jti, "client": made.client_id, "seconds": seconds})
    token = await get_token(world.api, made)
    await revoke(world.api, made, token)
    left = {jti for (jti,) in await rows(world, "SELECT jti FROM revoked_token")}
    assert left == {"within the leeway", parts(token)["jti"]}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM revoked_token",
        "UPDATE revoked_token SET expires_at = now()",
        "TRUNCATE revoked_token",
        "UPDATE client_secret SET digest = ''",
        "UPDATE client_secret SET expires_at = NULL",
        "INSERT INTO client_secret (id, client_id, digest, created_at) VALUES (gen_random_uuid(), NULL, '', now())",
        "UPDATE signing_key SET retired_at = NULL",
    ],
)
async def test_the_service_itself_cannot_give_back_what_was_ended(sessions, statement):
    async with sessions() as session:
        with pytest.raises(DBAPIError, match="permission denied"):
            await session.execute(text(statement))


async def test_an_active_token_tells_what_it_is_worth_now(world):
    made = await a_client(world)
    token = await get_token(world.api, made, scope="plans:read plans:write")
    told, claims = await introspect(world.api, made, token), parts(token)
    assert told == {
        "active": True,
        "scope": "plans:read plans:write",
        "client_id": str(made.client_id),
        "token_type": "Bearer",
        **{name: claims[name] for name in ("sub", "iss", "aud", "iat", "exp", "jti")},
    }
    agency = await world.agency_id(make.DISTRICT)
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL ROLE NONE"))
        await session.execute(
            text("UPDATE function_held SET valid_to = current_date WHERE function = 'MEMBER' AND agency_id = :agency"),
            {"agency": agency},
        )
        await session.execute(text("SET LOCAL ROLE ttdn_app"))
    await world.refresh()
    assert (await introspect(world.api, made, token))["scope"] == "plans:read"
    assert parts(token)["scope"] == "plans:read plans:write"


async def test_an_expired_token_is_inactive(world, app):
    made = await a_client(world)
    claims = parts(await get_token(world.api, made))
    expired = claims | {"iat": claims["iat"] - 900, "exp": claims["iat"] - 60}
    token = app.state.snapshot.state.signing.sign(expired)
    assert await introspect(world.api, made, token) == {"active": False}


async def test_a_revoked_client_can_neither_take_back_nor_look(world):
    made = await a_client(world)
    token = await get_token(world.api, made)
    await operate(world, revoke_client, made.client_id)
    for path in BOTH:
        answer = await world.api.post(path, data={"token": token}, auth=basic(made))
        assert_refused(answer, "invalid_client", 401)


@pytest.mark.parametrize("path", BOTH)
async def test_who_does_not_prove_itself_is_told_nothing(world, path):
    made = await a_client(world)
    token = await get_token(world.api, made)
    for auth in [None, (str(made.client_id), "wrong"), (str(uuid4()), made.client_secret), ("", "")]:
        assert_refused(await world.api.post(path, data={"token": token}, auth=auth), "invalid_client", 401)
    with_itself = {"Authorization": f"Bearer {token}"}
    assert_refused(await world.api.post(path, data={"token": token}, headers=with_itself), "invalid_client", 401)
    assert not await refused(world.api, token)()


@pytest.mark.parametrize("path", [*BOTH, "/oauth/token"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"token="),
        ("application/x-www-form-urlencoded", b"token=a&token=b"),
        ("application/x-www-form-urlencoded", b"token=a&x=1&x=2"),
        ("application/x-www-form-urlencoded", b"grant_type=client_credentials&grant_type=client_credentials"),
        ("application/x-www-form-urlencoded", b"token=a&grant_type=client_credentials&client_secret=x"),
        ("application/x-www-form-urlencoded", b"token=a&grant_type=client_credentials&client_assertion=x"),
        ("application/x-www-form-urlencoded", b"token=" + b"a" * 8193),
        ("application/x-www-form-urlencoded", b"token_type_hint=" + b"a" * 65),
        ("application/x-www-form-urlencoded", b"&" * 5000),
        ("application/json", b'{"token": "a", "grant_type": "client_credentials"}'),
        ("text/plain", b"token=a&grant_type=client_credentials"),
        ("", b"token=a"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", A_FILE),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n--"),
    ],
)  # fmt: skip
async def test_a_hostile_form_is_an_invalid_request(world, path, kind, body):
    made = await a_client(world)
    answer = await world.api.post(path, content=body, headers={"Content-Type": kind}, auth=basic(made))
    assert_refused(answer, "invalid_request", 400)


async def test_a_token_in_the_address_is_not_read_and_not_logged(world):
    made = await a_client(world)
    token = await get_token(world.api, made)
    with capture_logs() as logs:
        for path in BOTH:
            answer = await world.api.post(path, params={"token": token}, data={}, auth=basic(made))
            assert_refused(answer, "invalid_request", 400)
    assert token not in str(logs)
    assert not await refused(world.api, token)()


async def test_a_hint_and_unknown_fields_are_ignored(world):
    made = await a_client(world)
    token = await get_token(world.api, made)
    more = {"token": token, "token_type_hint": "refresh_token", "client_id": str(uuid4()), "x": "y"}
    assert (await world.api.post("/oauth/introspect", data=more, auth=basic(made))).json()["active"]
    assert (await world.api.post("/oauth/revoke", data=more, auth=basic(made))).status_code == 200
    assert await refused(world.api, token)()


async def test_what_is_no_matter_of_oauth_is_a_problem_that_an_oauth_library_reads_too(world):
    answer = await world.api.post("/oauth/revoke", data={"token": "x" * 2_200_000}, auth=("a", "b"))
    assert (answer.status_code, answer.json()["code"]) == (413, "content-too-large")
    assert answer.json()["error"] == "invalid_request"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.real
async def test_a_token_taken_back_is_refused_within_a_second_on_every_process(real_world):
    world = real_world
    async with another_process(world.url) as first, another_process(world.url) as second:
        made = await world.credentials(make.DISTRICT)
        for _ in range(4):
            token, other = await get_token(first, made), await get_token(second, made)
            for api in (first, second):
                assert not await refused(api, token)()
            assert (await revoke(second, made, token)).status_code == 200
            assert await refused(second, token)()
            assert await until(refused(first, token)) <= 1.0
            assert not await refused(first, other)()


@pytest.mark.real
async def test_one_token_taken_back_many_times_at_once_ends_once(real_world):
    world = real_world
    async with another_process(world.url) as first, another_process(world.url) as second:
        made = await world.credentials(make.DISTRICT)
        token = await get_token(first, made)
        answers = await asyncio.gather(*(revoke(api, made, token) for api in (first, second) * 10))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await rows(world, "SELECT 1 FROM revoked_token")) == 1
        me = await make.Caller(first, await get_token(first, made)).get("/v1/me")
        assert UUID(me.json()["client_id"]) == made.client_id


@pytest.mark.real
async def test_a_process_that_starts_later_knows_what_was_taken_back(real_world):
    world = real_world
    made = await world.credentials(make.DISTRICT)
    async with another_process(world.url) as first:
        token = (await first.post("/oauth/token", data=FORM, auth=basic(made))).json()["access_token"]
        await revoke(first, made, token)
    async with another_process(world.url) as second:
        assert await refused(second, token)()
