"""The one door to python-jose: RFC 9068 access tokens, ES256 only, everything else refused before it is decoded.

python-jose by itself accepts a missing `aud` or `exp`, any `typ`, unknown `crit`, ignores `kid`, and raises half a
dozen exception types on hostile input; `verify` checks the header first and turns every failure into InvalidToken.
"""

import base64
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jwt

from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.problems import InvalidToken

ALGORITHM = "ES256"
LEEWAY = 30
LONGEST_LIFE = timedelta(minutes=15)
MOST_KNOWN = 4096
"""Tokens that a process remembers as verified; the oldest goes first."""
_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,3000}\.[A-Za-z0-9_-]{86}")
_REQUIRED = ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "agency", "scope")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    client_id: UUID
    agency_id: UUID
    scopes: frozenset[str]
    jti: str
    expires: int
    issued: int
    kid: str


class Key:
    """One signing key: its id, its private part for signing and its public part for everybody."""

    def __init__(self, private_pem: str) -> None:
        private = serialization.load_pem_private_key(private_pem.encode(), password=None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        public_pem = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._private = jwk.construct(private_pem, ALGORITHM)
        self._public = jwk.construct(public_pem.decode(), ALGORITHM)
        numbers = {
            name: _text(value) for name, value in self._public.to_dict().items() if name in {"kty", "crv", "x", "y"}
        }
        # RFC 7638: the key's thumbprint names it.
        thumbprint = hashlib.sha256(json.dumps(numbers, sort_keys=True, separators=(",", ":")).encode()).digest()
        self.kid = base64.urlsafe_b64encode(thumbprint).decode().rstrip("=")
        self.public_jwk: dict[str, str] = {**numbers, "kid": self.kid, "use": "sig", "alg": ALGORITHM}

    def __repr__(self) -> str:
        """Name the key, never show it."""
        return f"<Key {self.kid}>"

    def sign(self, claims: Mapping[str, Any]) -> str:
        """An access token with these claims."""
        return jwt.encode(dict(claims), self._private, ALGORITHM, headers={"kid": self.kid, "typ": "at+jwt"})

    def decode(self, token: str, audience: str, issuer: str) -> dict[str, Any]:
        """The claims of a token signed by this very key."""
        options = {f"require_{name}": True for name in ("aud", "exp", "iat", "iss", "sub", "jti")} | {"leeway": LEEWAY}
        return jwt.decode(token, self._public, [ALGORITHM], options=options, audience=audience, issuer=issuer)


def new_private_key() -> str:
    """A fresh P-256 private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def issue(key: Key, url: str, client_id: UUID, agency_id: UUID, scopes: frozenset[str], life: timedelta) -> str:
    """An access token (RFC 9068) of this service for itself."""
    issued = int(now().timestamp())
    return key.sign(
        {
            "iss": url,
            "aud": url,
            "sub": str(client_id),
            "client_id": str(client_id),
            "agency": str(agency_id),
            "scope": " ".join(sorted(scopes)),
            "iat": issued,
            "exp": issued + int(life.total_seconds()),
            "jti": str(new_id()),
        }
    )


class Verifier:
    """Checks tokens, each signature once: a client sends the same token for minutes.

    What was verified is remembered with the very key that signed it and under the whole text of the token, so that
    nothing but these bytes is ever taken for it; the key and the time are asked again on every use.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[Claims, Key]] = OrderedDict()

    def verify(self, token: str, keys: Mapping[str, Key], url: str) -> Claims:
        """The claims of a token that is ours, in time and complete; InvalidToken for everything else."""
        known = self._known.get((url, token))
        if known is not None:
            claims, key = known
            # The same comparison as python-jose's, in whole seconds.
            if keys.get(key.kid) is key and claims.expires >= int(now().timestamp()) - LEEWAY:
                return claims
            del self._known[url, token]
        claims, key = _checked(token, keys, url)
        self._known[url, token] = claims, key
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return claims


def verify(token: str, keys: Mapping[str, Key], url: str) -> Claims:
    """The claims of a token that is ours, verified from its bytes."""
    return _checked(token, keys, url)[0]


def _checked(token: str, keys: Mapping[str, Key], url: str) -> tuple[Claims, Key]:
    try:
        return _verified(token, keys, url)
    except InvalidToken:
        raise
    except Exception as error:  # python-jose raises many types on hostile input; none may become a 500
        raise InvalidToken from error


def _verified(token: str, keys: Mapping[str, Key], url: str) -> tuple[Claims, Key]:
    if not _SHAPE.fullmatch(token):
        raise InvalidToken
    header_part, claims_part, signature_part = token.split(".")
    header = _object(header_part)
    if set(header) != {"alg", "typ", "kid"} or header["alg"] != ALGORITHM or header["typ"] != "at+jwt":
        raise InvalidToken
    key = keys.get(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None or not (_canonical(header_part) and _canonical(claims_part) and _canonical(signature_part)):
        raise InvalidToken
    _object(claims_part)  # duplicate names and numbers out of bounds end here, before python-jose reads them
    claims = key.decode(token, audience=url, issuer=url)
    if not all(name in claims for name in _REQUIRED):
        raise InvalidToken
    issued, expires = claims["iat"], claims["exp"]
    if type(issued) is not int or type(expires) is not int or not isinstance(claims["aud"], str):
        raise InvalidToken
    if issued > now().timestamp() + LEEWAY or not 0 < expires - issued <= LONGEST_LIFE.total_seconds():
        raise InvalidToken
    if claims["sub"] != claims["client_id"] or not isinstance(claims["jti"], str) or not claims["jti"]:
        raise InvalidToken
    found = Claims(
        client_id=UUID(claims["client_id"]),
        agency_id=UUID(claims["agency"]),
        scopes=frozenset(claims["scope"].split()),
        jti=claims["jti"],
        expires=expires,
        issued=issued,
        kid=key.kid,
    )
    return found, key


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _canonical(part: str) -> bool:
    """One spelling for one token: unused bits of the last character must be zero."""
    return base64.urlsafe_b64encode(_bytes(part)).decode().rstrip("=") == part


def _object(part: str) -> dict[str, Any]:
    """A flat JSON object without duplicate names; anything else is hostile."""

    def flat(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs) or any(isinstance(value, dict | list) for value in found.values()):
            raise InvalidToken
        return found

    found = json.loads(_bytes(part).decode("utf-8"), object_pairs_hook=flat, parse_constant=_refuse)
    if not isinstance(found, dict):
        raise InvalidToken
    return found


def _refuse(_constant: str) -> None:
    raise InvalidToken
