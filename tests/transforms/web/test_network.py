import asyncio
import ipaddress
import socket

import pytest

from schemas.errors import UsageError
from transforms.web.network import (
    GuardedBackend,
    NameResolutionError,
    RefusedNetworkError,
    is_public,
    parse_networks,
    resolve,
)

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # metadata of most clouds
    "168.63.129.16",  # metadata of Azure
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata of Amazon
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_private_address_is_not_public(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_address_is_public(text):
    assert is_public(ipaddress.ip_address(text))


def connect(host, port, *allowed):
    async def run():
        stream = await GuardedBackend(allowed).connect_tcp(host, port, timeout=5)
        await stream.aclose()

    asyncio.run(run())


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::ffff:127.0.0.1", "0.0.0.0"])
def test_private_host_is_refused(listener, host):
    with pytest.raises(RefusedNetworkError, match="--allow-network"):
        connect(host, listener)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_private_host_is_reached_when_its_network_is_allowed(listener, host):
    connect(host, listener, "127.0.0.0/8")


def test_other_network_does_not_open_the_door(listener):
    with pytest.raises(RefusedNetworkError):
        connect("127.0.0.1", listener, "10.0.0.0/8", "::1/128")


def test_address_that_was_checked_is_the_one_connected_to(listener, monkeypatch):
    """A name server that answers differently the second time (rebinding) is asked only once."""
    answers = [[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]]

    async def look_up(self, host, port, **options):
        return answers.pop()

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    connect("rebinding.example", listener, "127.0.0.0/8")
    assert answers == []


def test_private_one_of_several_addresses_is_left_out(listener, monkeypatch):
    infos = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0))
        for host in ("10.0.0.1", "127.0.0.1", "192.168.0.1")
    ]

    async def look_up(self, host, port, **options):
        return infos

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    connect("mixed.example", listener, "127.0.0.1/32")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", "x..example"])
def test_name_that_does_not_resolve_says_so(host):
    with pytest.raises(NameResolutionError, match="does not resolve"):
        asyncio.run(resolve(host, 80))


@pytest.mark.parametrize("text", ["localhost", "300.0.0.0/8", "127.0.0.0/99", ""])
def test_what_is_no_network_is_wrong_usage(text):
    with pytest.raises(UsageError, match=r"127\.0\.0\.0/8"):
        parse_networks([text])


def test_network_may_be_written_with_host_bits():
    assert str(parse_networks(["127.0.0.1/8"])[0]) == "127.0.0.0/8"
