"""Where webhooks may go: nowhere, but to the networks and the receivers the operator lists.

Receivers are often on private networks, so "public or not" decides nothing here. A name is resolved once, every address
it has must be allowed, and the connection is made to those addresses alone, so that a second answer of the name
server cannot lead elsewhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from app.kit.db import Server, servers
from app.kit.problems import WebhookUrlForbidden
from app.settings import Settings

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
    """The vetted addresses to connect to, one after the other, and the name the receiver goes by."""

    host: str
    port: int
    addresses: tuple[str, ...]
    https: bool
    path: str


Origin = tuple[str, str, int]
"""Scheme, host as DNS knows it, port."""


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What the operator allows; in development also plain http to this machine.

    `origins`: receivers listed by name, which may have any address that is not forbidden for good, plain http where it
    is listed so, and the port they are listed with. `databases`: where the service's own is, which no list opens.
    """

    allowed: Sequence[Network]
    dev: bool
    origins: frozenset[Origin] = frozenset()
    ports: frozenset[int] = PORTS
    ca_file: str | None = None
    databases: Sequence[Server] = ()

    @classmethod
    def of(
        cls,
        networks: Sequence[str],
        *,
        dev: bool,
        hosts: Sequence[str] = (),
        ports: Sequence[int] = (),
        ca_file: str | None = None,
        databases: Sequence[Server] = (),
    ) -> "AddressRules":
        """Read the settings; ValueError for one that cannot be read."""
        origins = frozenset(_origin(host if "://" in host else f"https://{host}") for host in hosts)
        allowed = [ipaddress.ip_network(network) for network in networks]
        return cls(allowed, dev, origins, PORTS.union(ports), ca_file, databases)

    @classmethod
    def of_settings(cls, settings: Settings) -> "AddressRules":
        """As the operator set them."""
        ca_file = str(settings.webhook_ca_file) if settings.webhook_ca_file else None
        return cls.of(
            settings.webhook_allow,
            dev=settings.dev,
            hosts=settings.webhook_hosts,
            ports=settings.webhook_ports,
            ca_file=ca_file,
            databases=servers(settings.database_url.get_secret_value()) if settings.database_url else (),
        )

    def allows(self, found: str, *, listed: bool = False) -> bool:
        """Whether this address may be connected to; `listed`: the receiver stands in the list by its name."""
        address = _address(found)
        if any(address in network for network in LOOPBACK):
            return self.dev
        if any(address in network for network in NEVER):
            return False
        return listed or any(address in network for network in self.allowed)

    async def vet(self, url: str) -> Target:
        """The vetted target of a URL; WebhookUrlForbidden otherwise, OSError when its name cannot be resolved."""
        try:
            parts = urlsplit(url)
            scheme, host, port = origin = _origin(url)
        except ValueError as error:
            raise WebhookUrlForbidden from error
        https, listed = scheme == "https", origin in self.origins
        if parts.username is not None or parts.fragment or not host or not port or scheme not in {"http", "https"}:
            raise WebhookUrlForbidden
        if not self.dev and not listed and (not https or port not in self.ports):
            raise WebhookUrlForbidden
        found = await _resolve(host, port)
        if not found or not all(self.allows(address, listed=listed) for address in found):
            raise WebhookUrlForbidden
        if not https and not listed and not all(_is_loopback(address) for address in found):
            raise WebhookUrlForbidden
        if await self._is_database(found, port):
            raise WebhookUrlForbidden
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(host, port, tuple(dict.fromkeys(found)), https, path)

    async def _is_database(self, found: Sequence[str], port: int) -> bool:
        at_port = [host for host, its_port in self.databases if its_port == port]
        theirs = {_address(one) for host in at_port for one in await _resolve(host, port)}
        return not theirs.isdisjoint(map(_address, found))


def _origin(url: str) -> Origin:
    """Scheme, name and port of a URL, the name as DNS, TLS and the Host header know it: ASCII."""
    parts = urlsplit(url)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").encode("idna").decode(), default if parts.port is None else parts.port


def _address(found: str) -> Address:
    """An address as rules are made for it: without its zone, and an IPv4 one out of its IPv6 clothing."""
    address: Address = ipaddress.ip_address(found.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_loopback(found: str) -> bool:
    return any(_address(found) in network for network in LOOPBACK)


async def _resolve(host: str, port: int) -> list[str]:
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]  # an address as it stands needs no thread
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    async with asyncio.timeout(5):
        found = await asyncio.get_running_loop().run_in_executor(RESOLVERS, look_up)
    return [str(entry[4][0]) for entry in found]
