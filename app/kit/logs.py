"""Structured logs: one JSON line per event, of fields chosen by name; never a body, a token or a secret."""

import logging
import sys
import traceback

import structlog


def configure(level: str, *, readable: bool) -> None:
    """Log JSON lines to stderr (a developer's terminal gets readable ones)."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer = structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(number, logging.WARNING), format="%(message)s", force=True)


def fault(error: BaseException) -> dict[str, object]:
    """What may be logged of an exception: its kind and where it arose; its message may carry content."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return {"error": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
