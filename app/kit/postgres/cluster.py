"""The life of one cluster: made whole or not at all, started as a child, found again, stopped."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil

from app.kit.postgres.place import (
    Place,
    PostgresError,
    binaries,
    environment,
    give,
    launcher,
    leave_note,
    open_socket_directory,
)

NAME = "ttdn"  # of the superuser and of the database
TELL_SECONDS = 3.0
ORPHAN_SECONDS = 3.0  # for a server whose owner died and which is probably shutting down already
RETRY_SECONDS = 10.0  # after kill -9 of a postmaster its shared memory is in use for a moment
QUIT_SECONDS = 120.0  # a fast shutdown writes a checkpoint; giving up on it costs a recovery
_TRANSIENT = ("pre-existing shared memory block", 'lock file "')

# The kernel sends the parent-death signal when the *thread* that forked ends. This one ends with the process.
_keeper = ThreadPoolExecutor(1, thread_name_prefix="postgres-parent")

Progress = Callable[[str], None]


class Waiting:
    """Pause in a loop and say every few seconds what for."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._began = progress, time.monotonic()
        self._next = self._began + TELL_SECONDS

    def pause(self, message: str, seconds: float = 0.05) -> None:
        """Sleep a little."""
        time.sleep(seconds)
        now = time.monotonic()
        if now >= self._next:
            self._next = now + TELL_SECONDS
            self._progress(f"{message} ({now - self._began:.0f} s)")


def prepare(place: Place, options: Mapping[str, str], progress: Progress) -> None:
    """Make the cluster if there is none."""
    _sweep(place)
    if not place.data.exists():
        progress(f"Preparing a new PostgreSQL {place.version} database in {place.home}")
        _create(place, options)
    leave_note(place)


def start(place: Place, options: Mapping[str, str], progress: Progress) -> psutil.Popen:
    """Start PostgreSQL as a child and wait, however long its recovery takes. The caller holds the lock."""
    _clear(place, progress)
    open_socket_directory(place)
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        child = _keeper.submit(_spawn, place, options).result()
        waiting = Waiting(progress)
        try:
            while child.poll() is None:
                if answers(place):
                    return child
                waiting.pause("Waiting for PostgreSQL: it may be recovering from a crash")
        except BaseException:
            stop(child, progress)
            raise
        output = _tail(place.home / "start.log")
        if time.monotonic() > deadline or not any(text in output for text in _TRANSIENT):
            raise PostgresError(f"PostgreSQL {place.version} did not start (logs: {place.home}):\n{_tails(place)}")
        waiting.pause("Waiting for the memory of the last PostgreSQL to be released", 0.3)


def stop(process: psutil.Process, progress: Progress) -> None:
    """Fast shutdown; only a very long one is cut short. psutil signals no pid that has changed hands."""
    waiting, quit_at = Waiting(progress), time.monotonic() + QUIT_SECONDS
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT)
        while True:
            with suppress(psutil.TimeoutExpired):
                process.wait(0.05)
                return
            if time.monotonic() > quit_at:
                quit_at = float("inf")
                process.send_signal(signal.SIGQUIT)
            waiting.pause("Waiting for PostgreSQL to stop", 0)


def postmaster(place: Place) -> psutil.Process | None:
    """The server of this cluster, if one runs: known by its command line and user, never by a pid alone."""
    try:
        owner = place.data.stat().st_uid
    except FileNotFoundError:
        return None
    noted = _noted_pid(place)
    for pid in [*([noted] if noted else []), *psutil.pids()]:
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            line = process.cmdline()
            ours = line[:1] and Path(line[0]).name == "postgres" and line[1:3] == ["-D", str(place.data)]
            if ours and process.uids().effective == owner:
                return process
    return None


def answers(place: Place) -> bool:
    """Whether the server takes connections; during recovery the socket is there and it does not."""
    program = binaries(place.version) / "pg_isready"  # run by us, so never the copy that the account may own
    line = [str(program), "--quiet", f"--host={place.socket}", "--port=5432", "--timeout=5"]
    run = subprocess.run(line, check=False, capture_output=True, cwd="/", env=environment(place.home))  # noqa: S603
    return run.returncode == 0


def url(place: Place) -> str:
    """Over the socket; with a path as its host asyncpg tries no TLS, so it looks for no certificates in HOME."""
    try:
        password = place.password.read_text().strip()
    except OSError as error:
        raise PostgresError(f"The database's password cannot be read ({error}): restore {place.password}.") from error
    return f"postgresql://{NAME}:{password}@/{NAME}?host={place.socket}"


def _create(place: Place, options: Mapping[str, str]) -> None:
    """A rename is the last step, so an interrupted initdb leaves nothing that could be mistaken for a cluster."""
    durable = options.get("fsync", "on") != "off"
    fresh = give(place, Path(tempfile.mkdtemp(prefix="new-", dir=place.home)))
    data, secret = fresh / "data", fresh / "password"
    try:
        # initdb reads the password as the account; the copy is gone in a second and is worth no more than the data.
        _write_private(secret, _password(place))
        give(place, secret)
        locale = ["--locale=C", "--encoding=UTF8"]
        if place.version >= 17:  # noqa: PLR2004 - the first with a locale of its own
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        flags = [f"--pgdata={data}", f"--username={NAME}", f"--pwfile={secret}", "--auth=scram-sha-256"]
        _run(place, "initdb", *flags, *locale, "--data-checksums", *([] if durable else ["--no-sync"]))
        settings = ["-c", "exit_on_error=on", "-c", f"fsync={'on' if durable else 'off'}"]
        _run(place, "postgres", "--single", "-D", str(data), *settings, "postgres", stdin=f"CREATE DATABASE {NAME};\n")
        data.rename(place.data)
        _sync(place.home)
    finally:
        _sweep(place)


def _sweep(place: Place) -> None:
    """Remove unfinished clusters: ours, and one that a killed process's initdb may still have been writing before."""
    for unfinished in place.home.glob("new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _spawn(place: Place, options: Mapping[str, str]) -> psutil.Popen:
    settings = {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(place.socket),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": "60s",
        "logging_collector": "on",  # a file for each day of the week, emptied when the day comes round again
        "log_directory": str(place.home / "log"),
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_timezone": "UTC",
    } | dict(options)
    line = [str(place.bin / "postgres"), "-D", str(place.data)]
    for name, value in settings.items():
        line += ["-c", f"{name}={value}"]
    env = environment(place.data)
    if pid := _noted_pid(place):
        # Whoever has this pid is no server of ours (`_clear` looked). PostgreSQL skips a pid given so, and still looks
        # for processes on the old shared memory, which it could not if the file were removed.
        env["PG_GRANDPARENT_PID"] = str(pid)
    log = os.open(place.home / "start.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        return psutil.Popen(
            launcher(place.account, *line),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd="/",
            start_new_session=True,  # the terminal's Ctrl-C is for us: we stop PostgreSQL when we have ended
        )
    finally:
        os.close(log)


def _clear(place: Place, progress: Progress) -> None:
    """See off what a killed owner left: its server, or a pid file that cannot be read."""
    with suppress(FileExistsError):
        (place.home / "log").mkdir(mode=0o700)
    give(place, place.home / "log")
    waiting, patience = Waiting(progress), time.monotonic() + ORPHAN_SECONDS
    while (orphan := postmaster(place)) is not None:
        if time.monotonic() > patience:
            progress(f"Stopping PostgreSQL {orphan.pid}, whose owner is gone")
            stop(orphan, progress)
        waiting.pause("Waiting for PostgreSQL to stop: its owner is gone")
    if _noted_pid(place) is None:
        (place.data / "postmaster.pid").unlink(missing_ok=True)


def _noted_pid(place: Place) -> int | None:
    with suppress(FileNotFoundError):
        found = re.match(rb"\s*-?([1-9]\d{0,8})\s*\n", (place.data / "postmaster.pid").read_bytes())
        return int(found[1]) if found else None
    return None


def _run(place: Place, program: str, *arguments: str, stdin: str = "") -> None:
    run = subprocess.run(  # noqa: S603
        launcher(place.account, str(place.bin / program), *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=environment(place.home),
        cwd="/",
        start_new_session=True,
    )
    if run.returncode != 0:
        raise PostgresError(f"{program} failed; is there room in {place.home}?\n{(run.stdout + run.stderr)[-2000:]}")


def _password(place: Place) -> str:
    """Written before the cluster is in place, so no cluster is without one; one without a cluster is used again."""
    if not place.password.exists():
        draft = place.password.with_suffix(".new")
        draft.unlink(missing_ok=True)
        _write_private(draft, secrets.token_urlsafe(32))
        draft.rename(place.password)
        _sync(place.home)
    return place.password.read_text().strip()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tails(place: Place) -> str:
    logs = sorted((place.home / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    return "\n".join(filter(None, map(_tail, [place.home / "start.log", *logs[-1:]])))


def _tail(path: Path) -> str:
    try:
        return path.read_bytes()[-3000:].decode(errors="replace").strip()
    except OSError as error:
        return str(error)
