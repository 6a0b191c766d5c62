"""The head of a request, judged before anything else of it: its size, and whether every reader would frame it alike."""

import re
from collections.abc import Sequence

from app.kit.problems import MethodNotAllowed, Problem

Fields = Sequence[tuple[bytes, bytes]]

LONGEST_TARGET = 8_192
LARGEST_FIELDS, MOST_FIELDS = 16_384, 100
LARGEST_HEAD = LONGEST_TARGET + LARGEST_FIELDS + 1_024
"""The whole head with its separators; what is longer and not yet complete need not be waited for."""

_HOST = re.compile(rb"[A-Za-z0-9._~:\[\]-]{1,255}")


class MalformedRequest(Problem):
    """The bytes are not one HTTP request that every reader understands alike."""

    code = "malformed-request"


class UriTooLong(Problem):
    """The address is over the limit."""

    code = "uri-too-long"

    def __init__(self) -> None:
        super().__init__(limit=LONGEST_TARGET)


class HeadersTooLarge(Problem):
    """The header fields are over the limit."""

    code = "headers-too-large"

    def __init__(self) -> None:
        super().__init__(limit=LARGEST_FIELDS, count=MOST_FIELDS)


def form_fault(method: str, version: str, fields: Fields) -> Problem | None:
    """What the parser lets pass and a server must not (RFC 9112 §2.3, §3.2, §6.1)."""
    hosts = [value for name, value in fields if name == b"host"]
    codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
    if version == "1.1":
        well_formed = len(hosts) == 1 and codings in ([], [b"chunked"])
    else:
        well_formed = version == "1.0" and len(hosts) <= 1 and not codings
    if not well_formed or not all(_HOST.fullmatch(host) for host in hosts):
        return MalformedRequest()
    # A tunnel's target is no path of ours, so there is no method to name for it.
    return MethodNotAllowed(headers={"Allow": ""}) if method == "CONNECT" else None


def without_offer(method: str, target: bytes, fields: Fields) -> bytes:
    """The head again, without the offer to go on in another protocol."""
    kept = [(n, v) for n, v in fields if n not in {b"upgrade", b"connection", b"http2-settings"}]
    lines = [f"{method} ".encode() + target + b" HTTP/1.1", *(name + b": " + value for name, value in kept)]
    return b"\r\n".join([*lines, b"", b""])
