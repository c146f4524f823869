"""What the clients do: transfers now and later, holds, bulk postings, payments and top-ups, until they are stopped."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
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
Step = Callable[[Client], Awaitable[None]]


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


async def repeat(client: Client, stop: asyncio.Event, step: Step, rest: float) -> None:
    """Do the step again and again until told to stop, with so many seconds of rest in between."""
    while not stop.is_set():
        await step(client)
        await asyncio.sleep(rest)


def wallet_traffic(world: World) -> Step:
    """Transfers, and in between holds, bulk postings and transfers for later."""
    later = {"hold": _hold, "bulk": _bulk, "schedule": _schedule}

    async def step(client: Client) -> None:
        drawn = client.random.random()
        rare = next((name for name, share in (("hold", 0.1), ("bulk", 0.2), ("schedule", 0.3)) if drawn < share), None)
        await (later[rare] if rare else _transfer)(client, world)

    return step


def payment_traffic(world: World, customer: str) -> Step:
    """Payments to the merchant and top-ups of a customer, each paid as its scenario has it."""

    async def step(client: Client) -> None:
        is_top_up = bool(customer)
        body: dict[str, Any] = {
            "amount": world.money(client.random.randint(1_000, 900_000)),
            "reference": f"assay-{client.random.getrandbits(60)}",
            "metadata": {"simulator": client.random.choice(SCENARIOS)},
        }
        if is_top_up:
            made = await client.do("top_up", "/top-ups", body | {"party_id": customer})
        else:
            made = await client.do("payment", "/payments", body | {"description": "Coffee"})
        await pay(client, world, made)

    return step


async def _transfer(client: Client, world: World) -> None:
    payer, payee = world.two_wallets(client)
    minor = _MORE_THAN_ANYBODY_HAS if client.random.random() < 0.1 else client.random.randint(1, 500)
    body = {"from_wallet_id": payer, "to": {"wallet_id": payee}, "amount": world.money(minor)}
    await client.do("transfer", "/transfers", body, [minor])


async def _schedule(client: Client, world: World) -> None:
    payer, payee = world.two_wallets(client)
    at = datetime.now(UTC) + timedelta(seconds=client.random.randint(10, 20))
    body = {
        "from_wallet_id": payer,
        "to": {"wallet_id": payee},
        "amount": world.money(client.random.randint(1, 500)),
        "scheduled_for": at.isoformat(),
    }
    await client.do("scheduled", "/transfers", body)


async def _hold(client: Client, world: World) -> None:
    """Set money aside, then take part of it, take the rest or give it back; one in four is left to run out."""
    payer, payee = world.two_wallets(client)
    minor = client.random.randint(2, 900)
    runs_out = datetime.now(UTC) + timedelta(seconds=15)
    body = {"amount": world.money(minor), "reason": "a table for two", "expires_at": runs_out.isoformat()}
    placed = await client.do("hold", f"/wallets/{payer}/holds", body, [minor])
    if placed.told is not Told.DONE or client.random.random() < 0.25:
        return
    part = client.random.randint(1, minor - 1)
    taken = {"to_wallet_id": payee, "amount": world.money(part)}
    captured = await client.do("capture", f"/holds/{placed.result}/capture", taken, [part])
    if captured.told is Told.DONE:
        await client.do("release", f"/holds/{placed.result}/release", {}, [minor - part])


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
    """What a customer does: open the page, choose a way to pay, give up on an error."""
    if made.told is not Told.DONE:
        return
    with contextlib.suppress(httpx2.HTTPError, KeyError, ValueError):
        shown = (await client.get(f"/payments/{made.result}")).json()
        path = httpx2.URL(shown["checkout_url"]).path
        async with httpx2.AsyncClient(base_url=world.url, timeout=5) as browser:
            await browser.get(path)
            await browser.post(f"{path}/pay", data={"method": "qr"})
