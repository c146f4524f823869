"""Merchants that are opened, sold to, settled and paid out: settlement, while processes die around it."""

import asyncio
import uuid
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from specie.assay.clients import TRY_SECONDS, Client
from specie.assay.journal import Operation, Told
from specie.assay.traffic import Part, World, pay

# How the bank takes a payout is decided by the last digits of the account.
_ACCOUNTS = ("0100", "0100", "0100", "0002", "0005", "0006")
_BANK = "014"
_MOST_SALES = 3
_WEEKEND = 5
_DEMO_ZONE = ZoneInfo("Asia/Jakarta")
_LOOK_SECONDS = 0.5
_MOST_LOG_INS = 20
# A sale after the cut-off of its day would be settled with the next day's.
_CUT_OFF = "23:59"
_LAST_SECONDS = 90


class Owner:
    """The person who says where money goes; a key alone may not. Repeats itself until it is answered well."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._http = httpx2.AsyncClient(base_url=f"{url}/api/v1", timeout=TRY_SECONDS)
        self._word = {"email": email, "password": password}
        self._headers: dict[str, str] = {}
        self._tenant = ""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def do(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Send under one key until it is done. Raises RuntimeError when it is refused for good."""
        key, log_ins = {"Idempotency-Key": str(uuid.uuid4())}, 0
        while True:
            try:
                answer = await self._http.request(method, path, json=body, headers=self._headers | key)
            except httpx2.HTTPError:
                answer = None
            if answer is not None and answer.is_success:
                return answer.json()
            if answer is not None and answer.status_code in {401, 403} and log_ins < _MOST_LOG_INS:
                # Not logged in, or too long ago for what moves money out.
                log_ins += await self._log_in()
            elif answer is not None and answer.status_code < 500 and answer.status_code not in {409, 429}:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def work_in(self, tenant: str) -> None:
        """Go over to another tenant of this person, now and after every log-in."""
        self._tenant = tenant
        await self.do("POST", "/me/tenant", {"tenant_id": tenant})

    async def _log_in(self) -> bool:
        """Whether it was done; afterwards the same request may be refused for another reason only."""
        try:
            answer = await self._http.post("/auth/login", json=self._word, headers={})
            if answer.is_success and self._tenant:
                token = {"X-CSRF-Token": answer.json()["csrf_token"], "Sec-Fetch-Site": "same-origin"}
                answer = await self._http.post("/me/tenant", json={"tenant_id": self._tenant}, headers=token)
        except httpx2.HTTPError:
            return False
        if answer.is_success:
            self._headers = {"X-CSRF-Token": answer.json()["csrf_token"], "Sec-Fetch-Site": "same-origin"}
        return answer.is_success


def settlement_traffic(world: World, owner: Owner) -> Part:
    """A new merchant sells a few times, and all that it was seen to have sold is settled and leaves for its account."""

    async def step(client: Client) -> None:
        await _let_the_day_end()
        merchant = await open_merchant(client, owner)
        sales = [await _sell(client, world, merchant) for _ in range(client.random.randint(1, _MOST_SALES))]
        paid = await asyncio.gather(*(is_paid(client, sale) for sale in sales))
        if all(paid):
            # What was seen to be sold is what has to be settled, to the last minor unit.
            sold = [sale.asked["amount"]["amount"] for sale in sales]
            await client.do("settlement", "/settlements", {"merchant_id": merchant, "currency": "IDR"}, [sum(sold)])

    # At the week's end Iran may have a holiday, on which nothing is settled.
    return Part(step, (step,), frozenset({"sale"} if _is_weekend() else {"sale", "settlement"}))


async def _let_the_day_end() -> None:
    """Wait for midnight when it is near: what is sold on both sides of the cut-off is not settled together."""
    now = datetime.now(_DEMO_ZONE)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), _DEMO_ZONE)
    left = (midnight - now).total_seconds()
    await asyncio.sleep(left + 1 if left < _LAST_SECONDS else 0)


async def open_merchant(client: Client, owner: Owner, *, settles: bool = True) -> str:
    """A merchant without fees; one that settles has an account at the bank and terms that do it when somebody asks."""
    name = f"Shop {client.random.getrandbits(40)}"
    merchant = str((await owner.do("POST", "/parties", {"name": name, "kind": "company", "roles": ["merchant"]}))["id"])
    await owner.do("PATCH", "/payout-settings", {"cool_off_seconds": 0, "minimum": {"IDR": 1}})
    free = {"merchant_id": merchant, "fee_rate": "0", "fee_fixed": {"IDR": 0}, "hold_days": 0}
    await owner.do("PATCH", "/payment-settings", free)
    if settles:
        await _let_settle(client, owner, merchant)
    return merchant


async def _let_settle(client: Client, owner: Owner, merchant: str) -> None:
    # Thirteen digits could be the number of a card, which is refused.
    number = f"{client.random.randrange(10**7, 10**8)}{client.random.choice(_ACCOUNTS)}"
    account = {"party_id": merchant, "bank_code": _BANK, "number": number, "label": "Main"}
    beneficiary = (await owner.do("POST", "/beneficiaries", account))["id"]
    # The bank need not have answered about the account yet: then what is settled waits in the wallet.
    await client.until(f"/beneficiaries/{beneficiary}", "verified")
    terms = {"merchant_id": merchant, "currency": "IDR", "delay_days": 0, "cut_off": _CUT_OFF}
    await owner.do("PUT", "/settlement-terms", terms | {"country": _country(), "beneficiary_id": beneficiary})


def _country() -> str:
    """Where banks work today: anywhere from Monday to Friday, and in Iran at the week's end of the others."""
    return "IR" if _is_weekend() else ""


def _is_weekend() -> bool:
    return datetime.now(_DEMO_ZONE).weekday() >= _WEEKEND


async def _sell(client: Client, world: World, merchant: str) -> Operation:
    return await sell(client, world, merchant, client.random.randint(1_000, 900_000), {"simulator": "success"})


async def sell(client: Client, world: World, merchant: str, minor: int, words: dict[str, str]) -> Operation:
    """A payment to a merchant, which its customer makes; `words` tell the simulator how it goes."""
    body = {
        "merchant_id": merchant,
        "amount": world.money(minor),
        "reference": client.reference(),
        "description": "Tea",
        "metadata": words,
    }
    sale = await client.do("sale", "/payments", body)
    await pay(client, world, sale)
    return sale


async def is_paid(client: Client, sale: Operation) -> bool:
    """Whether a sale has come to its money, within a while."""
    return sale.told is Told.DONE and await client.until(f"/payments/{sale.result}", "paid")
