import asyncio

import pytest

from transforms.web.client import HostPools


class Pool:
    def __init__(self):
        self.is_closed = False

    async def aclose(self):
        self.is_closed = True


def made():
    pools = []

    def make():
        pools.append(Pool())
        return pools[-1]

    return pools, make


async def use(pools, *hosts):
    for host in hosts:
        async with pools.pool(host):
            pass


@pytest.mark.parametrize(
    ("hosts", "closed"),
    [("aab", [False, False]), ("abc", [True, False, False]), ("abac", [False, True, False])],
)
def test_hosts_that_were_not_used_for_longest_are_closed(hosts, closed):
    pools, make = made()
    asyncio.run(use(HostPools(make, 2), *hosts))
    assert [pool.is_closed for pool in pools] == closed


def test_host_in_use_stays_open():
    pools, make = made()

    async def work():
        held = HostPools(make, 1)
        async with held.pool("a"):
            await use(held, "b", "c", "d")
            before = [pool.is_closed for pool in pools]
        await held.close()
        return before

    assert asyncio.run(work()) == [False, True, True, False]
    assert all(pool.is_closed for pool in pools)
