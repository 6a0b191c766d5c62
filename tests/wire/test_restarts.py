"""The service is restarted on a socket that its starter holds: nobody who asks all the while notices."""

import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from tests.wire.server import ROOT

CLIENTS, RESTARTS, PATIENCE = 6, 3, 40


class Load:
    """Clients that keep their connections and ask again and again, and what came of it."""

    def __init__(self, server):
        self.headers = {"Authorization": f"Bearer {server.token}"}
        self.base = server.base
        self.failures, self.statuses, self.closed = [], [], 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,), daemon=True) for n in range(CLIENTS)]

    def _ask(self, number):
        with httpx.Client(base_url=self.base, headers=self.headers, trust_env=False, timeout=PATIENCE) as client:
            while not self._stop.wait(0.02 * number):  # the first asks without pause
                try:
                    answer = client.get("/v1/plans")
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                else:
                    self.statuses.append(answer.status_code)
                    self.closed += answer.headers.get("connection") == "close"

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as found:
        yield found


@pytest.mark.parametrize("overlapping", [True, False], ids=["the new one first", "the old one first"])
def test_no_request_fails_through_restarts_under_load(own_server, listening, overlapping):
    servers = [own_server(listening=listening)]
    with Load(servers[0]) as load:
        for _ in range(RESTARTS):
            if overlapping:
                servers.append(own_server(listening=listening))
                time.sleep(0.5)  # both serve
                assert servers[-2].stop() == 0
            else:
                assert servers[-1].stop() == 0
                servers.append(own_server(listening=listening))
            time.sleep(0.5)
    print(
        f"{len(load.statuses)} requests through {RESTARTS} restarts, {len(load.failures)} failed: {load.failures[:3]}"
    )
    assert not load.failures
    assert set(load.statuses) == {200}
    assert load.closed >= RESTARTS  # connections were ended by an answer, not under the client's hands
    assert servers[-1].stop() == 0
    for server in servers:
        assert server.said().count('"/v1/plans"') > 20
        assert not server.faults()


def test_what_is_no_socket_is_refused_with_a_word():
    command = [sys.executable, "-m", "app.cli", "serve", "--fd", "3"]
    with (ROOT / "README.md").open() as file:
        command[-1] = str(file.fileno())
        ended = subprocess.run(command, cwd=ROOT, pass_fds=[file.fileno()], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("ttdn: ")
    assert "Traceback" not in ended.stderr
