"""One owner per data directory; everybody else attaches to the server that the owner runs."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from app.kit.postgres import cluster
from app.kit.postgres.place import AWAY, Place, PostgresError, locate

if sys.platform != "win32":
    import fcntl

_log = logging.getLogger(__name__)


class Server:
    """An embedded PostgreSQL that this process started or found running."""

    def __init__(self, place: Place, options: Mapping[str, str], progress: Callable[[str], None]) -> None:
        self.url = ""
        self._place, self._options, self._progress = place, options, progress
        self._lock: int | None = None
        self._child: psutil.Popen | None = None

    def __repr__(self) -> str:
        how = "started" if self.started_here else "found"
        return f"<Server PostgreSQL {self._place.version} in {self._place.home}, {how} here>"

    @property
    def started_here(self) -> bool:
        """Whether this process owns the server and will stop it."""
        return self._lock is not None

    def alive(self) -> bool:
        """Whether the server's process is there (a server that recovers from a crashed backend is)."""
        if self._child is not None:
            return self._child.poll() is None
        return cluster.postmaster(self._place) is not None

    def restart(self) -> None:
        """Make it run: start it (again), or attach to another owner's, or take over from an owner that is gone."""
        try:
            self._halt()
            waiting = cluster.Waiting(self._progress)
            while not self._own():
                if cluster.postmaster(self._place) is not None and cluster.answers(self._place):
                    break
                waiting.pause(f"Waiting for process {self._holder()} to bring up PostgreSQL in {self._place.home}", 0.2)
            if self.started_here:
                cluster.prepare(self._place, self._options, self._progress)
                self._child = cluster.start(self._place, self._options, self._progress)
            self.url = cluster.url(self._place)
        except OSError as error:
            raise PostgresError(f"The embedded PostgreSQL in {self._place.home} cannot run: {error}") from error

    def stop(self) -> None:
        """Stop it, if this process started it."""
        try:
            self._halt()
            if self._lock is not None:
                with suppress(OSError):
                    self._place.socket.rmdir()
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _halt(self) -> None:
        if self._child is not None:
            cluster.stop(self._child, self._progress)
            self._child = None

    def _own(self) -> bool:
        """Take the owner's lock. The kernel frees it however the owner ends; no program it starts inherits it."""
        if self._lock is None:
            handle = os.open(self._place.home / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return False
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
            self._lock = handle
        return True

    def _holder(self) -> str:
        with suppress(OSError):
            return (self._place.home / "lock").read_text() or "?"
        return "?"


@contextmanager
def embedded(
    data_dir: Path,
    *,
    version: int = 18,
    options: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = _log.info,
    away: Path = AWAY,
) -> Iterator[Server]:
    """Run the PostgreSQL of `data_dir`, or attach to it; `away` holds what root's stand-in cannot reach in place."""
    try:
        server = Server(locate(data_dir, version, away), options or {}, progress)
    except OSError as error:
        raise PostgresError(f"The embedded PostgreSQL in {data_dir} cannot run: {error}") from error
    try:
        server.restart()
        yield server
    finally:
        server.stop()
