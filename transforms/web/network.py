"""The guard between newsbeam and the network: no way into private networks.

Names are resolved here, every address is checked, and the connection goes to a checked address:
there is no second look-up that could answer differently (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

import httpcore

from schemas.errors import UsageError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)

_MAX_ADDRESSES = 4
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
# Public addresses behind which a cloud keeps its metadata (Azure's wire server).
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})


class RefusedNetworkError(Exception):
    """The host lies in a network that may not be entered."""


class NameResolutionError(Exception):
    """The host name does not resolve."""


def parse_networks(texts: Iterable[str]) -> tuple[IPNetwork, ...]:
    """Read CIDR networks; UsageError names the one that is none."""
    networks = []
    for text in texts:
        try:
            networks.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError as error:
            raise UsageError(
                f"not a network: {error}; write it as in 127.0.0.0/8 or fd00::/8", target=text
            ) from error
    return tuple(networks)


def embedded_address(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64), or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: IPAddress) -> bool:
    """Whether an address lies in the public internet."""
    inner = embedded_address(address)
    return inner.is_global and not inner.is_multicast and inner not in _METADATA


def is_inside(address: IPAddress, networks: Iterable[IPNetwork]) -> bool:
    """Whether an address lies in one of these networks."""
    inner = embedded_address(address)
    return any(
        candidate in network
        for network in networks
        for candidate in (address, inner)
        if candidate.version == network.version
    )


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore, to addresses that are public or allowed by name."""

    def __init__(self, allow_networks: Iterable[str] = ()) -> None:
        self._allowed = parse_networks(allow_networks)
        self._inner = httpcore.AnyIOBackend()
        self._exempt_hosts: set[str] = set()

    def is_exempt(self, host: str) -> bool:
        """Whether a host is known to lie in a network that was allowed by name."""
        if host in self._exempt_hosts:
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return is_inside(address, self._allowed)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check and connect; raises RefusedNetworkError or NameResolutionError."""
        try:
            async with asyncio.timeout(timeout):
                found = await resolve(host, port)
        except TimeoutError as late:
            raise httpcore.ConnectTimeout(f"{host} did not resolve in {timeout} s") from late
        addresses = self._permitted(host, found)
        share = None if timeout is None else timeout / len(addresses)
        error: Exception | None = None
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        assert error is not None
        raise error

    async def sleep(self, seconds: float) -> None:
        """Wait; part of httpcore's interface."""
        await asyncio.sleep(seconds)

    def _permitted(self, host: str, addresses: list[IPAddress]) -> list[IPAddress]:
        permitted = []
        for address in addresses:
            if is_inside(address, self._allowed):
                self._exempt_hosts.add(host)
                permitted.append(address)
            elif is_public(address):
                permitted.append(address)
        if not permitted:
            raise RefusedNetworkError(
                f"{host} is {addresses[0]}, which is not in the public internet; "
                f"allow it with --allow-network {addresses[0]}"
            )
        return permitted[:_MAX_ADDRESSES]


async def resolve(host: str, port: int) -> list[IPAddress]:
    """The addresses of a host in the system's order of preference; NameResolutionError without."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(f"{host} does not resolve: {error}") from error
    texts = dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos)
    return [ipaddress.ip_address(text) for text in texts]
