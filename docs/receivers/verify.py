"""Verifying a webhook with the standard library alone (Python 3.9 or newer). Copy it into the receiver."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from pathlib import Path
from typing import Any

TOLERANCE_SECONDS = 300


def verify(secrets: list[str], headers: dict[str, str], body: bytes, now: float | None = None) -> dict[str, Any]:
    """Return the event, or raise ValueError saying why the request must be refused.

    secrets: the `whsec_…` of the endpoint; several while one is being replaced.
    headers: with names in lower case.
    body: the bytes as they arrived. Parsing and writing them again would change them.
    """
    try:
        id, timestamp, signatures = (headers["webhook-" + name] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise ValueError("missing header") from error
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise ValueError("bad timestamp")
    moment = time.time() if now is None else now
    if abs(moment - int(timestamp)) > TOLERANCE_SECONDS:
        raise ValueError("too old or too new")
    text = id.encode() + b"." + timestamp.encode() + b"." + body
    given = [part[3:].encode() for part in signatures.split(" ") if part.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret[len("whsec_") :])
        expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
        # Compared in constant time: how much of a guess was right must not show.
        fits = [hmac.compare_digest(expected, one) for one in given]
        if any(fits):
            found: dict[str, Any] = json.loads(body)
            return found
    raise ValueError("no signature fits")


def main() -> None:
    """Check the vectors beside this file (or another file): `python verify.py vectors.json`."""
    vectors = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    wrong = []
    for case in vectors:
        try:
            verify(case["secrets"], case["headers"], base64.b64decode(case["body"]), case["now"])
            found = True
        except ValueError:
            found = False
        if found != case["valid"]:
            wrong.append(case["name"])
    print(f"{len(vectors) - len(wrong)} of {len(vectors)} vectors as expected")
    sys.exit("; ".join(wrong) or 0)


if __name__ == "__main__":
    main()
