"""The Python client against the real application on a socket."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx2
import pytest

from specie.payouts import signing
from specie.platform import webhook_signing
from specie.platform.db import Database
from specie_client import (
    AsyncClient,
    Client,
    Listing,
    NoAnswer,
    NotFound,
    Problem,
    RateLimited,
    Refused,
    Retries,
    Unauthenticated,
    call,
    feed,
    parties,
    payments,
    payouts,
    transfers,
    wallets,
    webhooks,
)
from specie_client.signing import signature_of
from specie_client.types import amount
from tests.events.facts import publish_all
from tests.sdks.till import open_till
from tests.support.site import Site

T = TypeVar("T")

SDK = Path(__file__).parents[2] / "sdks" / "python"
VECTORS = json.loads(Path(__file__).with_name("signatures.json").read_text(encoding="utf-8"))
HASTY = Retries(first_seconds=0.001)


class Weather(httpx2.BaseTransport):
    """A network that first does what it was told, request by request, and is then fine."""

    def __init__(self, *moods: str) -> None:
        self.moods = list(moods)
        self.keys: list[str | None] = []
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.keys.append(request.headers.get("idempotency-key"))
        mood = self.moods.pop(0) if self.moods else "fine"
        if mood == "unreachable":
            raise httpx2.ConnectError("no route")
        if mood == "busy":
            return httpx2.Response(429, headers={"Retry-After": "0"}, json={"code": "rate_limited", "retryable": True})
        if mood == "away":
            return httpx2.Response(503, headers={"Retry-After": "3600"}, json={"code": "unavailable"})
        answer = self._inner.handle_request(request)
        answer.read()
        if mood == "answer lost":
            raise httpx2.ReadError("connection reset")
        return answer


async def outside(work: Callable[[], T]) -> T:
    """Run what waits on the network beside the loop that serves the platform."""
    return await asyncio.to_thread(work)


async def test_a_transfer_whose_answer_is_lost_is_sent_again_and_moves_money_once(site: Site) -> None:
    def work() -> None:
        with Client(site.key, site.url) as calm:
            till = open_till(calm)
            weather = Weather("unreachable", "answer lost", "busy")
            with Client(site.key, site.url, retries=HASTY, transport=weather) as client:
                made = client.send(till.rent(10))
            assert len(set(weather.keys)) == 1
            assert len(weather.keys) == 4
            assert (made["state"], till.paid()) == ("completed", 10)

    await outside(work)


async def test_a_request_kept_after_no_answer_finds_out_what_became_of_it(site: Site) -> None:
    def work() -> None:
        with Client(site.key, site.url) as calm:
            till = open_till(calm)
            rent = till.rent(10)
            lost = Weather("answer lost", "answer lost")
            with (
                Client(site.key, site.url, retries=Retries(most=1, first_seconds=0), transport=lost) as client,
                pytest.raises(NoAnswer) as silence,
            ):
                client.send(rent)
            assert not silence.value.certainly_not_sent
            assert calm.send(rent)["amount"] == {"amount": 10, "currency": "IDR"}
            assert till.paid() == 10

    await outside(work)


async def test_what_carries_no_key_is_not_repeated_once_it_may_have_arrived(site: Site) -> None:
    def work() -> None:
        weather = Weather("unreachable", "answer lost")
        bare = call("POST", "/parties", body={"name": "Once"})
        with Client(site.key, site.url, retries=HASTY, transport=weather) as client:
            with pytest.raises(NoAnswer):
                client.send(type(bare)(bare.method, bare.path, body=bare.body))
            assert len(weather.keys) == 2
            assert [one["name"] for one in client.each(parties.each())].count("Once") == 1

    await outside(work)


async def test_a_refusal_tells_code_field_facts_and_that_no_money_moved(site: Site) -> None:
    def work() -> None:
        with Client(site.key, site.url) as client:
            till = open_till(client, minor=5)
            with pytest.raises(Problem) as poor:
                client.send(till.rent(10))
            assert (poor.value.code, poor.value.money_moved, poor.value.retryable) == (
                "insufficient_funds",
                False,
                False,
            )
            assert poor.value.request_id is not None
            with pytest.raises(Refused) as wrong:
                client.send(till.rent(-1))
            assert wrong.value.errors[0]["pointer"] == wrong.value.param
            with pytest.raises(NotFound):
                client.send(wallets.get("wal_01h455vb4pex5vsknk084sn02q"))
            assert till.paid() == 0
        with Client("spc_test_wrong", site.url) as stranger, pytest.raises(Unauthenticated):
            stranger.send(parties.get("pty_01h455vb4pex5vsknk084sn02q"))

    await outside(work)


async def test_a_rehearsal_moves_nothing(site: Site) -> None:
    def work() -> None:
        with Client(site.key, site.url) as client:
            till = open_till(client)
            assert client.send(till.rent(10).rehearsed())["amount"]["amount"] == 10
            assert till.paid() == 0

    await outside(work)


def test_a_retry_after_beyond_ones_patience_is_not_waited_for() -> None:
    weather = Weather("away")
    with Client("key", "http://127.0.0.1:1", transport=weather) as client, pytest.raises(Problem) as refusal:
        client.send(call("GET", "/me"))
    assert (refusal.value.status, refusal.value.code, len(weather.keys)) == (503, "unavailable", 1)
    with (
        Client("key", "http://127.0.0.1:1", retries=HASTY, transport=Weather(*["busy"] * 9)) as client,
        pytest.raises(RateLimited),
    ):
        client.send(call("GET", "/me"))


def test_a_payout_is_signed_so_that_the_platform_accepts_the_signature() -> None:
    secret, tries = "sps_secret", []

    def answered(request: httpx2.Request) -> httpx2.Response:
        tries.append(request)
        status = 503 if len(tries) == 1 else 201
        return httpx2.Response(status, json={"id": "po_1"}, headers={"Retry-After": "0"})

    wish = payouts.create(beneficiary_id="ben_1", reference="Gaji Agustus é", amount=amount(5, "IDR"))
    with (
        Client("key", transport=httpx2.MockTransport(answered)) as unarmed,
        pytest.raises(ValueError, match="signing_secret"),
    ):
        unarmed.send(wish)
    with Client("key", signing_secret=secret, transport=httpx2.MockTransport(answered)) as client:
        client.send(wish)
        client.send(wish.rehearsed())
    assert len({one.headers["specie-nonce"] for one in tries}) == len(tries) == 3
    assert len({one.content for one in tries}) == 1
    for one in tries:
        signed = signing.of_request(one.method, one.url.path, one.url.query.decode(), one.headers, one.content)
        signing.require_signed(signed, secret.encode())
        signing.require_fresh(signed, webhook_signing.machine_timestamp())


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["what"] for vector in VECTORS])
def test_the_client_and_the_platform_sign_the_published_requests_alike(vector: dict[str, Any]) -> None:
    method, path, body, secret = vector["method"], vector["path"], vector["body"].encode(), vector["secret"]
    at, nonce = vector["timestamp"], vector["nonce"]

    ours = signature_of(method, path, vector["query"], body, secret, at=at, nonce=nonce)

    assert ours == vector["signature"]
    headers = {"specie-timestamp": at, "specie-nonce": nonce, "specie-signature": ours}
    signing.require_signed(signing.of_request(method, path, urlencode(vector["query"]), headers, body), secret.encode())


def test_a_rehearsal_keeps_the_key_of_what_it_rehearses() -> None:
    wish = payouts.create(beneficiary_id="ben_1", reference="r", amount=amount(5, "IDR")).under("mine")

    assert wish.rehearsed().key == "mine"
    assert wish.rehearsed().signed


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    assert payments.get("a/../b?x=1").path == "/payments/a%2F..%2Fb%3Fx%3D1"
    with pytest.raises(ValueError, match="dots"):
        payments.get("..")


async def test_asyncio_sends_together_and_reads_lists_and_the_feed_to_their_end(site: Site, database: Database) -> None:
    async with AsyncClient(site.key, site.url) as client:
        wanted = {f"Party {n}" for n in range(5)}
        made = await asyncio.gather(*(client.send(parties.create(name=name, roles=["supplier"])) for name in wanted))
        listed = [one async for one in client.each(parties.each(role="supplier", limit=2))]
        assert {one["id"] for one in listed} == {one["id"] for one in made}
        await publish_all(database)
        events = [one async for one in client.events(feed(type="party.created", limit=2))]
        assert {one["id"] for one in made} <= {one["subject"]["id"] for one in events}
        later = [one async for one in client.events(feed(after=events[-1]["n"], type="party.created"))]
        assert later == []
        with pytest.raises(Problem) as refusal:
            await client.send(transfers.get("trf_01h455vb4pex5vsknk084sn02q"))
        assert refusal.value.code == "transfer_not_found"
        assert [one async for one in client.each(Listing("/webhook-endpoints"))] == []


async def test_a_payment_is_made_under_a_key_of_ones_own(site: Site) -> None:
    async with AsyncClient(site.key, site.url) as client:
        shop = await client.send(parties.create(name="Toko", roles=["merchant"]))
        order = payments.create(merchant_id=shop["id"], reference="order-7", amount=amount(1500, "IDR"))
        first = await client.send(order.under("my-order-7"))
        again = payments.create(merchant_id=shop["id"], reference="order-7", amount=amount(1500, "IDR"))
        assert await client.send(again.under("my-order-7")) == first
        found = [one async for one in client.each(payments.each(reference="order-7"))]
        assert [one["id"] for one in found] == [first["id"]]


def test_webhooks_are_believed_only_when_genuine() -> None:
    secret, body = webhook_signing.new_secret(), b'{"type":"payment.paid","timestamp":"2026-11-22T00:00:00Z","data":{}}'
    now = webhook_signing.machine_timestamp()
    signed = webhook_signing.sign([secret], "evt_1", now, body)
    shouted = {name.upper(): value for name, value in signed.items()}
    assert webhooks.verify(body, shouted, secret)["type"] == "payment.paid"
    faults = [
        (body + b" ", signed),
        (body, {**signed, "webhook-signature": "nonsense"}),
        (body, {}),
        (body, webhook_signing.sign([secret], "evt_1", now - 600, body)),
        (body, webhook_signing.sign([webhook_signing.new_secret()], "evt_1", now, body)),
    ]
    for wrong_body, headers in faults:
        with pytest.raises(webhooks.NotGenuine):
            webhooks.verify(wrong_body, headers, secret)


async def test_the_examples_and_the_readme_run_as_they_are(site: Site, database: Database) -> None:
    async with AsyncClient(site.key, site.url) as client:
        shop = await client.send(parties.create(name="Toko", roles=["merchant"]))
    readme = re.search(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.S)
    assert readme is not None
    environment = site.environment | {"PYTHONPATH": str(SDK), "MERCHANT_ID": shop["id"]}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "insufficient_funds in amount, money moved: False" in await outside(
        lambda: run(f"{SDK}/examples/send_money.py")
    )
    await publish_all(database)
    assert "party.created" in await outside(lambda: run(f"{SDK}/examples/follow_events.py"))
    assert "/checkout/" in await outside(lambda: run("-c", readme[1]))
