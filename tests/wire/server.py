"""A server process and what comes back from it, read from the socket byte by byte."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests import make

ROOT = Path(__file__).parents[2]
PATIENCE = 60


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def code(self):
        return json.loads(self.body)["code"]


class Server:
    """`ttdn serve` on a port of its own, or on a socket that others hold, too."""

    def __init__(self, url, credentials, port=None, listening=None, **settings):
        self.url, self.credentials, self.settings, self.listening = url, credentials, settings, listening
        self.port = listening.getsockname()[1] if listening else port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None
        descriptor, log = tempfile.mkstemp(prefix="ttdn-wire-", suffix=".log")
        os.close(descriptor)
        self.log = Path(log)
        self._token = None

    def start(self):
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {
            "TTDN_DATABASE_URL": self.url,
            "TTDN_MASTER_KEY": make.MASTER_KEY,
            "TTDN_PORT": str(self.port),
            "TTDN_RATE_LIMIT": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": tempfile.gettempdir(),
        }
        environment |= {f"TTDN_{name.upper()}": str(value) for name, value in self.settings.items()}
        command, kept = [sys.executable, "-m", "app.cli", "serve"], []
        if self.listening:
            kept = [self.listening.fileno()]
            command += ["--fd", str(kept[0])]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, pass_fds=kept)
        give_up = time.monotonic() + PATIENCE
        while not self._is_ready():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < give_up, self.said()
            time.sleep(0.05)
        return self

    def _is_ready(self):
        if '"serving"' not in self.said():
            return False
        return httpx.get(f"{self.base}/readyz", trust_env=False).is_success

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.log.unlink(missing_ok=True)

    def said(self):
        return self.log.read_text(errors="replace")

    def faults(self):
        """What the log holds of answers with a fault of the server's own, and of exceptions."""
        return "\n".join(
            line for line in self.said().splitlines() if re.search(r'"status": 500|"level": "error"|Traceback', line)
        )

    @property
    def rss(self):
        return psutil.Process(self.process.pid).memory_info().rss

    @property
    def token(self):
        if self._token is None:
            form = {"grant_type": "client_credentials"}
            answer = httpx.post(f"{self.base}/oauth/token", data=form, auth=self.credentials, trust_env=False)
            self._token = answer.json()["access_token"]
        return self._token

    def connect(self, timeout=15.0):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def ask(self, *pieces, timeout=15.0, pause=0.0):
        """Send the pieces on one connection, and read every answer until the server closes or falls silent."""
        with self.connect(timeout) as connection:
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except (BrokenPipeError, ConnectionResetError):
                    break
                time.sleep(pause)
            return answers(connection, timeout)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(connection, timeout=15.0, at_most=None):
    """The answers on a connection, until it is closed, or `at_most` of them are here."""
    connection.settimeout(timeout)
    found, data = [], b""
    while at_most is None or len(found) < at_most:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            piece = b""
        data += piece
        while (parsed := _parsed(data)) is not None:
            answer, data = parsed
            found.append(answer)
        if not piece:
            assert not data, data[:200]
            break
    return found


def _parsed(data):
    head, separator, rest = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    status = re.fullmatch(r"HTTP/1\.[01] (\d{3}) .*", first)[1]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if int(status) in {100, 204, 304}:
        return Answer(int(status), headers, b""), rest
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size, separator, rest = rest.partition(b"\r\n")
            if not separator or len(rest) < int(size, 16) + 2:
                return None
            length = int(size, 16)
            body, rest = body + rest[:length], rest[length + 2 :]
            if length == 0:
                return Answer(int(status), headers, body), rest
    length = int(headers["content-length"])
    if len(rest) < length:
        return None
    return Answer(int(status), headers, rest[:length]), rest[length:]
