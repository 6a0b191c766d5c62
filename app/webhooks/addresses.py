"""Where webhooks may go: nowhere, but to the networks the operator lists.

Receivers are often on private networks, so "public or not" decides nothing here. A name is resolved once, every address
it has must be allowed, and the connection is made to one of those addresses, so that a second answer of the name
server cannot lead elsewhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from app.kit.problems import WebhookUrlForbidden

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Resolving cannot be cancelled, only abandoned: a name server that hangs must not take the threads of anybody else.
RESOLVERS = ThreadPoolExecutor(64, thread_name_prefix="resolve")
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
# Never, whatever is listed: this network, link-local, cloud metadata, multicast, reserved, unspecified; and every IPv6
# range that carries an IPv4 address within it (compatible, translated, NAT64, Teredo, 6to4), which would lead past the
# rules for that address.
NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::/32", "fd20:ce::/32"),
        *("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"),
        *("fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
PORTS = frozenset({443, 8443})


@dataclass(frozen=True, slots=True)
class Target:
    """A vetted address to connect to, and the name the receiver goes by."""

    host: str
    port: int
    address: str
    https: bool
    path: str


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What the operator allows; in development also plain http to this machine."""

    allowed: Sequence[Network]
    dev: bool

    @classmethod
    def of(cls, networks: Sequence[str], *, dev: bool) -> "AddressRules":
        """Read the settings."""
        return cls([ipaddress.ip_network(network) for network in networks], dev)

    def allows(self, found: str) -> bool:
        """Whether this address may be connected to."""
        address: Address = ipaddress.ip_address(found.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if any(address in network for network in LOOPBACK):
            return self.dev
        if any(address in network for network in NEVER):
            return False
        return any(address in network for network in self.allowed)

    async def vet(self, url: str) -> Target:
        """The vetted target of a URL; WebhookUrlForbidden otherwise, OSError when its name cannot be resolved."""
        try:
            parts = urlsplit(url)
            # The name as DNS, TLS and the Host header know it: ASCII.
            host, port = (parts.hostname or "").encode("idna").decode(), parts.port
        except ValueError as error:
            raise WebhookUrlForbidden from error
        https = parts.scheme == "https"
        port = port if port is not None else 443 if https else 80
        if parts.username is not None or parts.fragment or not host or not port:
            raise WebhookUrlForbidden
        if not self.dev and (not https or port not in PORTS):
            raise WebhookUrlForbidden
        if parts.scheme not in {"http", "https"}:
            raise WebhookUrlForbidden
        addresses = await _resolve(host, port)
        if not addresses or not all(self.allows(address) for address in addresses):
            raise WebhookUrlForbidden
        if not https and not all(_is_loopback(address) for address in addresses):
            raise WebhookUrlForbidden
        return Target(host, port, addresses[0], https, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _is_loopback(found: str) -> bool:
    return any(ipaddress.ip_address(found.partition("%")[0]) in network for network in LOOPBACK)


async def _resolve(host: str, port: int) -> list[str]:
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    async with asyncio.timeout(5):
        found = await asyncio.get_running_loop().run_in_executor(RESOLVERS, look_up)
    return [str(entry[4][0]) for entry in found]
