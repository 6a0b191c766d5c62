"""Connections as httpcore makes them, with what is written held until the answer is read.

httpcore writes head and body of a request apart: two calls of the kernel, two packets and two TLS records for a few
hundred bytes, which is a fifth of what a delivery costs.
"""

# ruff: noqa: ASYNC109 - the methods are httpcore's, with its parameters
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore


class Gathered(httpcore.AsyncNetworkStream):
    """A stream that sends all that was written in one piece, when the other side is to be heard."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._held = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Send what is held, then read."""
        if self._held:
            held, self._held = self._held, b""
            # Who refuses a request early answers it all the same: httpcore reads on after a failed write, so does this.
            with suppress(httpcore.WriteError):
                await self._stream.write(held, timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's own
        """Hold it."""
        self._held += buffer

    async def aclose(self) -> None:
        """Close; what is still held was for nobody."""
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """The same over TLS."""
        return Gathered(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of the connection."""
        return self._stream.get_extra_info(info)


class Gathering(httpcore.AnyIOBackend):
    """Makes such streams."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect as httpcore does."""
        return Gathered(await super().connect_tcp(host, port, timeout, local_address, socket_options))
