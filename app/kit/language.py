"""Which of the service's two languages an answer is written in."""

from app.kit.problems import Language


def negotiate(accept_language: str) -> Language:
    """Vietnamese unless English is preferred (RFC 9110 §12.5.4)."""
    weights: dict[str, float] = {}
    for part in accept_language.lower().split(",")[:20]:
        tag, _, rest = part.strip().partition(";")
        name = tag.split("-")[0]
        try:
            weight = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            continue
        weights[name] = max(weights.get(name, 0.0), weight)
    fallback = weights.get("*", 0.0)
    return "en" if weights.get("en", fallback) > weights.get("vi", fallback) else "vi"
