"""Callbacks that arrive together: one transaction, and each its own answer."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx2
import pytest

from specie import providers
from specie.kernel.clock import machine_timestamp
from specie.platform.db import UnitOfWork
from specie.providers import ProviderLink, arrivals, inbox
from specie.providers.inbox import ReadCallback
from specie.providers.model import RawCallback
from specie.providers.simulator import signing
from tests.providers.test_inbox import address, body, key, send
from tests.providers.test_inbox import inbox as shown
from tests.support.shop import Shop

Received = list[list[str]]


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Received:
    """The keys of the callbacks of each transaction."""
    found: Received = []
    receive = inbox.receive

    async def noted(uow: UnitOfWork, link: ProviderLink, read: Sequence[ReadCallback]) -> list[bool]:
        found.append([each.key for each in read])
        return await receive(uow, link, read)

    monkeypatch.setattr(inbox, "receive", noted)
    return found


def genuine(shop: Shop, event: str) -> RawCallback:
    """A callback as the simulator signs it."""
    content, at = body(event=event), machine_timestamp()
    signature = signing.sign(signing.secret_of(key(shop)), at, content)
    headers = {signing.TIMESTAMP_HEADER: str(at), signing.SIGNATURE_HEADER: signature}
    return inbox.raw_callback(method="POST", path="/", query="", headers=headers, body=content, remote_ip="127.0.0.1")


async def together(shop: Shop, *calls: Callable[[str], Any]) -> list[httpx2.Response]:
    """One callback first, so that the others find the address busy and have to wait for one another."""
    url = await address(shop)
    first = asyncio.create_task(send(shop, body(event="cbk_first"), url=url))
    await asyncio.sleep(0)
    answers = await asyncio.gather(*(call(url) for call in calls))
    assert (await first).status_code == 200
    return answers


async def test_those_that_come_while_others_are_written_share_a_transaction(shop: Shop, received: Received) -> None:
    answers = await together(shop, *(lambda url, n=n: send(shop, body(event=f"cbk_{n}"), url=url) for n in range(20)))

    assert [answer.status_code for answer in answers] == [200] * 20
    assert len(received) < 10
    assert sorted(key for keys in received for key in keys) == sorted(["cbk_first", *(f"cbk_{n}" for n in range(20))])
    assert {row["state"] for row in await shown(shop)} == {"received"}


async def test_one_that_is_not_genuine_is_refused_and_its_neighbours_are_kept(shop: Shop, received: Received) -> None:
    answers = await together(
        shop,
        lambda url: send(shop, body(event="cbk_1"), url=url),
        lambda url: send(shop, body(event="cbk_forged"), url=url, secret="somebody else's"),
        lambda url: send(shop, body(event="cbk_2"), url=url),
    )

    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert answers[1].json()["code"] == "callback_unverified"
    assert len(await shown(shop)) == 3


async def test_one_that_its_adapter_stumbles_over_leaves_its_neighbours_alone(
    shop: Shop, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = inbox.read

    def stumbling(link: ProviderLink, raw: RawCallback) -> ReadCallback:
        if b"cbk_odd" in raw.body:
            raise KeyError("nobody expected that")
        return read(link, raw)

    monkeypatch.setattr(inbox, "read", stumbling)
    async with shop.db.begin(shop.scope) as uow:
        assert shop.connection_id
        link = await providers.open_link(uow, shop.services["providers"], shop.connection_id)
    token = link.callback_url.rsplit("/", 1)[1]
    coming: arrivals.Arrivals = shop.services["callbacks"]

    odd, well = await asyncio.gather(
        coming.receive(token, genuine(shop, "cbk_odd")),
        coming.receive(token, genuine(shop, "cbk_well")),
        return_exceptions=True,
    )

    assert isinstance(odd, KeyError)
    assert isinstance(well, arrivals.Receipt)
    assert received == [["cbk_well"]]
    assert len(await shown(shop)) == 1
