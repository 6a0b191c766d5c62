"""What a process counts of itself; `app.metrics` shows it. No label takes a value that a caller can make up."""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.025, 0.1, 0.25, 1.0, 5.0)
"""In seconds. Few: every operation has all of them, and a long poll waits up to 30 s on purpose."""

_requests = Counter("ttdn_http_requests", "Requests answered.", ["method", "route", "status"])
_seconds = Histogram(
    "ttdn_http_request_duration_seconds", "How long answers took.", ["method", "route"], buckets=BUCKETS
)
_builds = Counter("ttdn_cache_builds", "How often something that is kept was made anew.", ["cache"])
POOL = Gauge("ttdn_db_pool_in_use", "Database connections in use.", multiprocess_mode="livesum")
WAITERS = Gauge("ttdn_long_poll_waiters", "Long polls that wait for an event.", multiprocess_mode="livesum")


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request."""
    known = method if method in METHODS else "other"
    _requests.labels(known, route, str(status)).inc()
    _seconds.labels(known, route).observe(seconds)


def built(cache: str) -> None:
    """Count that something was made anew: a compiled statement, the snapshot of access."""
    _builds.labels(cache).inc()
