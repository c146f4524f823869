"""What the clients do: transfers now and later, holds, bulk postings, payments and top-ups, until they are stopped."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from specie.assay.clients import Client
from specie.assay.journal import Operation, Told

# What the provider does to a charge; those on the wire are heard of only by asking or by callback.
SCENARIOS = (
    *("success",) * 6,
    *("doubled", "reordered", "lost", "late", "decline", "before_answer", "contradicted", "bad_signature"),
    *("no_answer+success", "cut+success", "error_after+success", "error_before+success", "refuse", "odd_state"),
    *("wrong_amount", "wrong_currency", "foreign_key", "stale_signature", "no_answer+lost"),
)
_MORE_THAN_ANYBODY_HAS = 10**13
_HELD_SECONDS = 15
# On a slow machine the first hold must still be there when it is taken.
_HELD_LONGER_SECONDS = 300
_FIRST_ROUNDS = 3
Step = Callable[[Client], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one client does: each of `first` while all is calm, then `step` again and again.

    `kinds` are the operations that must have been done after the first, or something is missing: a right, or money.
    """

    step: Step
    first: Sequence[Step]
    kinds: frozenset[str]


@dataclass(slots=True)
class World:
    """What there is to work with: wallets and accounts of the demo, and where it is served."""

    url: str
    wallets: list[dict[str, Any]]
    accounts: tuple[str, str]
    currency: str = "IDR"

    def money(self, minor: int) -> dict[str, Any]:
        """An amount as the API takes it."""
        return {"amount": minor, "currency": self.currency}

    @property
    def rich(self) -> dict[str, Any]:
        """The wallet that had most when everything began, or is the first to be topped up."""
        return max(self._at_work(), key=lambda wallet: wallet.get("available", {}).get("amount", 0))

    def rich_and_other(self) -> tuple[str, str]:
        """The wallet that had most, and another one."""
        rich = self.rich["id"]
        return rich, next(wallet["id"] for wallet in self._at_work() if wallet["id"] != rich)

    def fullest_but(self, party_id: str) -> str:
        """Whose wallet has most, of all but one."""
        others = [wallet for wallet in self._at_work() if wallet["party_id"] != party_id]
        fullest = max(others, key=lambda wallet: wallet.get("available", {}).get("amount", 0))
        return str(fullest["party_id"])

    def _at_work(self) -> list[dict[str, Any]]:
        return [wallet for wallet in self.wallets if not any(wallet.get("frozen", {}).values())]

    def two_wallets(self, client: Client) -> tuple[str, str]:
        """Two wallets; most of the traffic meets in a few of them, where locks are waited for."""
        crowd = self.wallets[:4] if client.random.random() < 0.7 else self.wallets
        one, other = client.random.sample(crowd, 2)
        return one["id"], other["id"]


async def look_around(client: Client, url: str) -> World:
    """Find the demo's wallets in rupiah and open two accounts to post between."""
    listed = (await client.read("/wallets?limit=100"))["data"]
    wallets = [wallet for wallet in listed if wallet["currency"] == "IDR"]
    codes = [f"expense:assay:{name}:{client.random.getrandbits(40)}" for name in ("one", "other")]
    opened = [await client.do("account", "/ledger/accounts", {"code": code, "currency": "IDR"}) for code in codes]
    return World(url, wallets, (opened[0].result, opened[1].result))


async def play(client: Client, part: Part, stop: asyncio.Event, rest: float, has_begun: asyncio.Event) -> None:
    """Do each kind once and say so, then go on until told to stop, with so many seconds of rest in between."""
    try:
        for _ in range(_FIRST_ROUNDS):
            for step in part.first:
                await step(client)
            if part.kinds <= client.kinds_done:
                break
    finally:
        has_begun.set()
    while not stop.is_set():
        await part.step(client)
        await asyncio.sleep(rest)


def wallet_traffic(world: World) -> Part:
    """Transfers, and in between holds, bulk postings and transfers for later."""

    async def step(client: Client) -> None:
        drawn, wallets = client.random.random(), world.two_wallets(client)
        if drawn < 0.1:
            await _hold(client, world, wallets)
        elif drawn < 0.2:
            await _bulk(client, world)
        elif drawn < 0.3:
            await _schedule(client, world, wallets)
        else:
            too_much = client.random.random() < 0.1
            await _transfer(client, world, wallets, _MORE_THAN_ANYBODY_HAS if too_much else _little(client))

    async def each_kind(client: Client) -> None:
        wallets = world.rich_and_other()
        await _transfer(client, world, wallets, _little(client))
        await _transfer(client, world, wallets, _MORE_THAN_ANYBODY_HAS)
        await _hold_and_take(client, world, wallets, _HELD_LONGER_SECONDS)
        await _bulk(client, world)
        await _schedule(client, world, wallets)

    return Part(step, (each_kind,), frozenset({"transfer", "hold", "capture", "release", "bulk", "scheduled"}))


def payment_traffic(world: World, customer: str) -> Part:
    """Payments to the merchant and top-ups of a customer, each paid as its scenario has it."""

    async def step(client: Client) -> None:
        await _order(client, world, customer, client.random.choice(SCENARIOS))

    async def paid(client: Client) -> None:
        made = await _order(client, world, customer, "success")
        if made.told is Told.DONE:
            await client.until(f"/payments/{made.result}", "paid")

    return Part(step, (paid,), frozenset({"top_up" if customer else "payment"}))


async def _order(client: Client, world: World, customer: str, scenario: str) -> Operation:
    body: dict[str, Any] = {
        "amount": world.money(client.random.randint(1_000, 900_000)),
        "reference": client.reference(),
        "metadata": {"simulator": scenario},
    }
    if customer:
        made = await client.do("top_up", "/top-ups", body | {"party_id": customer})
    else:
        made = await client.do("payment", "/payments", body | {"description": "Coffee"})
    await pay(client, world, made)
    return made


def _little(client: Client) -> int:
    return client.random.randint(1, 500)


async def _transfer(client: Client, world: World, wallets: tuple[str, str], minor: int) -> None:
    payer, payee = wallets
    body = {"from_wallet_id": payer, "to": {"wallet_id": payee}, "amount": world.money(minor)}
    await client.do("transfer", "/transfers", body, [minor])


async def _schedule(client: Client, world: World, wallets: tuple[str, str]) -> None:
    payer, payee = wallets
    at = datetime.now(UTC) + timedelta(seconds=client.random.randint(10, 20))
    body = {
        "from_wallet_id": payer,
        "to": {"wallet_id": payee},
        "amount": world.money(_little(client)),
        "scheduled_for": at.isoformat(),
    }
    await client.do("scheduled", "/transfers", body)


async def _hold(client: Client, world: World, wallets: tuple[str, str]) -> None:
    """Set money aside; one in four is left to run out."""
    if client.random.random() < 0.25:
        await _place(client, world, wallets[0], client.random.randint(2, 900), _HELD_SECONDS)
    else:
        await _hold_and_take(client, world, wallets, _HELD_SECONDS)


async def _hold_and_take(client: Client, world: World, wallets: tuple[str, str], seconds: int) -> None:
    """Set money aside, take a part of it, and give back the rest."""
    minor = client.random.randint(2, 900)
    placed = await _place(client, world, wallets[0], minor, seconds)
    if placed.told is not Told.DONE:
        return
    part = client.random.randint(1, minor - 1)
    taken = {"to_wallet_id": wallets[1], "amount": world.money(part)}
    captured = await client.do("capture", f"/holds/{placed.result}/capture", taken, [part])
    if captured.told is Told.DONE:
        await client.do("release", f"/holds/{placed.result}/release", {}, [minor - part])


async def _place(client: Client, world: World, wallet: str, minor: int, seconds: int) -> Operation:
    runs_out = datetime.now(UTC) + timedelta(seconds=seconds)
    body = {"amount": world.money(minor), "reason": "a table for two", "expires_at": runs_out.isoformat()}
    return await client.do("hold", f"/wallets/{wallet}/holds", body, [minor])


async def _bulk(client: Client, world: World) -> None:
    debit, credit = world.accounts
    amounts = [client.random.randint(1, 1_000) for _ in range(client.random.randint(2, 20))]
    entries = [
        {
            "description": "Assay",
            "postings": [{"debit_account": debit, "credit_account": credit, "amount": world.money(minor)}],
        }
        for minor in amounts
    ]
    await client.do("bulk", "/ledger/entries/bulk", {"entries": entries}, amounts)


async def pay(client: Client, world: World, made: Operation) -> None:
    """What the customer of a payment does with its page."""
    if made.told is Told.DONE:
        await pay_on_page(client, world, made.result)


async def pay_on_page(client: Client, world: World, payment: str) -> None:
    """What a customer does: open the page, choose a way to pay, give up on an error."""
    with contextlib.suppress(httpx2.HTTPError, KeyError, ValueError):
        shown = (await client.get(f"/payments/{payment}")).json()
        path = httpx2.URL(shown["checkout_url"]).path
        async with httpx2.AsyncClient(base_url=world.url, timeout=5) as browser:
            await browser.get(path)
            await browser.post(f"{path}/pay", data={"method": "qr"})
