"""The API under uvicorn: bounded, quiet, and stopped in good order."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from app.database import open_vault
from app.main import create_app
from app.settings import Settings


class Server(uvicorn.Server):
    """uvicorn, ending with status 0 after a signal: it raises the signal again, which reads as a crash."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let a signal start the shutdown, and nothing more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; running requests may finish."""
    config = uvicorn.Config(
        create_app(settings, open_vault(settings)),
        host=settings.host,
        port=settings.port,
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        h11_max_incomplete_event_size=16_384,
    )
    Server(config).run()
