"""What an address may have of the pages whose secret link is the only way in."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx2
import pytest
from fastapi import Request

from specie.app.limits import AddressLimits, KnownRefusals, LimitedAuthenticator
from specie.kernel.errors import RateLimited, Unauthenticated
from specie.kernel.scope import Scope
from specie.platform.config import Settings
from specie.platform.db import Database
from specie.platform.ratelimit import RateLimiter
from tests.support.scopes import fresh_scope

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


class Doorkeeper:
    """Knows the caller by one word, and counts how often it had to look."""

    def __init__(self) -> None:
        self.looks = 0
        self._scope = fresh_scope()

    async def authenticate(self, request: Request) -> Scope:
        self.looks += 1
        if request.headers["authorization"] != "Bearer known":
            raise Unauthenticated("nobody knows you")
        return self._scope


async def test_who_was_over_its_limit_a_moment_ago_is_refused_again_unrecognised(
    database: Database, settings: Settings
) -> None:
    door = Doorkeeper()
    strict = settings.model_copy(update={"rate_limit_actor": 3})
    limited = LimitedAuthenticator(door, RateLimiter(database), strict)

    async def recognise(scope: MutableMapping[str, Any], *_: object) -> None:
        await limited.authenticate(Request(scope))

    refusing = KnownRefusals(recognise, limited)

    async def ask(path: str = "/api/v1/wallets", word: bytes = b"Bearer known") -> MutableMapping[str, Any]:
        scope = asked(path, "203.0.113.7") | {"headers": [(b"authorization", word)]}
        await refusing(scope, nothing, nothing)
        return scope

    for _ in range(3):
        await ask()
    for _ in range(5):
        with pytest.raises(RateLimited, match="at most 3 in 60 seconds") as refusal:
            await ask()
        assert 0 < int(refusal.value.headers["Retry-After"]) <= 20
    assert door.looks == 4
    # Another word is another caller's, and what is no call of the API has limits of its own.
    with pytest.raises(Unauthenticated):
        await ask(word=b"Bearer stranger")
    for path in ("/api/v1/auth/login", "/buy/nobody", "/api/v1/checkout/nobody"):
        with pytest.raises(RateLimited):
            await ask(path)
    assert door.looks == 8


def asked(path: str, address: str) -> MutableMapping[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "headers": [], "client": (address, 1)}


async def nothing(*_: object) -> MutableMapping[str, Any]:
    return {}
