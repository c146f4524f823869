"""What an address may have of the pages whose secret link is the only way in."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx2
import pytest

from specie.app.limits import AddressLimits
from specie.kernel.errors import RateLimited
from specie.platform.config import Settings
from specie.platform.db import Database
from specie.platform.ratelimit import RateLimiter

STREAM = "/api/v1/checkout/orders/nobody/events"


@pytest.mark.parametrize("path", ["/buy/nobody", "/api/v1/checkout/nobody", "/api/v1/checkout/nobody/events", STREAM])
def test_a_cookie_of_ones_own_making_lifts_no_limit_of_a_page(client: httpx2.Client, path: str) -> None:
    answer = client.get(path, headers={"Cookie": "a=b", "Authorization": "Bearer c"})

    assert (answer.status_code, answer.headers["ratelimit"].partition(";")[0]) == (404, '"address"')


async def test_one_address_has_only_so_many_live_pages_open(database: Database, settings: Settings) -> None:
    opened, enough = asyncio.Semaphore(0), asyncio.Event()

    async def live(*_: object) -> None:
        opened.release()
        await enough.wait()

    limits = AddressLimits(live, RateLimiter(database), settings)

    def follow(address: str, path: str = STREAM) -> asyncio.Task[None]:
        return asyncio.create_task(limits(asked(path, address), nothing, nothing))

    async def opens(address: str, path: str = STREAM) -> asyncio.Task[None]:
        task = follow(address, path)
        await opened.acquire()
        return task

    tasks = [await opens("203.0.113.7") for _ in range(50)]
    with pytest.raises(RateLimited, match="at most 50 live pages") as refusal:
        await follow("203.0.113.7")
    assert int(refusal.value.headers["Retry-After"]) > 0
    tasks += [await opens("203.0.113.8"), await opens("203.0.113.7", "/buy/nobody")]

    tasks.pop(0).cancel()
    await asyncio.sleep(0)
    tasks.append(await opens("203.0.113.7"))
    enough.set()
    await asyncio.gather(*tasks)


def asked(path: str, address: str) -> MutableMapping[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "headers": [], "client": (address, 1)}


async def nothing(*_: object) -> MutableMapping[str, Any]:
    return {}
