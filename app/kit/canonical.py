"""Canonical JSON: one text, and so one hash, for what is the same."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def hashed(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content as canonical JSON: sorted members, no blanks, UTF-8."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=list)
    return hashlib.sha256(text.encode()).hexdigest()
