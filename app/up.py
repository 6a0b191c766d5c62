"""`ttdn up`: the whole service from nothing: database, schema, register, API and worker, kept running."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import httpx

from app import migrate
from app.access.models import Client
from app.database import database, open_vault
from app.kit.db import make_engine, make_sessions, transaction
from app.kit.postgres import Server
from app.kit.roles import Role
from app.oauth.service import Credentials, create_client
from app.settings import Settings

Say = Callable[[str], None]

CRASHES, WITHIN_SECONDS = 5, 60.0
READY_SECONDS = 60.0


class StopAskedError(BaseException):
    """SIGTERM or SIGINT arrived."""


class GivenUpError(Exception):
    """It cannot be kept running; the message says why and what to do."""


def up(settings: Settings, say: Say) -> None:
    """Bring everything up, say where it is, and keep it up until told to stop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _on_signal)
    _check_port(settings)
    try:
        with database(settings, say) as (ready, server):
            assert ready.database_url is not None
            url = ready.database_url.get_secret_value()
            vault = open_vault(ready)
            say("Database: schema")
            asyncio.run(migrate.upgrade(url))
            say("Database: register of agencies")
            asyncio.run(migrate.seed(url, vault))
            credentials = _demo_credentials(ready, url) if ready.dev else None
            _run(ready, server, credentials, say)
    except StopAskedError:
        say("Stopped.")


def _on_signal(*_: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # once is enough: what follows must not be cut short
    raise StopAskedError


def _check_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            msg = f"Port {settings.port} is taken: stop what uses it, or choose another, as in TTDN_PORT=8001 make run"
            raise GivenUpError(msg) from error


def _run(settings: Settings, server: Server | None, credentials: Path | None, say: Say) -> None:
    processes = {name: Process(name, settings, say) for name in ("serve", "worker")}
    try:
        for process in processes.values():
            process.start()
        _await_ready(settings, processes["serve"])
        say(f"\n  API          {settings.public_url}")
        say(f"  Docs         {settings.public_url}/docs")
        if credentials:
            say(f"  Credentials  {credentials} (demo clients; mode 0600)")
        say("  Stop         Ctrl-C\n")
        while True:
            time.sleep(0.3)
            if server is not None and not server.alive():
                say("PostgreSQL is gone: starting it again")
                server.restart()
            for process in processes.values():
                process.keep()
    finally:
        say("Stopping …")
        for process in processes.values():
            process.ask()
        for process in processes.values():
            process.end(settings.shutdown_seconds + 5)


def _await_ready(settings: Settings, api: "Process") -> None:
    deadline = time.monotonic() + READY_SECONDS
    address = f"http://{'127.0.0.1' if settings.host in {'0.0.0.0', '::'} else settings.host}:{settings.port}"  # noqa: S104
    while time.monotonic() < deadline:
        api.keep()
        try:
            if httpx.get(f"{address}/readyz", trust_env=False, timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    msg = f"The API was not ready within {READY_SECONDS:.0f} s: its log above says why"
    raise GivenUpError(msg)


class Process:
    """One of the service's processes, started again when it dies, unless it dies all the time."""

    def __init__(self, name: str, settings: Settings, say: Say) -> None:
        assert settings.database_url is not None
        self._name, self._say = name, say
        self._environment = {
            **os.environ,
            "TTDN_DATABASE_URL": settings.database_url.get_secret_value(),
            "TTDN_DATA_DIR": str(settings.data_dir.resolve()),
            "TTDN_DEV": str(settings.dev).lower(),
            "TTDN_PARENT": str(os.getpid()),
        }
        self._child: subprocess.Popen[bytes] | None = None
        self._crashes: list[float] = []

    def start(self) -> None:
        """Start it, in a session of its own: a Ctrl-C reaches it through `up` alone."""
        command = [sys.executable, "-m", "app.cli", self._name]
        self._child = subprocess.Popen(command, env=self._environment, start_new_session=True)  # noqa: S603 - our own

    def keep(self) -> None:
        """Start it again if it died."""
        assert self._child is not None
        if self._child.poll() is None:
            return
        moment = time.monotonic()
        self._crashes = [*(crash for crash in self._crashes if moment - crash < WITHIN_SECONDS), moment]
        if len(self._crashes) >= CRASHES:
            msg = f"`ttdn {self._name}` died {CRASHES} times in {WITHIN_SECONDS:.0f} s: its log above says why"
            raise GivenUpError(msg)
        self._say(f"`ttdn {self._name}` is gone (status {self._child.returncode}): starting it again")
        self.start()

    def ask(self) -> None:
        """Ask it to finish."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()

    def end(self, patience: float) -> None:
        """Wait for it; end it when it takes too long."""
        if self._child is None:
            return
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def _demo_credentials(settings: Settings, url: str) -> Path:
    """The demo's clients, registered once; their secrets stand in one file that only its owner reads."""
    path = settings.data_dir / "demo-credentials.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    if asyncio.run(_live(url, [entry["client_id"] for entry in known.get("clients", {}).values()])):
        return path
    made = asyncio.run(_register(url))
    clients = {name: {"client_id": str(c.client_id), "client_secret": c.client_secret} for name, c in made.items()}
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({"base_url": settings.public_url, "clients": clients}, indent=2) + "\n")
    fresh.replace(path)
    return path


async def _live(url: str, ids: list[str]) -> bool:
    engine = make_engine(url, role=Role.owner, pool_size=1, name="ttdn-up")
    async with make_sessions(engine)() as session:
        found = [await session.get(Client, id) for id in ids]
    await engine.dispose()
    return bool(found) and all(client is not None and client.revoked_at is None for client in found)


async def _register(url: str) -> dict[str, Credentials]:
    engine = make_engine(url, role=Role.owner, pool_size=1, name="ttdn-up")
    wanted = tomllib.loads((files("app") / "demo.toml").read_text("utf-8"))["clients"]
    async with transaction(make_sessions(engine)) as session:
        made = {
            name: await create_client(session, entry["agency"], entry["role"], f"demo {name}")
            for name, entry in wanted.items()
        }
    await engine.dispose()
    return made
