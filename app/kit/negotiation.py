"""What a caller accepts (RFC 9110 §12.5.1) and prefers (RFC 7240)."""

import re
from collections.abc import Sequence

from fastapi import Request

JSON, HTML = "application/json", "text/html"
_RANGE = re.compile(r"([!#$%&'*+.^_`|~0-9a-z-]+)/([!#$%&'*+.^_`|~0-9a-z-]+)")
_MOST_PARTS = 50  # what follows is not looked at: no honest header is longer


def best(accept: str, offered: Sequence[str]) -> str | None:
    """The type that the caller likes best, the first offered among equals; none when it refuses them all.

    What is no media range is passed over; where nothing is left, anything goes.
    """
    ranges = dict(_ranges(accept.lower()))
    if not ranges:
        return offered[0]
    weights = {kind: _weight(kind, ranges) for kind in offered}
    liked = max(offered, key=lambda kind: weights[kind])
    return liked if weights[liked] > 0 else None


def _ranges(accept: str) -> Sequence[tuple[str, float]]:
    found = []
    for part in accept.split(",")[:_MOST_PARTS]:
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if _RANGE.fullmatch(kind):
            written = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
            found.append((kind, _q(written)))
    return found


def _q(written: str) -> float:
    return float(written) if re.fullmatch(r"[01](\.\d{0,3})?", written) else 1.0


def _weight(kind: str, ranges: dict[str, float]) -> float:
    """The weight of the most specific range that the type falls under."""
    for wider in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if wider in ranges:
            return ranges[wider]
    # Whoever asks for some kind of JSON by its suffix reads JSON.
    suffixed = [weight for name, weight in ranges.items() if name.endswith("+json")]
    return max(suffixed, default=0.0) if kind == JSON else 0.0


def preferences(request: Request) -> dict[str, str]:
    """The preferences of a request by name; of two with one name the first counts."""
    found: dict[str, str] = {}
    for part in ",".join(request.headers.getlist("prefer")).split(",")[:_MOST_PARTS]:
        name, _, value = part.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"').lower())
    return found
