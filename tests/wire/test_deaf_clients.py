"""Whoever asks and does not read the answers costs little, and nobody else notices."""

import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.wire.server import answers
from tests.wire.test_slow_senders import asked, new_connections

LARGE = "/v1/provisions"
MIB = 1_048_576
MOST = 64 * MIB  # what all clients together may leave unread


@pytest.fixture
def deaf():
    """Opens many connections, each with many requests at once, and reads nothing."""
    with ExitStack() as held:

        def open_(server, count, target, requests=16, token=None):
            proof = f"Authorization: Bearer {token}\r\n" if token else ""
            asking = f"GET {target} HTTP/1.1\r\nHost: t\r\n{proof}\r\n".encode() * requests
            opened = []
            for _ in range(count):
                connection = held.enter_context(socket.socket())
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.settimeout(15)
                connection.connect(("127.0.0.1", server.port))
                connection.sendall(asking)
                opened.append(connection)
            return opened

        yield open_


def size_of(server, target):
    with server.connect() as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        return len(answers(connection, at_most=1)[0].body)


def with_the_system(server):
    """Bytes that the system keeps for the server's connections: sent and not taken, or not yet sent (Linux)."""
    found = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if int(local.rpartition(":")[2], 16) == server.port:
            found += int(queues.partition(":")[0], 16)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_they_leave_unread_has_a_bound(own_server, deaf):
    server = own_server()
    size = size_of(server, LARGE)
    before = server.rss
    deaf(server, 1000, LARGE)
    asked(server)  # comes after all that has been asked before
    taken = asked(server, 50) + new_connections(server, 50)
    grown, queued = server.rss - before, with_the_system(server)
    print(
        f"1,000 x 16 x {size / 1024:.0f} KiB left unread: {grown / MIB:.0f} MiB more, {queued / MIB:.0f} MiB with the "
        f"system, slowest other {max(taken):.2f} s"
    )
    assert grown < MOST + 96 * MIB
    assert queued < 128 * MIB
    assert max(taken) < 2


def test_they_never_shut_others_out(own_server, deaf):
    server = own_server(connection_limit=60)
    deaf(server, 120, "/openapi.json")
    asked(server)
    taken = new_connections(server, 100)
    print(f"slowest other on a house full of deaf clients: {max(taken):.2f} s")
    assert max(taken) < 2
    open_now = len(psutil.Process(server.process.pid).net_connections("tcp"))
    assert open_now < 60 + 20, open_now


def test_they_keep_no_connection_to_the_database(own_server, deaf):
    server = own_server(pool_size=4)
    deaf(server, 20, "/v1/agencies?limit=200", requests=12, token=server.token)
    time.sleep(1)
    started = time.monotonic()
    with server.connect() as connection:
        connection.sendall(
            f"GET /v1/plans HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode()
        )
        [answer] = answers(connection, at_most=1)
    assert answer.status == 200
    assert time.monotonic() - started < 2


def test_whoever_reads_at_last_gets_every_answer_in_order(own_server, deaf):
    server = own_server()
    size = size_of(server, "/openapi.json")
    [late] = deaf(server, 1, "/openapi.json", requests=15)
    late.sendall(b"GET /livez HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    time.sleep(2)
    found = answers(late, 30)
    assert [answer.status for answer in found] == [200] * 16
    assert [len(answer.body) for answer in found[:15]] == [size] * 15
