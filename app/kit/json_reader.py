"""JSON read strictly: what two readers could take for two things is refused, and so is what would cost too much.

No library looks for a member named twice but the standard one, by its hook; what bounds the work (depth, number of
values) is counted on the bare brackets before anything is built. docs/adr/0009-a-strict-edge.md has the measurements.
"""

import json
import math
import re
from typing import Any

from app.kit.problems import MalformedJson

DEEPEST = 32
MOST_VALUES = 100_000
MOST_DIGITS = 18
"""What a bigint holds, and every language reads alike."""

_BARE = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{},"))
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(body: bytes) -> Any:
    """The value of a JSON text (RFC 8259) in UTF-8 without a mark; anything doubtful is malformed."""
    _bound(body)
    try:
        value = _DECODER.decode(body.decode())
        if _SURROGATE.search(body):
            # Half of a pair could be neither stored nor sent on: finding it costs only those who write such escapes.
            json.dumps(value, ensure_ascii=False).encode()
    except ValueError as error:  # of UTF-8, of JSON, or of the hooks below
        raise MalformedJson from error
    return value


def _bound(body: bytes) -> None:
    """Refuse more values, or deeper ones, than any document of this service has."""
    opened = body.count(b"[")
    if opened + body.count(b"{") <= DEEPEST and opened + body.count(b",") <= MOST_VALUES:
        return  # even with all that stands in strings
    # Without its escapes, a quotation mark opens or closes a string, and every second piece stands outside of them.
    unescaped = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if unescaped.count(b'"') > 4 * MOST_VALUES:  # two for a member's name, two for its value
        raise MalformedJson
    bare = b"".join(unescaped.split(b'"')[::2]).translate(_BARE, _NOT_BRACKETS)
    if bare.count(b",") + bare.count(b"[") > MOST_VALUES:
        raise MalformedJson
    brackets = bare.replace(b",", b"")
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise MalformedJson


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        msg = "a member named twice"
        raise ValueError(msg)
    return members


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS + digits.startswith("-"):
        msg = "an integer that is too long"
        raise ValueError(msg)
    return int(digits)


def _number(written: str) -> float:
    number = float(written)
    if not math.isfinite(number):
        msg = "a number that is too large"
        raise ValueError(msg)
    return number


def _constant(_: str) -> None:
    msg = "NaN and Infinity are not JSON"
    raise ValueError(msg)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
