"""What may arrive on a socket instead of a request, and the one answer to each."""

import json
import time

import pytest

from app.kit.problems import CATALOGUE
from tests.shape import CANARY

GET = b"GET /livez HTTP/1.1\r\n"
HOST = b"Host: t\r\n"
CLOSE = b"Connection: close\r\n"
END = b"\r\n"
POST = b"POST /v1/plans HTTP/1.1\r\n" + HOST + CLOSE
CHUNKED = b"Transfer-Encoding: chunked\r\n"
OK = GET + HOST + CLOSE + END
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
INNER = b"GET /livez HTTP/1.1\r\nHost: t\r\nConnection: x\r\n\r\n"
SOCKET = (b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: eA==")
FORM = b"POST /oauth/token HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Type: application/x-www-form-urlencoded\r\n"


def get(target, *fields):
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + CLOSE + b"".join(field + END for field in fields) + END


def fields(count, size=10):
    return b"".join(b"X-%05d: %s\r\n" % (n, b"a" * size) for n in range(count))


# Bytes, and the statuses that come back in their order; none: the connection is closed without a word.
CASES = {
    # The form of a request
    "nothing but blank lines before the request": (b"\r\n\r\n" + OK, [200]),
    "nothing but very many blank lines": (b"\r\n" * 20_000, [431]),
    "no host": (GET + CLOSE + END, [400]),
    "two hosts": (GET + HOST + HOST + CLOSE + END, [400]),
    "two different hosts": (GET + HOST + b"Host: u\r\n" + CLOSE + END, [400]),
    "an empty host": (GET + b"Host: \r\n" + CLOSE + END, [400]),
    "a host with a path": (GET + b"Host: t/x\r\n" + CLOSE + END, [400]),
    "a host with a user": (GET + b"Host: a@t\r\n" + CLOSE + END, [400]),
    "a host of bytes": (GET + b"Host: \xff\xfe\r\n" + CLOSE + END, [400]),
    "a host with its port": (GET + b"Host: t:8000\r\n" + CLOSE + END, [200]),
    "a host of version six": (GET + b"Host: [::1]:8000\r\n" + CLOSE + END, [200]),
    "the old version without a host": (b"GET /livez HTTP/1.0\r\n\r\n", [200]),
    "the oldest version": (b"GET /livez\r\n\r\n", [400]),
    "version 0.9": (b"GET /livez HTTP/0.9\r\n" + HOST + END, [400]),
    "version 2.0 in the line": (b"GET /livez HTTP/2.0\r\n" + HOST + END, [400]),
    "version 1.2": (b"GET /livez HTTP/1.2\r\n" + HOST + END, [400]),
    "a version in small letters": (b"GET /livez http/1.1\r\n" + HOST + END, [400]),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), [400]),
    "binary": (bytes(range(256)) * 4, [400]),
    "NUL": (b"\0" * 1000, [400]),
    "a line without an end": (b"GET /livez HTTP/1.1\rHost: t\r\r", [400]),
    "bare line feeds": (b"GET /livez HTTP/1.1\nHost: t\n\n", [400]),
    "a blank before the colon": (GET + b"Host : t\r\n" + END, [400]),
    "a folded field": (GET + HOST + b"X: a\r\n b\r\n" + CLOSE + END, [400]),
    "a field without a colon": (GET + HOST + b"nonsense\r\n" + CLOSE + END, [400]),
    "a field without a name": (GET + HOST + b": a\r\n" + CLOSE + END, [400]),
    "NUL in a field": (GET + HOST + b"X: a\0b\r\n" + CLOSE + END, [400]),
    "a carriage return in a field": (GET + HOST + b"X: a\rb\r\n" + CLOSE + END, [400]),
    "bytes in a field": (GET + HOST + b"X: \x80\xff\r\n" + CLOSE + END, [200]),
    "fields of a gateway": (get(b"/livez", b"X-Road-Client: VN/1", b"LGSP-Trace: x", b"Forwarded: for=x"), [200]),
    # Framing: two readers must not see two requests
    "both framings": (POST + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n", [400]),
    "both framings, turned round": (POST + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n", [400]),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", [400]),
    "one length twice": (POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", [400]),
    "a list of lengths": (POST + b"Content-Length: 5, 5\r\n\r\nabcde", [400]),
    "a length with a sign": (POST + b"Content-Length: +5\r\n\r\nabcde", [400]),
    "a negative length": (POST + b"Content-Length: -5\r\n\r\nabcde", [400]),
    "a length in hexadecimal": (POST + b"Content-Length: 0x5\r\n\r\nabcde", [400]),
    "an endless length": (POST + b"Content-Length: 99999999999999999999999\r\n\r\nabcde", [400]),
    "an unknown coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", [400]),
    "identity": (POST + b"Transfer-Encoding: identity\r\n\r\n", [400]),
    "two codings": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [400]),
    "chunked before another": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", [400]),
    "chunked twice": (POST + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n", [400]),
    "a tab before the coding's end": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", [400]),
    "a hidden coding": (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", [400]),
    "chunks in the old version": (b"POST /v1/plans HTTP/1.0\r\n" + HOST + CHUNKED + b"\r\n0\r\n\r\n", [400]),
    "chunks in capitals": (POST + b"TRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n", [401]),
    "a chunk without a size": (FORM + CHUNKED + b"\r\nzz\r\n\r\n", [400]),
    "a chunk with a sign": (FORM + CHUNKED + b"\r\n+5\r\nabcde\r\n0\r\n\r\n", [400]),
    "an endless chunk": (FORM + CHUNKED + b"\r\nfffffffffffffffff\r\na", [400]),
    "a chunk longer than it says": (FORM + CHUNKED + b"\r\n3\r\nabcdef\r\n0\r\n\r\n", [400]),
    "a request inside a body": (FORM + b"Content-Length: 47\r\n\r\n" + INNER, [401]),
    "a body with a GET": (b"GET /livez HTTP/1.1\r\n" + HOST + CLOSE + b"Content-Length: 5\r\n\r\nabcde", [200]),
    # Sizes
    "an address that just fits": (get(b"/problems?" + b"a" * 8100), [200]),
    "an address that is too long": (get(b"/problems?" + b"a" * 8200), [414]),
    "an address of a megabyte": (b"GET /" + b"a" * 1_000_000, [414]),
    "a hundred fields": (GET + HOST + CLOSE + fields(98) + END, [200]),
    "a hundred and one fields": (GET + HOST + CLOSE + fields(99) + END, [431]),
    "ten thousand fields": (GET + HOST + CLOSE + fields(10_000) + END, [431]),
    "fields that just fit": (GET + HOST + CLOSE + fields(16, 980) + END, [200]),
    "fields that are too large": (GET + HOST + CLOSE + fields(17, 980) + END, [431]),
    "one field of a megabyte": (GET + HOST + b"X: " + b"a" * 1_000_000 + END + END, [431]),
    "one field without an end": (GET + HOST + b"X: " + b"a" * 300_000, [431]),
    "a name of a megabyte": (GET + HOST + b"a" * 1_000_000 + b": x\r\n\r\n", [431]),
    "a method of a megabyte": (b"A" * 1_000_000 + b" / HTTP/1.1\r\n\r\n", [400]),
    "a cookie of twenty kilobytes": (get(b"/livez", b"Cookie: " + b"a" * 20_000), [431]),
    "a huge announced body": (FORM + b"Content-Length: 999999999999\r\n\r\n", [413]),
    # Methods
    "TRACE": (b"TRACE /livez HTTP/1.1\r\n" + HOST + CLOSE + END, [405]),
    "CONNECT": (b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + CLOSE + END, [405]),
    "CONNECT with a path": (b"CONNECT /livez HTTP/1.1\r\n" + HOST + CLOSE + END, [405]),
    "an unknown method": (b"STEAL /livez HTTP/1.1\r\n" + HOST + CLOSE + END, [400]),
    "a method in small letters": (b"get /livez HTTP/1.1\r\n" + HOST + CLOSE + END, [400]),
    "a method of WebDAV": (b"PROPFIND /livez HTTP/1.1\r\n" + HOST + CLOSE + END, [405]),
    "another method in a field": (get(b"/livez", b"X-HTTP-Method-Override: GET").replace(b"GET", b"POST", 1), [405]),
    "OPTIONS of everything": (b"OPTIONS * HTTP/1.1\r\n" + HOST + CLOSE + END, [404]),
    # Paths
    "a whole address": (get(b"http://elsewhere/livez"), [200]),
    "a fragment": (get(b"/livez#x"), [200]),
    "a slash at the end": (get(b"/livez/"), [404]),
    "two slashes": (get(b"//livez"), [404]),
    "a semicolon": (get(b"/livez;x=1"), [404]),
    "NUL in the path": (get(b"/livez%00"), [404]),
    "dots": (get(b"/v1/../livez"), [404]),
    "written dots": (get(b"/v1/%2e%2e/livez"), [404]),
    "a backslash": (get(b"/v1\\livez"), [404]),
    "dots beyond the assets": (get(b"/assets/own/..%2f..%2f..%2fmain.py"), [404]),
    "bytes in the path": (get(b"/\xff\xfe"), [400]),
    "a percent sign alone": (get(b"/%"), [404]),
    "a blank in the path": (get(b"/livez /x"), [400]),
    "no path": (b"GET  HTTP/1.1\r\n" + HOST + END, [400]),
    # Offers
    "a websocket": (get(b"/livez", *SOCKET), [200]),
    "HTTP/2 offered": (GET + HOST + OFFER + END + OK, [200, 200]),
    "HTTP/2 offered with a body": (
        FORM.replace(CLOSE, OFFER) + b"Content-Length: 19\r\n\r\ngrant_type=password" + OK,
        [401, 200],
    ),
    "an expectation nobody knows": (get(b"/livez", b"Expect: miracles"), [200]),
    # One after the other
    "two requests at once": (GET + HOST + END + OK, [200, 200]),
    "a good request and then nonsense": (GET + HOST + END + b"\0\0\0", [200, 400]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_whatever_arrives_is_answered_at_once_and_in_one_shape(server, name):
    sent, expected = CASES[name]
    started = time.monotonic()
    found = server.ask(sent, timeout=8)
    if name == "a good request and then nonsense" and len(found) == 1:
        expected = expected[:1]  # what came behind may have been read before the answer: then it is the last one
    assert [answer.status for answer in found] == expected
    assert time.monotonic() - started < 8
    for answer in found:
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers
        if answer.status >= 400 and "oauth" not in sent.decode("latin-1").split("\r\n")[0]:
            assert answer.headers["content-type"] == "application/problem+json"
            assert CATALOGUE[answer.code].status == answer.status
            assert json.loads(answer.body)["instance"] == answer.headers["x-request-id"]


def test_a_refusal_before_the_app_speaks_the_callers_language_and_repeats_nothing(server):
    for language in ("vi", "en"):
        said = f"Accept-Language: {language}\r\nX-Canary: {CANARY}\r\n".encode()
        for bad in (b"X: " + b"a" * 20_000 + END, b"Host: u\r\n"):
            [answer] = server.ask(GET + HOST + said + bad + END)
            document = json.loads(answer.body)
            assert document["title"] == CATALOGUE[document["code"]].title[language]
            assert document["type"].endswith(f"/problems/{document['code']}")
            assert answer.headers["content-language"] == language
            assert answer.headers["connection"] == "close"
            assert answer.headers["cache-control"] == "no-store"
            assert CANARY not in answer.body.decode()
    assert CANARY not in server.said()


def test_a_refusal_of_head_has_no_body(server):
    with server.connect() as connection:
        connection.sendall(b"HEAD /livez HTTP/1.1\r\n\r\n")
        data = b""
        while piece := connection.recv(65536):
            data += piece
    assert data.startswith(b"HTTP/1.1 400 ")
    assert data.endswith(b"\r\n\r\n")


def test_requests_in_many_small_pieces_are_requests(server):
    whole = GET + HOST + END
    with server.connect() as connection:
        for byte in whole * 2 + OK:
            connection.sendall(bytes([byte]))
        data = b""
        while piece := connection.recv(65536):
            data += piece
    assert data.count(b"HTTP/1.1 200 OK") == 3


def test_a_field_behind_the_body_is_not_one_of_the_requests_own(server):
    body = b"0\r\nAuthorization: Bearer x\r\n\r\n"
    [answer] = server.ask(POST + CHUNKED + END + body)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_trailers_and_extensions_without_end_are_cut(server):
    before = server.rss
    for endless in (b"0\r\nX: ", b"1;x="):
        [answer] = server.ask(FORM + CHUNKED + END + endless, *[b"a" * 65536] * 60)
        assert answer.status in {400, 431}
    assert server.rss - before < 16 * 2**20


def test_more_requests_at_once_than_anybody_needs_end_the_connection(server):
    found = server.ask((GET + HOST + END) * 5000)
    assert 1 <= len(found) < 5000
    assert {answer.status for answer in found} == {200}
