"""A forger of tokens: with the right key, with wrong ones, and every way of spoiling what a token must say."""

import base64
import json
import time
from itertools import chain
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hmac import HMAC
from jose import jwe

from app.access.tokens import Key, new_private_key

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


def claims(client=CLIENT, agency=AGENCY, **changes):
    """What a token says; a change to `...` leaves the claim out."""
    now = int(time.time())
    whole = {
        "iss": URL, "aud": URL, "sub": str(client), "client_id": str(client), "agency": str(agency),
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
        said = repr(kid).replace(OTHER.kid, "OTHER").replace(KEY.kid, "KEY").replace(KEY.kid.lower(), "key")
        yield f"kid {said:.40}", token(header(kid=kid))
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
            said = value.replace(str(now + 600), "later").replace(str(now), "now")
            yield f"{name} is {said:.20}", token(body=raw_claims(**{name: value}))


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
