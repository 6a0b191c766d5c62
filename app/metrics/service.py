"""Everything that is measured, as Prometheus reads it."""

import os
from collections.abc import Iterable, Sequence

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.db import Sessions
from app.kit.problems import Unavailable
from app.metrics import queries
from app.metrics.place import VARIABLE

log = structlog.get_logger("app.metrics")


class Found(Collector):
    """Metrics that were just looked up."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Give them out."""
        return self._metrics


async def exposition(reads: Sessions) -> bytes:
    """What this machine's processes count, and what the database knows; without a database, that it is away."""
    try:
        async with reads() as session:
            known = await _known(session)
        up = 1.0
    except (SQLAlchemyError, OSError, Unavailable) as error:
        log.warning("metrics.blind", error=type(error).__name__)
        known, up = [], 0.0
    found = CollectorRegistry()
    found.register(Found([_gauge("ttdn_database_up", "1 when the database answers.", up), *known]))
    return generate_latest(_counted()) + generate_latest(found)


def _counted() -> CollectorRegistry:
    """What the processes of this machine count together, or this one alone."""
    if VARIABLE not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


async def _known(session: AsyncSession) -> list[Metric]:
    unsealed, unsealed_age, sealed, unsigned_age = (await session.execute(queries.LOG)).one()
    pending, pending_age, parked = (await session.execute(queries.KEPT)).one()
    workers, heartbeat_age = (await session.execute(queries.WORKERS)).one()
    return [
        _gauge("ttdn_log_sealed", "Number of the last sealed event.", sealed),
        _gauge("ttdn_log_unsealed", "Events that wait to be sealed.", unsealed),
        _gauge("ttdn_log_unsealed_age_seconds", "Age of the oldest event that is not sealed.", unsealed_age),
        _gauge("ttdn_log_unsigned_age_seconds", "Age of the oldest event behind the last checkpoint.", unsigned_age),
        _gauge("ttdn_webhook_pending", "Deliveries to be made to active endpoints.", pending),
        _gauge("ttdn_webhook_oldest_pending_age_seconds", "Age of the oldest of them.", pending_age),
        _gauge("ttdn_webhook_parked", "Deliveries that are kept for endpoints not active, or were given up.", parked),
        _gauge("ttdn_workers", "Workers that were there in the last 30 seconds.", workers),
        _gauge("ttdn_worker_heartbeat_age_seconds", "How long ago any worker was last there.", heartbeat_age),
        await _by(session, "ttdn_webhook_endpoints", "Endpoints by state.", "state"),
        await _by(session, "ttdn_webhook_attempts_5m", "Attempts of the last five minutes, by outcome.", "outcome"),
    ]


def _gauge(name: str, text: str, value: float | None) -> Metric:
    """One number; nothing that is old is no age at all."""
    return GaugeMetricFamily(name, text, value=float(value or 0))


async def _by(session: AsyncSession, name: str, text: str, label: str) -> Metric:
    statement = queries.ENDPOINTS if label == "state" else queries.ATTEMPTS
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in await session.execute(statement):
        family.add_metric([value], float(count))
    return family
