"""Whoever sends slowly waits alone: nobody else notices, and nobody waits for ever."""

import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.wire.server import answers

HEAD = b"GET /livez HTTP/1.1\r\nHost: t\r\n"
WHOLE = HEAD + b"\r\n"
FORM = (
    b"POST /oauth/token HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000000\r\n\r\n"
)
IN_CHUNKS = FORM.replace(b"Content-Length: 1000000", b"Transfer-Encoding: chunked")
PATH = "/v1/provisions/QC.D7"


def drip(connection, piece, every, stop):
    while not stop.is_set():
        try:
            connection.sendall(piece)
        except OSError:
            return
        stop.wait(every)


def ended_after(server, first, piece=b"", every=0.5):
    """Send a beginning and then a drip; how long until the server ends it, and with which answers."""
    stop = threading.Event()
    with server.connect(90) as connection:
        started = time.monotonic()
        connection.sendall(first)
        if piece:
            threading.Thread(target=drip, args=(connection, piece, every, stop), daemon=True).start()
        try:
            found = answers(connection, 90)
        finally:
            stop.set()
        return time.monotonic() - started, [answer.status for answer in found]


SLOW = {
    "says nothing": (b"", b"", [], 10),
    "says nothing but blank lines": (b"\r\n", b"\r\n", [], 10),
    "begins a method": (b"GE", b"", [408], 10),
    "begins a head": (HEAD, b"", [408], 10),
    "drips a field": (HEAD + b"X: ", b"a", [408], 10),
    "drips whole fields": (HEAD, b"X: a\r\n", [408], 10),
    "begins a second request": (WHOLE + b"GET /l", b"", [200, 408], 10),
    "drips blank lines behind a request": (WHOLE, b"\r\n", [200], 10),
    "begins a body": (FORM + b"a=", b"", [408], 10),
    "drips a body": (FORM, b"a", [408], 10),
    "drips chunks": (IN_CHUNKS, b"1\r\na\r\n", [408], 10),
    "drips the size of a chunk": (IN_CHUNKS, b"0", [408], 10),
    "sends a body as slowly as allowed": (FORM, b"a" * 600, [408], 60),
}  # fmt: skip


def test_whoever_sends_slowly_is_told_so_and_let_go(server):
    with ThreadPoolExecutor(len(SLOW)) as pool:
        asked = {name: pool.submit(ended_after, server, *case[:2]) for name, case in SLOW.items()}
        for name, (_, _, expected, seconds) in SLOW.items():
            taken, found = asked[name].result()
            print(f"{name}: {found} after {taken:.1f} s")
            assert found == expected, name
            assert seconds - 1.5 < taken < seconds + 5, name


def test_whoever_does_not_read_the_answer_is_not_waited_for(server):
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall((b"GET /assets/ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: t\r\n\r\n") * 3)
        time.sleep(1)
        assert asked(server)[0] < 2


def asked(server, count=1):
    """How long each of some healthy requests takes, one after the other on one connection."""
    taken = []
    with server.connect() as connection:
        for _ in range(count):
            started = time.monotonic()
            connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
            [answer] = answers(connection, at_most=1)
            assert answer.status == 200
            taken.append(time.monotonic() - started)
    return taken


def new_connections(server, count):
    """The same, each on a connection of its own."""
    return [asked(server)[0] for _ in range(count)]


def p99(taken):
    return statistics.quantiles(taken, n=100)[98] * 1000


@pytest.fixture
def many(own_server):
    """Opens many half-open connections of three kinds and keeps them dripping."""
    stop, held = threading.Event(), []

    def open_(server, count):
        for number in range(count):
            connection = server.connect()
            connection.sendall([HEAD, FORM, b""][number % 3])
            held.append(connection)

        def drip_all():
            while not stop.wait(1):
                for connection in list(held):
                    try:
                        connection.send(b"X")
                    except OSError:
                        held.remove(connection)

        threading.Thread(target=drip_all, daemon=True).start()

    yield open_
    stop.set()
    for connection in held:
        connection.close()


def test_a_thousand_slow_connections_do_not_slow_the_others(own_server, many):
    server = own_server()
    alone = p99(asked(server, 200) + new_connections(server, 100))
    many(server, 1000)
    crowded = p99(asked(server, 200) + new_connections(server, 100))
    print(f"p99 of healthy requests: {alone:.1f} ms alone, {crowded:.1f} ms beside 1,000 slow connections")
    assert crowded < 1000  # 200 ms is the aim; a shared machine is slower at times


def test_half_open_connections_never_shut_others_out(own_server, many):
    server = own_server(connection_limit=60)
    many(server, 300)
    taken = new_connections(server, 100)
    print(f"p99 on a full house: {p99(taken):.1f} ms")
    assert p99(taken) < 1000


def test_in_a_full_house_the_last_to_come_is_let_in(own_server):
    server = own_server(connection_limit=10)
    connections = [server.connect() for _ in range(30)]
    time.sleep(0.5)
    connections[-1].sendall(WHOLE)
    assert [answer.status for answer in answers(connections[-1], at_most=1)] == [200]
    assert server.process.poll() is None
    for connection in connections:
        connection.close()
    assert asked(server)[0] < 2
