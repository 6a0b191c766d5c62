"""Tokens: ours are understood; everything else is refused alike, without a question to the database."""

import json
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import serialization
from structlog.testing import capture_logs

from app.access import tokens
from app.access.tokens import Key, issue, verify
from app.kit.problems import InvalidToken
from tests import make
from tests.access.forger import (
    AGENCY,
    CLIENT,
    HOSTILE,
    KEY,
    KEYS,
    OTHER,
    OTHER_PEM,
    RSA,
    URL,
    b64,
    claims,
    es256,
    header,
    token,
)
from tests.shape import assert_problem
from tests.statements import counting


def test_the_corpus_is_large_and_its_base_is_a_genuine_token():
    assert len(HOSTILE) >= 200
    understood = verify(token(), KEYS, URL)
    assert (understood.client_id, understood.agency_id) == (CLIENT, AGENCY)
    assert understood.scopes == {"plans:read"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_proves_nothing(name):
    with pytest.raises(InvalidToken):
        verify(HOSTILE[name], KEYS, URL)


@pytest.mark.parametrize("name", [n for n, t in HOSTILE.items() if "kid" not in n and "another key" not in n][::7])
def test_a_hostile_token_proves_nothing_beside_other_keys(name):
    with pytest.raises(InvalidToken):
        verify(HOSTILE[name], {**KEYS, OTHER.kid: OTHER}, URL)


def test_a_token_of_one_key_under_the_name_of_another_proves_nothing():
    both = {**KEYS, OTHER.kid: OTHER}
    with pytest.raises(InvalidToken):
        verify(token(header(kid=OTHER.kid)), both, URL)
    private = serialization.load_pem_private_key(OTHER_PEM.encode(), None)
    genuine = token(header(kid=OTHER.kid), sign=lambda m: es256(m, private))
    assert verify(genuine, both, URL).client_id == CLIENT
    with pytest.raises(InvalidToken):
        verify(genuine, KEYS, URL)


@pytest.mark.parametrize("late", [0, 1, 25])
def test_a_clock_half_a_minute_off_is_forgiven(late):
    now = int(time.time())
    assert verify(token(body=claims(iat=now - 600, exp=now - late)), KEYS, URL)
    assert verify(token(body=claims(iat=now + late, exp=now + 600)), KEYS, URL)


def test_a_token_lives_fifteen_minutes_at_most():
    now = int(time.time())
    assert verify(token(body=claims(iat=now, exp=now + 900)), KEYS, URL)
    with pytest.raises(InvalidToken):
        verify(token(body=claims(iat=now, exp=now + 901)), KEYS, URL)


def test_an_issued_token_is_understood_and_never_larger_than_what_is_read():
    scopes = frozenset(f"scope-{n}:write" for n in range(60))
    for _ in range(20):
        made = issue(KEY, URL, CLIENT, AGENCY, scopes, timedelta(minutes=10))
        assert len(made) < 4096
        assert verify(made, KEYS, URL).scopes == scopes


def test_hostile_tokens_are_refused_quickly():
    started = time.perf_counter()
    for bad in HOSTILE.values():
        with pytest.raises(InvalidToken):
            verify(bad, KEYS, URL)
    assert (time.perf_counter() - started) / len(HOSTILE) < 0.005


def test_a_key_shows_itself_nowhere():
    assert "d" not in KEY.public_jwk
    assert set(KEY.public_jwk) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert repr(KEY) == f"<Key {KEY.kid}>"


def sendable(value):
    return all(" " < c < "\x7f" for c in value)


async def test_every_hostile_token_gets_the_same_answer_and_no_statement(world, app, engine):
    """The forger even knows our key's name: the corpus is made for a key of the service itself."""
    genuine = await world.token(make.DISTRICT)
    state = app.state.snapshot.state
    ours_kid = next(iter(state.keys))
    bodies = set()
    with counting(engine) as statements, capture_logs() as logs:
        for name, bad in HOSTILE.items():
            if not sendable(bad):
                continue
            ours = bad.replace(b64(json.dumps(header())), b64(json.dumps(header(kid=ours_kid))))
            answer = await world.api.get("/v1/plans", headers={"Authorization": f"Bearer {ours}"})
            assert answer.status_code == 401, name
            assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
            bodies.add(answer.text.replace(answer.headers["X-Request-Id"], ""))
        assert statements == []
    assert len(bodies) == 1
    assert not [line for line in logs if line["log_level"] in {"warning", "error", "critical"}]
    await assert_problem(world.api, answer, "invalid-token")
    assert (await make.Caller(world.api, genuine).get("/v1/me")).status_code == 200


async def test_a_genuine_token_of_a_client_that_never_was_gets_the_same_answer(world, app):
    caller = await world.as_(make.DISTRICT)
    key = app.state.snapshot.state.signing
    agency = await world.agency_id(make.DISTRICT)
    for client in (uuid4(), UUID(int=0)):
        forged = issue(key, URL, client, agency, frozenset({"registry:read"}), timedelta(minutes=1))
        answer = await make.Caller(world.api, forged).get("/v1/me")
        await assert_problem(world.api, answer, "invalid-token")
    me = (await caller.get("/v1/me")).json()
    elsewhere = issue(key, URL, UUID(me["client_id"]), uuid4(), frozenset({"registry:read"}), timedelta(minutes=1))
    await assert_problem(world.api, await make.Caller(world.api, elsewhere).get("/v1/me"), "invalid-token")


NO_BEARER = [
    "",
    "Bearer",
    "Bearer ",
    "bearer",
    "Basic {}",
    "Token {}",
    "{}",
    "Bearer {} x",
    "Bearer\t{}",
    "Bearer {},Bearer {}",
    "DPoP {}",
    "Bearer=",
    "Bearer null",
    "Bearer Bearer {}",
    "\xff",
    "Bearer \xff",
]


async def test_credentials_written_otherwise_prove_nothing(world):
    for value in NO_BEARER:
        genuine = (await world.as_(make.DISTRICT)).token
        headers = {"Authorization": value.replace("{}", genuine).encode("latin-1")}
        await assert_problem(world.api, await world.api.get("/v1/me", headers=headers), "invalid-token")


@pytest.mark.parametrize("written", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}  "])
async def test_the_scheme_may_be_written_in_any_case(world, written):
    genuine = (await world.as_(make.DISTRICT)).token
    answer = await world.api.get("/v1/me", headers={"Authorization": written.format(genuine)})
    assert answer.status_code == 200


async def test_a_token_in_the_address_proves_nothing(world):
    genuine = (await world.as_(make.DISTRICT)).token
    with capture_logs() as logs:
        answer = await world.api.get("/v1/me", params={"access_token": genuine, "token": genuine})
    await assert_problem(world.api, answer, "invalid-token")
    assert genuine not in str(logs)


def test_rsa_keys_are_not_ours():
    pem = RSA.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(AssertionError):
        Key(pem)


def test_a_verified_token_is_remembered_but_its_key_and_its_time_are_asked_again(monkeypatch):
    now = int(time.time())
    genuine, verifier = token(body=claims(iat=now - 10, exp=now + 60)), tokens.Verifier()
    first = verifier.verify(genuine, KEYS, URL)
    assert verifier.verify(genuine, KEYS, URL) is first
    for keys, url in [({}, URL), ({KEY.kid: OTHER}, URL), (KEYS, "https://elsewhere.example")]:
        with pytest.raises(InvalidToken):
            verifier.verify(genuine, keys, url)
    first = verifier.verify(genuine, KEYS, URL)
    assert verifier.verify(genuine, KEYS, URL) is first
    later = datetime.fromtimestamp(now + 60 + tokens.LEEWAY + 1, UTC)
    monkeypatch.setattr(tokens, "now", lambda: later)
    monkeypatch.setattr(tokens, "_checked", lambda *_: pytest.fail("only what was forgotten is verified anew"))
    with pytest.raises(pytest.fail.Exception):
        verifier.verify(genuine, KEYS, URL)
