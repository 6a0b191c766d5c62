"""Tokens: ours are understood; everything else is refused alike, without a question to the database."""

import base64
import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hmac import HMAC
from jose import jwe
from sqlalchemy import event
from structlog.testing import capture_logs

from app.access import tokens
from app.access.tokens import Key, issue, new_private_key, verify
from app.kit.problems import InvalidToken
from tests import make
from tests.shape import assert_problem

URL = "http://test"
PEM = new_private_key()
KEY = Key(PEM)
PRIVATE = serialization.load_pem_private_key(PEM.encode(), None)
OTHER_PEM = new_private_key()
OTHER = Key(OTHER_PEM)
P384 = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)
KEYS = {KEY.kid: KEY}
CLIENT, AGENCY = uuid4(), uuid4()


def b64(data):
    data = data if isinstance(data, bytes) else data.encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def claims(**changes):
    now = int(time.time())
    whole = {
        "iss": URL, "aud": URL, "sub": str(CLIENT), "client_id": str(CLIENT), "agency": str(AGENCY),
        "scope": "plans:read", "iat": now, "exp": now + 600, "jti": str(uuid4()),
    }  # fmt: skip
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def header(**changes):
    whole = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid} | changes
    return {name: value for name, value in whole.items() if value is not ...}


def es256(message, private=PRIVATE):
    size = (private.curve.key_size + 7) // 8
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def hs256(secret):
    def sign(message):
        mac = HMAC(secret, hashes.SHA256())
        mac.update(message)
        return mac.finalize()

    return sign


def token(head=None, body=None, sign=es256):
    """A token whose parts are dicts, or the raw bytes of what stands where JSON should."""
    head, body = (head if head is not None else header()), (body if body is not None else claims())
    parts = [b64(part if isinstance(part, bytes | str) else json.dumps(part)) for part in (head, body)]
    message = ".".join(parts).encode()
    return ".".join([*parts, b64(sign(message))])


def public(form):
    key, encoding = PRIVATE.public_key(), serialization.Encoding
    if form == "pem":
        return key.public_bytes(encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    if form == "der":
        return key.public_bytes(encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if form == "base64":
        return base64.b64encode(public("der"))
    if form == "ssh":
        return key.public_bytes(encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    if form == "point":
        return key.public_bytes(encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return json.dumps(KEY.public_jwk).encode()


def raw_claims(**changes):
    """Claims as text, with values that json.dumps would not write."""
    found = claims(**{name: f"@{name}@" for name in changes})
    text = json.dumps(found)
    for name, value in changes.items():
        text = text.replace(f'"@{name}@"', value)
    return text


def flipped(good):
    """The same signature bytes, spelled with other unused bits in the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return good[:-1] + alphabet[alphabet.index(good[-1]) | 1 if good[-1] != "_" else 62]


def algorithms():
    """What says, or pretends, another algorithm."""
    body = token().split(".")[1]
    for alg in ("none", "NoNe", "NONE", "", "es256", "ES384", "ES512", "RS256", "RS512", "PS256", "EdDSA", "HS256",
                "ES256K", "dir", 0, 1, None, True, ["ES256"], {"ES256": 1}, "ES256 ", " ES256", "ES256\0"):  # fmt: skip
        yield f"alg {alg!r}", token(header(alg=alg))
    yield "alg missing", token(header(alg=...))
    for alg in ("none", "NoNe"):
        parts = f"{b64(json.dumps(header(alg=alg)))}.{body}"
        yield f"alg {alg}, signature empty", f"{parts}."
        yield f"alg {alg}, signature left out", parts
    for form in ("pem", "der", "base64", "ssh", "point", "jwk"):
        yield f"HS256 with the public key as {form}", token(header(alg="HS256"), sign=hs256(public(form)))
        yield f"ES256 said, HMAC with the public key as {form}", token(sign=hs256(public(form)))
    for secret in (b"", b"\0", b"secret"):
        yield f"HS256 with {secret!r}", token(header(alg="HS256"), sign=hs256(secret))


def keys():
    """What is signed by, or says, another key."""
    for kid in (..., "", "unknown", OTHER.kid, None, 0, True, [KEY.kid], {"kid": KEY.kid}, KEY.kid + " ",
                KEY.kid.lower(), "../../dev/null", "' OR 1=1 --", "\u0000", "\ud800", "x" * 300):  # fmt: skip
        yield f"kid {kid!r:.40}", token(header(kid=kid))
    yield "signed by another key of its own", token(sign=lambda m: es256(m, ec.generate_private_key(ec.SECP256R1())))
    yield "signed on another curve", token(sign=lambda m: es256(m, P384))
    yield "signed on another curve, cut", token(sign=lambda m: es256(m, P384)[:64])
    yield "signed with RSA", token(header(alg="RS256"), sign=lambda _: b"\1" * 256)


def headers():
    """What has more in its header than ours, or another type."""
    for name, value in [
        ("jku", "https://evil.example/jwks"), ("x5u", "https://evil.example/x5u"), ("jwk", KEY.public_jwk),
        ("x5c", ["MII"]), ("x5t", "x"), ("crit", ["exp"]), ("crit", []), ("b64", False), ("zip", "DEF"),
        ("cty", "JWT"), ("enc", "A256GCM"), ("p2c", 2**31), ("x", 1), ("url", "x"), ("nonce", "x"),
    ]:  # fmt: skip
        yield f"header {name} {value!r:.20}", token(header(**{name: value}))
    for typ in (..., "", "JWT", "jwt", "at+JWT", "AT+JWT", "application/at+jwt", "logout+jwt", None, 1, ["at+jwt"]):
        yield f"typ {typ!r}", token(header(typ=typ))


def no_objects():
    """What is not two flat JSON objects."""
    now = int(time.time())
    text = json.dumps(header())
    yield "header name twice", token(text[:-1] + ', "alg": "ES256"}')
    yield "header alg twice, none last", token(text[:-1] + ', "alg": "none"}')
    yield "claim twice", token(body=json.dumps(claims())[:-1] + f', "exp": {now + 900}}}')
    yield "client_id twice", token(body=json.dumps(claims())[:-1] + f', "client_id": "{uuid4()}"}}')

    for name, part in [
        ("null", "null"), ("list", "[]"), ("string", '"x"'), ("number", "5"), ("empty", ""), ("no JSON", "{"),
        ("true", "true"), ("NaN", "NaN"), ("not UTF-8", b"\xff\xfe"),
        ("deep", "[" * 2000), ("deep object", '{"a":' * 400),
        ("BOM", b"\xef\xbb\xbf{}"), ("UTF-16", "{}".encode("utf-16")), ("NUL", b"\0"), ("two documents", "{}{}"),
        ("surrogate", '{"alg":"\\ud800"}'), ("nested", '{"alg":{"a":{}}}'),
    ]:  # fmt: skip
        if len(part) < 380:
            yield f"header is {name}", token(part)
        if part:
            yield f"claims are {name}", token(body=part)


def wrong_claims():
    """What lacks a claim or has one of another type."""
    now = int(time.time())
    for name in ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "agency", "scope"):
        yield f"{name} missing", token(body=claims(**{name: ...}))
        for value in (None, True, [], {}, 5, "", [URL], {"a": 1}):
            if (name, value) != ("scope", ""):  # grants nothing, but says so well
                yield f"{name} is {value!r}", token(body=claims(**{name: value}))
    for name in ("exp", "iat"):
        for value in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1.5", f"{now}.0", f'"{now + 600}"', "-1", "0",
                      "9" * 30, "9" * 2000, "1e3"):  # fmt: skip
            yield f"{name} is {value:.20}", token(body=raw_claims(**{name: value}))


def wrong_facts():
    """What is out of time, or somebody else's."""
    now = int(time.time())
    yield "expired", token(body=claims(iat=now - 700, exp=now - 60))
    yield "expired long ago", token(body=claims(iat=1, exp=601))
    yield "issued in the future", token(body=claims(iat=now + 3000, exp=now + 3600))
    yield "not yet valid", token(body=claims(nbf=now + 3000))
    yield "nbf is text", token(body=claims(nbf="x"))
    yield "lives sixteen minutes", token(body=claims(iat=now, exp=now + 960))
    yield "lives a year", token(body=claims(exp=now + 31_536_000))
    yield "ends before it begins", token(body=claims(iat=now + 20, exp=now + 10))
    for aud in ("http://other", URL + "/", "", "http://TEST", [URL, "x"], [[URL]]):
        yield f"aud {aud!r}", token(body=claims(aud=aud))
    for iss in ("http://other", URL + "/", URL.upper()):
        yield f"iss {iss!r}", token(body=claims(iss=iss))
    yield "sub is another client", token(body=claims(sub=str(uuid4())))
    yield "client_id is no UUID", token(body=claims(client_id="x", sub="x"))
    yield "agency is no UUID", token(body=claims(agency="x"))


def spellings():
    """What is a genuine token written otherwise, or no token at all."""
    good = token()
    head, body, signature = good.split(".")
    for name, spelled in [
        ("with junk", f"{good}!!!!"), ("padded", f"{good}="), ("padded twice", f"{good}=="), ("cut", good[:-1]),
        ("longer", f"{good}A"), ("unused bits set", flipped(good)), ("a fourth segment", f"{good}.{signature}"),
        ("five segments", f"{good}.a.b"), ("empty segments", ".."), ("one segment", head), ("a dot", "."),
        ("header padded", f"{head}=.{body}.{signature}"), ("blank inside", f"{head}. {body}.{signature}"),
        ("tab inside", f"{head}\t.{body}.{signature}"), ("standard alphabet", f"{head}.{body}.{'+/' * 43}"),
        ("no signature", f"{head}.{body}."), ("zero signature", f"{head}.{body}.{b64(bytes(64))}"),
        ("signature of ones", f"{head}.{body}.{b64(bytes([255]) * 64)}"), ("reversed", good[::-1]),
        ("claims changed", f"{head}.{b64(json.dumps(claims(scope='plans:write')))}.{signature}"),
        ("claims of another token", f"{head}.{token().split('.')[1]}.{signature}"),
        ("long", "a" * 1_000_000), ("long segments", f"{'a' * 512}.{'a' * 3001}.{'a' * 86}"),
        ("5 KiB", token(body=claims(x="y" * 5000))), ("a word", "null"), ("a number", "0"), ("quoted", f'"{good}"'),
        ("twice", f"{good},{good}"),
        ("DER signature", f"{head}.{body}.{b64(PRIVATE.sign(b'x', ec.ECDSA(hashes.SHA256())))}"),
    ]:  # fmt: skip
        yield f"spelled {name}", spelled
    for alg, enc in (("dir", "A256GCM"), ("A256KW", "A128CBC-HS256")):
        yield f"JWE {alg}", jwe.encrypt(json.dumps(claims()), b"0" * 32, algorithm=alg, encryption=enc).decode()


HOSTILE = dict(
    chain(*(attacks() for attacks in (algorithms, keys, headers, no_objects, wrong_claims, wrong_facts, spellings)))
)


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


@contextmanager
def counting(engine):
    """The statements that reach the database meanwhile."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


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
