"""A minute of transfers and payments while processes are killed: nothing is lost and nothing is doubled."""

import asyncio
import random
from pathlib import Path
from typing import Any

import httpx2

from specie.app.verify import verify
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import AUDITOR
from tests.faults.clients import Client
from tests.faults.journal import Journal, Operation
from tests.faults.judge import Verdict, judge
from tests.support.installation import Installation

SEED = 4711
FAULT_SECONDS = 45.0
HEALING_SECONDS = 60.0
CLIENTS = 6
VICTIMS = ("api", "worker", "postgres", "simulator")
SCENARIOS = (
    "success",
    "success",
    "success",
    "doubled",
    "reordered",
    "lost",
    "decline",
    "before_answer",
    "wrong_amount",
)


async def test_nothing_is_lost_and_nothing_is_doubled_while_processes_are_killed(state_folder: Path) -> None:
    random.seed(SEED)
    journal = Journal(state_folder / "journal.jsonl")
    with Installation(state_folder) as installation:
        clients = [Client(installation.url, installation.api_key("sandbox"), journal, SEED + n) for n in range(CLIENTS)]
        merchant = Client(installation.url, installation.api_key("merchant"), journal, SEED + 100)
        wallets = await idr_wallets(clients[0])
        stop = asyncio.Event()
        load = [asyncio.create_task(transfers(client, wallets, stop)) for client in clients]
        load.append(asyncio.create_task(payments(merchant, installation.url, stop)))
        kills = await nemesis(installation)
        stop.set()
        installation.wait_until_ready(HEALING_SECONDS)
        await asyncio.gather(*load)
        await settled(merchant)
        for client in [*clients, merchant]:
            await client.close()
        server = EmbeddedPostgres(state_folder)
        assert server.adopt()
        auditor = server.url(AUDITOR, "specie")
        verdict = judge(journal.operations, auditor, state_folder / "simulator" / "book.db")
        report = await verify(auditor)
    journal.close()
    print(f"\n{len(journal.operations)} operations, {sum(kills.values())} kills {kills}, {verdict.retried} retried")
    print(dict(verdict.told))
    assert verdict.violations == []
    assert report.findings == []
    require_real(verdict, kills)


def require_real(verdict: Verdict, kills: dict[str, int]) -> None:
    """A run in which nothing happened proves nothing."""
    assert verdict.operations > 50
    assert verdict.retried > 0
    assert all(kills[victim] >= 1 for victim in VICTIMS)
    assert any(told.startswith("transfer refused") for told in verdict.told)


async def idr_wallets(client: Client) -> list[str]:
    answer = await client.get("/wallets?limit=100")
    return [wallet["id"] for wallet in answer.json()["data"] if wallet["currency"] == "IDR"]


async def transfers(client: Client, wallets: list[str], stop: asyncio.Event) -> None:
    while not stop.is_set():
        payer, payee = client.random.sample(wallets, 2)
        # One in ten asks for more than anybody has.
        minor = 10**13 if client.random.random() < 0.1 else client.random.randint(1, 500)
        body = {"from_wallet_id": payer, "to": {"wallet_id": payee}, "amount": {"amount": minor, "currency": "IDR"}}
        await client.do("transfer", "/transfers", body)


async def payments(merchant: Client, url: str, stop: asyncio.Event) -> None:
    async with httpx2.AsyncClient(base_url=url, timeout=5) as browser:
        while not stop.is_set():
            number = merchant.random.getrandbits(60)
            body = {
                "amount": {"amount": merchant.random.randint(1_000, 900_000), "currency": "IDR"},
                "reference": f"order-{number}",
                "description": "Coffee",
                "metadata": {"simulator": merchant.random.choice(SCENARIOS)},
            }
            created = await merchant.do("payment", "/payments", body)
            await pay(browser, merchant, created)


async def pay(browser: httpx2.AsyncClient, merchant: Client, created: Operation) -> None:
    """What a customer does: open the page, choose a way to pay, give up on an error."""
    if created.told != "done":
        return
    try:
        payment: dict[str, Any] = (await merchant.get(f"/payments/{created.result}")).json()
        path = httpx2.URL(payment["checkout_url"]).path
        await browser.get(path)
        await browser.post(f"{path}/pay", data={"method": "qr"})
    except (httpx2.HTTPError, KeyError, ValueError):
        return


async def nemesis(installation: Installation) -> dict[str, int]:
    """Kill one process after the other at random moments, each kind in turn."""
    kills = dict.fromkeys(VICTIMS, 0)
    loop = asyncio.get_running_loop()
    ends = loop.time() + FAULT_SECONDS
    turn = 0
    while loop.time() < ends:
        await asyncio.sleep(random.uniform(3, 6))
        victim = VICTIMS[turn % len(VICTIMS)]
        turn += 1
        if await asyncio.to_thread(installation.kill, victim):
            kills[victim] += 1
    return kills


async def settled(merchant: Client) -> None:
    """After the faults every attempt must come to an end or wait for its customer."""
    deadline = asyncio.get_running_loop().time() + HEALING_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        answer = await merchant.get("/payments?limit=100")
        if answer.status_code == 200 and not any(is_open(one) for one in answer.json()["data"]):
            return
        await asyncio.sleep(1)


def is_open(payment: dict[str, Any]) -> bool:
    return payment["status"] == "pending" and payment["metadata"].get("simulator") not in {None, "manual"}
