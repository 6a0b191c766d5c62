"""One attempt against receivers that behave badly: every outcome within the deadline, in little room, no exception."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import time
from contextlib import aclosing
from functools import partial
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.webhooks import addresses, sending
from app.webhooks.addresses import AddressRules
from app.webhooks.lines import Lines
from app.webhooks.sending import Letter, post
from app.webhooks.signing import new_secret
from tests.trail.hands import until
from tests.webhooks.receiver import Receiver, raw, reply, verified

pytestmark = pytest.mark.real
RULES = AddressRules.of([], dev=True)
SECRET = new_secret()
LETTER = partial(Letter, secrets=[SECRET], id="an-id", body=b'{"a": "\xc4\x91"}')


async def sent(url, deadline=3.0, rules=RULES):
    async with aclosing(Lines(rules.ca_file)) as lines:
        return await post(LETTER(url), rules, lines, deadline)


async def test_a_receiver_gets_the_body_signed_and_nothing_else_of_ours():
    with Receiver() as receiver:
        attempt = await sent(receiver.url + "?x=%20y")
    got = receiver.got[0]
    assert attempt.delivered
    assert attempt.status_code == 204
    assert (got.method, got.path, got.body) == ("POST", "/hook?x=%20y", b'{"a": "\xc4\x91"}')
    assert verified(SECRET, got)
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 5
    assert set(got.headers) == {
        *("host", "content-type", "content-length", "accept", "accept-encoding", "connection", "user-agent"),
        *("webhook-id", "webhook-timestamp", "webhook-signature"),
    }
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
async def test_a_redirect_is_a_failure_and_never_followed(status):
    with Receiver() as elsewhere, Receiver(reply(status, Location=elsewhere.url)) as receiver:
        attempt = await sent(receiver.url)
        assert (attempt.outcome, attempt.status_code) == ("refused", status)
        assert len(receiver.got) == 1
        assert elsewhere.got == []


@pytest.mark.parametrize(
    ("status", "delivered"),
    [
        (200, True),
        (201, True),
        (202, True),
        (299, True),
        (400, False),
        (404, False),
        (410, False),
        (429, False),
        (500, False),
    ],
)
async def test_only_2xx_is_a_delivery(status, delivered):
    with Receiver(reply(status, b"said")) as receiver:
        attempt = await sent(receiver.url)
    assert (attempt.delivered, attempt.status_code, attempt.answer) == (delivered, status, "said")


def dripping(start):
    def answer(handler, _):
        handler.wfile.write(start)
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    return answer


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 ", b""],
    ids=["body", "header", "status line", "nothing"],
)
async def test_a_slow_drip_is_cut_at_the_deadline(start):
    with Receiver(dripping(start)) as receiver:
        began = time.monotonic()
        attempt = await sent(receiver.url, deadline=0.5)
        assert time.monotonic() - began < 2
    assert attempt.outcome in {"timeout", "broken_connection"}
    assert not attempt.delivered


async def test_a_receiver_that_only_says_continue_is_cut_at_the_deadline():
    def answer(handler, _):
        while not receiver.closing.is_set():
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)
            time.sleep(0.01)

    with Receiver(answer) as receiver:
        attempt = await sent(receiver.url, deadline=0.5)
    assert attempt.outcome == "timeout"


@pytest.mark.parametrize("length", [b"Content-Length: 52428800\r\n", b""])
async def test_of_an_answer_of_50_mb_two_kib_are_read(length):
    written = 0

    def answer(handler, _):
        nonlocal written
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        for _ in range(800):
            handler.wfile.write(b"y" * 65536)
            written += 65536

    with Receiver(answer) as receiver:
        began = time.monotonic()
        attempt = await sent(receiver.url, deadline=10)
        assert time.monotonic() - began < 2
    assert attempt.delivered
    assert attempt.answer == "y" * 2048
    # What is not read stays in the buffers of the two sockets.
    assert written < 20_000_000


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"a\0b\0", "ab"),
        (b"\xff\xfe\x80abc", "\ufffd\ufffd\ufffdabc"),
        ("đ".encode() * 2000, "đ" * 1024),
        (b"x" + "đ".encode() * 2000, "x" + "đ" * 1023 + "\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"", ""),
    ],
)
async def test_any_bytes_of_an_answer_become_text_that_can_be_stored(body, kept):
    with Receiver(reply(500, body)) as receiver:
        attempt = await sent(receiver.url)
    assert attempt.answer == kept


@pytest.mark.parametrize(
    "chunks",
    [
        (b"",),
        (b"SSH-2.0-OpenSSH\r\n",),
        (b"HTTP/1.1 200",),
        (b"HTTP/1.1 abc OK\r\n\r\n",),
        (b"HTTP/1.1 99999 OK\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\n no colon\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",),
        (b"\0" * 100,),
    ],
)
async def test_a_broken_answer_is_an_outcome(chunks):
    with Receiver(raw(*chunks)) as receiver:
        attempt = await sent(receiver.url)
    assert attempt.outcome == "broken_connection"


@pytest.mark.parametrize(
    "path", ["/\x7f", "/a b", "/đ", "/%zz", "/\x01", "//127.0.0.2/", "/\\evil", "/?a=\x1f", "/" + "a" * 70_000]
)
async def test_no_path_makes_an_attempt_raise(path):
    with Receiver() as receiver:
        attempt = await sent(receiver.url.removesuffix("/hook") + path)
    assert attempt.outcome in {"delivered", "broken_connection"}


async def test_an_unreachable_receiver_is_told_from_a_forbidden_one(monkeypatch):
    with Receiver() as receiver:
        gone = receiver.url
    assert (await sent(gone)).outcome == "unreachable"
    assert (await sent("http://no-such-name.invalid/")).outcome == "unreachable"
    assert (await sent("http://169.254.169.254/")).outcome == "forbidden_address"
    monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(side_effect=TimeoutError))
    assert (await sent("http://slow.example/")).outcome == "timeout"


async def test_the_connection_is_made_to_the_vetted_address_and_the_name_is_not_asked_for_again(monkeypatch):
    with Receiver() as receiver:
        monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(side_effect=[["127.0.0.1"], ["10.0.0.1"]]))
        attempt = await sent(f"http://rebinding.example:{receiver.port}/")
        assert addresses._resolve.await_count == 1
    assert attempt.delivered
    assert receiver.got[0].headers["host"] == f"rebinding.example:{receiver.port}"


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Receiver() as receiver:
        assert (await sent(receiver.url)).delivered


def test_an_address_of_ipv6_stands_in_brackets():
    target = addresses.Target("::1", 8443, ("::1",), https=True, path="/")
    assert dict(sending._headers(LETTER(""), target))[b"Host"] == b"[::1]:8443"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority of this run's own: `context(*names)` is what a server of these names has."""
    key, moment = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)

    def certificate(names, public, *, ca):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA" if ca else names[0])])
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        made = made.serial_number(x509.random_serial_number()).not_valid_before(moment - day)
        made = made.not_valid_after(moment + day).add_extension(x509.BasicConstraints(ca, None), critical=True)
        if not ca:
            names = [x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
            made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    place = tmp_path_factory.mktemp("tls")
    (place / "ca.pem").write_bytes(certificate((), key.public_key(), ca=True))

    def context(*names):
        own = ec.generate_private_key(ec.SECP256R1())
        file = place / f"{'-'.join(names)}.pem"
        file.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate(names, own.public_key(), ca=False)
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(file)
        return made

    context.ca = place / "ca.pem"
    return context


async def test_a_certificate_of_nobody_we_trust_is_refused(authority):
    with Receiver(tls=authority("127.0.0.1")) as receiver:
        attempt = await sent(receiver.url.replace("http", "https"))
    assert attempt.outcome == "unreachable"
    assert receiver.got == []


async def test_each_name_meets_its_own_certificate_check_though_the_address_is_the_same(authority, monkeypatch):
    rules = AddressRules.of([], dev=True, ca_file=str(authority.ca))
    monkeypatch.setattr(addresses, "_resolve", mock.AsyncMock(return_value=["127.0.0.1"]))
    names = ("good.example", "evil.example", "good.example", "127.0.0.1")
    with Receiver(tls=authority("good.example"), keep=True) as receiver:
        # The connection of the first stays open; no other name rides on it.
        async with aclosing(Lines(rules.ca_file)) as lines:
            outcomes = [
                (await post(LETTER(f"https://{name}:{receiver.port}/"), rules, lines, 3.0)).outcome for name in names
            ]
    assert outcomes == ["delivered", "unreachable", "delivered", "unreachable"]
    assert [got.headers["host"] for got in receiver.got] == [f"good.example:{receiver.port}"] * 2
    assert receiver.connections == 3


async def test_an_attempt_that_is_cancelled_ends_as_cancelled():
    with Receiver(lambda *_: receiver.hang()) as receiver:
        task = asyncio.create_task(sent(receiver.url, deadline=10))
        await until(lambda: receiver.got)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
