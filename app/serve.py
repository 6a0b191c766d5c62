"""The API under uvicorn: bounded, quiet, and stopped in good order."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog
import uvicorn
from fastapi import FastAPI

from app.database import open_vault
from app.kit.crowd import Crowd, Rules
from app.kit.middleware import standing_headers
from app.kit.wire import Wire
from app.main import create_app
from app.settings import Settings

log = structlog.get_logger("app.serve")

KEEP_ALIVE_SECONDS = 75
"""Longer than gateways keep theirs (nginx: 60): were it shorter, a request could meet our closing half-way."""
TAKEN_SECONDS = 0.05
"""How long a connection may be on its way from the system to its protocol, where it can be told to end."""
UNSENT_BYTES = 65_536
"""What the system may keep of an answer that the client is not ready for; it would take megabytes for each."""
OWN_FILES = 200
"""Open files that are no connections of clients: the pool, libraries, certificates."""


class Server(uvicorn.Server):
    """uvicorn, ending with status 0 after a signal: it raises the signal again, which reads as a crash."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let a signal start the shutdown, and nothing more."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and bound what every connection may leave with the system."""
        await super().startup(sockets)
        log.info("serving")
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # Linux and macOS
            for listening in (found for server in self.servers for found in server.sockets):
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections; once the last that were taken have begun, end them all in good order."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(TAKEN_SECONDS)
        # Who waits for events is answered now; it would hold up the stop.
        self._app.state.waiting.close()
        await super().shutdown(sockets)


def inherited(fd: int) -> socket.socket:
    """The listening socket that the starter of this process holds, too; uvicorn would take any for a Unix socket."""
    found = socket.socket(fileno=fd)
    if found.type != socket.SOCK_STREAM:
        msg = f"File descriptor {fd} is no stream socket"
        raise OSError(msg)
    return found


def serve(settings: Settings, listening: socket.socket | None = None) -> None:
    """Serve until SIGTERM or SIGINT, on a socket that is there already if one is given; running requests may finish."""
    # What uvicorn warns of is what clients send; `app.wire` says it in the service's own log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    rules = Rules(
        crowd=Crowd(_places(settings.connection_limit)),
        base_url=settings.public_url,
        headers=standing_headers(settings.public_url),
    )
    app = create_app(settings, open_vault(settings))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        # `Wire` is httptools: h11 takes a request with two framings for one.
        http=partial(Wire, rules=rules),  # type: ignore[arg-type]  # called like the class
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    Server(config, app).run([listening] if listening else None)


def _places(wanted: int) -> int:
    """As many connections as wanted, if the system lets this process open so many files."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    aim = wanted + OWN_FILES
    if soft != resource.RLIM_INFINITY and soft < aim:
        soft = aim if hard == resource.RLIM_INFINITY else min(aim, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(10, min(wanted, soft - OWN_FILES))
