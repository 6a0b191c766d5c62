"""However much is sent, little of it is kept."""

import time

from tests.wire.server import answers

MEGABYTE = b" " * 2**20
HUGE = 200
GROWTH = 32 * 2**20
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


def poured(server, head, pieces):
    """Send a head and then as much of a body as the server takes: the answers, megabytes sent, and its growth."""
    before = peak = server.rss
    sent, found = 0, []
    with server.connect(30) as connection:
        connection.sendall(head)
        try:
            for piece in pieces:
                connection.sendall(piece)
                sent += 1
                peak = max(peak, server.rss)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            found = answers(connection, 15)
        except AssertionError:
            found = []
    return [answer.status for answer in found], sent, max(peak, server.rss) - before


def head(server, path, *fields):
    token = f"Authorization: Bearer {server.token}\r\nIdempotency-Key: {time.monotonic_ns()}\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: t\r\n{token}".encode() + b"".join(fields) + b"\r\n"


def test_a_body_of_two_hundred_megabytes_is_refused_and_not_kept(server):
    chunk = b"%x\r\n" % len(MEGABYTE) + MEGABYTE + b"\r\n"
    announced = b"Content-Length: %d\r\n" % (HUGE * 2**20)
    cases = {
        "announced": (head(server, "/v1/plans", b"Content-Type: application/json\r\n", announced), [MEGABYTE] * HUGE),
        "in chunks": (
            head(server, "/v1/plans", b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"),
            [chunk] * HUGE,
        ),
        "of a form": (head(server, "/oauth/token", FORM, announced), [MEGABYTE] * HUGE),
        "of a form in chunks": (head(server, "/oauth/token", FORM, b"Transfer-Encoding: chunked\r\n"), [chunk] * HUGE),
        "that nobody reads": (head(server, "/livez", announced), [MEGABYTE] * HUGE),
        "for a path that is not": (head(server, "/v1/nothing", announced), [MEGABYTE] * HUGE),
        "without a token": (b"POST /v1/plans HTTP/1.1\r\nHost: t\r\n" + announced + b"\r\n", [MEGABYTE] * HUGE),
    }
    for name, (start, pieces) in cases.items():
        found, sent, growth = poured(server, start, pieces)
        print(f"{name}: {found}, {sent} MiB taken, +{growth / 2**20:.1f} MiB")
        assert sent < 16, name  # what fits into the buffers of both systems, and what is listened to at the end
        assert growth < GROWTH, name
        assert all(400 <= status < 500 for status in found), name


def test_a_refused_sender_who_stops_in_time_reads_why(server):
    body = MEGABYTE * 2 + b" " * 100_000
    sized = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    [answer] = server.ask(head(server, "/v1/plans", sized) + body)
    assert (answer.status, answer.code) == (413, "content-too-large")
    assert answer.headers["connection"] == "close"


def test_a_sender_who_asks_first_is_refused_before_it_sends(server):
    sized = b"Content-Type: application/json\r\nContent-Length: 200000000\r\nExpect: 100-continue\r\n"
    found = server.ask(head(server, "/v1/plans", sized))
    assert [answer.status for answer in found] == [413]


def test_a_sender_who_asks_first_may_go_on(server):
    form = b"grant_type=password"
    start = head(server, "/oauth/token", FORM, b"Content-Length: 19\r\nExpect: 100-continue\r\nConnection: close\r\n")
    with server.connect() as connection:
        connection.sendall(start)
        assert [answer.status for answer in answers(connection, at_most=1)] == [100]
        connection.sendall(form)
        [answer] = answers(connection)
        assert 400 <= answer.status < 500


def test_whoever_leaves_in_the_middle_of_a_body_leaves_nothing_behind(server):
    before = server.rss
    for _ in range(200):
        with server.connect() as connection:
            connection.sendall(
                head(server, "/v1/plans", b"Content-Type: application/json\r\nContent-Length: 1000000\r\n")
            )
            connection.sendall(b"{" * 60_000)
    time.sleep(0.5)
    assert server.rss - before < GROWTH
