"""Lines to receivers: connections that stay open between posts, each for one name at its vetted addresses alone.

A pool by address would let a second name ride on a connection whose certificate was checked for the first. Here what
stays open belongs to a scheme, a name, a port and the addresses just vetted: when any of these is another, a new
connection is made, and its certificate is checked for that name.
"""

import ssl
from collections.abc import AsyncIterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

import httpcore
import httpx

from app.webhooks.addresses import Target
from app.webhooks.streams import Gathering

KEPT_BYTES = 2048
KEPT_SECONDS = 2.0
"""Less than receivers keep an idle connection (5 s are usual): a post should not meet one that is being closed."""
CONNECT_SECONDS = 5
LOST = (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError)

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: its status, the first 2 KiB, and its Retry-After."""

    status: int
    text: str
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One connection to one address of a receiver."""

    address: str
    connection: httpcore.AsyncHTTPConnection


Receiver = tuple[bool, str, int, tuple[str, ...]]


@dataclass(slots=True)
class Lines:
    """The open lines of one process, by receiver; the one used last is used next, so that the others may close."""

    ca_file: str | None = None
    _idle: dict[Receiver, list[Line]] = field(default_factory=dict)

    async def post(self, target: Target, headers: Headers, body: bytes) -> Answer:
        """The answer of the first address that takes the connection; httpcore's errors when there is none."""
        if kept := await self._kept(_receiver(target)):
            # It may have been closed while nothing went over it, which is no answer: another one is asked, once.
            with suppress(*LOST):
                return await self._ask(target, kept, headers, body)
        *others, last = target.addresses
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):  # nothing was sent: the next may be asked
                return await self._ask(target, self._new(target, address), headers, body)
        return await self._ask(target, self._new(target, last), headers, body)

    async def sweep(self) -> None:
        """Close what nothing went over for a while."""
        for receiver, lines in list(self._idle.items()):
            old = [line for line in lines if line.connection.has_expired()]
            self._idle[receiver] = [line for line in lines if line not in old]
            if not self._idle[receiver]:
                del self._idle[receiver]
            for line in old:
                await line.connection.aclose()

    async def aclose(self) -> None:
        """Close them all."""
        while self._idle:
            for line in self._idle.popitem()[1]:
                await line.connection.aclose()

    async def _kept(self, receiver: Receiver) -> Line | None:
        lines = self._idle.get(receiver)
        while lines:
            line = lines.pop()
            if not line.connection.has_expired():
                return line
            await line.connection.aclose()
        return None

    def _new(self, target: Target, address: str) -> Line:
        origin = httpcore.Origin(_scheme(target), address.encode(), target.port)
        connection = httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=_trust(self.ca_file),
            keepalive_expiry=KEPT_SECONDS,
            network_backend=Gathering(),
        )
        return Line(address, connection)

    async def _ask(self, target: Target, line: Line, headers: Headers, body: bytes) -> Answer:
        url = httpcore.URL(
            scheme=_scheme(target), host=line.address.encode(), port=target.port, target=_encoded(target.path)
        )
        extensions = {"sni_hostname": target.host, "timeout": {"connect": CONNECT_SECONDS}}
        request = httpcore.Request("POST", url, headers=headers, content=body, extensions=extensions)
        try:
            response = await line.connection.handle_async_request(request)
            kept = b""
            assert isinstance(response.stream, AsyncIterable)
            async for chunk in response.stream:
                kept += chunk
                if len(kept) >= KEPT_BYTES:
                    break
            await response.aclose()
        finally:
            # An answer that was not read to its end leaves a connection that is of no more use.
            if line.connection.is_available():
                self._idle.setdefault(_receiver(target), []).append(line)
            else:
                await line.connection.aclose()
        after = next((value for name, value in response.headers if name.lower() == b"retry-after"), None)
        text = kept[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "")
        return Answer(response.status, text, None if after is None else after.decode("latin-1"))


def _receiver(target: Target) -> Receiver:
    return target.https, target.host, target.port, target.addresses


def _scheme(target: Target) -> bytes:
    return b"https" if target.https else b"http"


@lru_cache(maxsize=1024)
def _encoded(path: str) -> bytes:
    """A path as a request line carries it."""
    return httpx.URL(f"http://receiver{path}").raw_path


@lru_cache(maxsize=4)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Whom to believe: read once, since each reading holds up everything else for 15 ms."""
    trust = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        trust.load_verify_locations(ca_file)
    return trust
