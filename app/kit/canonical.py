"""Canonical JSON: one text, and so one hash, for what is the same."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def written(content: Mapping[str, Any]) -> bytes:
    """The content as canonical JSON: sorted members, no blanks, UTF-8."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=list).encode()


def hashed(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content as canonical JSON."""
    return hashlib.sha256(written(content)).hexdigest()
