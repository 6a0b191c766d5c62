"""The server is stopped and started again while it is asked: nobody who was let in is turned away."""

import signal
import threading
import time

import httpx
import pytest

from tests.wire.server import Server, answers

PATIENCE = 40


class Load:
    """Clients that ask without pause, each on connections of its own, and what came of it."""

    def __init__(self, server, clients=4):
        self.server, self.failures, self.statuses = server, [], []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(clients)]

    def _ask(self):
        while not self._stop.is_set():
            try:
                self.statuses.append(self._once())
            except ConnectionRefusedError:
                time.sleep(0.02)  # nobody listens: nothing was begun
            except (OSError, AssertionError, ValueError) as error:
                self.failures.append(repr(error))

    def _once(self):
        headers = f"Host: t\r\nAuthorization: Bearer {self.server.token}\r\nConnection: close\r\n\r\n"
        with self.server.connect() as connection:
            connection.sendall(f"GET /v1/plans HTTP/1.1\r\n{headers}".encode())
            [answer] = answers(connection)
            return answer.status

    def __enter__(self):
        assert self.server.token
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_under_load_what_was_begun_is_finished_and_the_process_ends_well(own_server, number):
    server = own_server()
    with Load(server) as load:
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE) == 0
    print(f"{len(load.statuses)} answers, {len(load.failures)} cut short")
    assert set(load.statuses) == {200}
    # A connection that the system accepted and the process had not yet is reset when the process goes: nothing of it
    # was begun. It is the gateway's to try such a request again.
    assert all("ConnectionReset" in failure or "not enough values" in failure for failure in load.failures)
    assert not server.faults()


def test_a_request_that_still_arrives_may_finish_and_one_that_does_not_is_let_go(own_server):
    server = own_server()
    body = b'{"year": 2031, "title": "x"}'
    head = (
        f"POST /v1/plans HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {server.token}\r\nIdempotency-Key: stop-1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with server.connect() as quick, server.connect() as slow, server.connect() as silent, server.connect() as half:
        quick.sendall(head + body[:10])
        slow.sendall(head.replace(b"stop-1", b"stop-2") + body[:10])
        half.sendall(b"GET / HT")
        time.sleep(0.5)
        started = time.monotonic()
        server.process.terminate()
        time.sleep(0.5)
        quick.sendall(body[10:])
        [answer] = answers(quick)
        assert answer.status in {201, 409}  # 409: the plan of an earlier run
        assert answer.headers["connection"] == "close"
        assert [answer.status for answer in answers(slow)] == [408]
        assert [answer.status for answer in answers(half)] == [408]
        assert answers(silent) == []
        assert server.process.wait(PATIENCE) == 0
        assert time.monotonic() - started < 15


def test_a_kept_connection_gets_one_more_answer_and_an_idle_one_is_closed(own_server):
    server = own_server()
    asking = b"GET /livez HTTP/1.1\r\nHost: t\r\n\r\n"
    with server.connect() as kept, server.connect() as idle:
        for connection in (kept, idle):
            connection.sendall(asking)
            assert [answer.headers.get("connection") for answer in answers(connection, at_most=1)] == [None]
        started = time.monotonic()
        server.process.terminate()
        time.sleep(0.7)
        kept.sendall(asking)
        assert [(answer.status, answer.headers["connection"]) for answer in answers(kept)] == [(200, "close")]
        assert answers(idle) == []
        assert server.process.wait(PATIENCE) == 0
        assert time.monotonic() - started < 5


def test_after_a_restart_under_load_the_same_clients_are_served_on(own_server, wire_url, credentials):
    server = own_server()
    with Load(server) as load:
        assert server.stop() == 0
        again = own_server(port=server.port)
        before = len(load.statuses)
        give_up = time.monotonic() + PATIENCE
        while len(load.statuses) < before + 20:
            assert time.monotonic() < give_up
            time.sleep(0.05)
    assert set(load.statuses) <= {200}
    assert again.stop() == 0
    assert isinstance(again, Server)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{again.base}/livez", trust_env=False)
