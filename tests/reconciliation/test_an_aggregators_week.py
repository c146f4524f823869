"""An aggregator's week over the API: collected at two providers, refunded, disputed, settled, paid out, reconciled."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from specie import identity, payments, settlement
from specie.app.verify import verify
from specie.kernel.clock import machine_now
from specie.kernel.ids import ConnectionId, PaymentId, UserId
from specie.providers import ChargeKind
from tests.support.server import DatabaseUrls
from tests.support.shop import Shop

PRICE = 1_500_000
BACK = 400_000
WITHDRAWN = 1_000_000
SIMULATOR_PAYOUT_FEE = 2_500
BANK_CSV = {"date": "date", "amount": "amount", "key": "key", "text": "text"}


@dataclass
class Aggregator:
    """A tenant with two providers, a merchant, and two people."""

    shop: Shop
    first: ConnectionId
    second: ConnectionId
    merchant: str
    maker: str
    checker: str

    async def ask(self, path: str, body: Any = None, *, status: int = 201, **headers: str) -> Any:
        """A POST over the API that is expected to end so."""
        answer = await self.shop.post(path, body, **headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def seen(self, path: str, wanted: Callable[[Any], bool]) -> Any:
        """What the API shows once it is as wanted, with the worker at work."""
        for _ in range(200):
            await self.shop.sweep()
            await self.shop.work()
            found = (await self.shop.get(path)).json()
            if wanted(found):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(found)

    async def sell(self) -> PaymentId:
        """A payment the customer has made."""
        payment_id = await self.shop.payment("success", minor=PRICE)
        await self.shop.pay(payment_id)
        await self.shop.settled(payment_id, "paid")
        return payment_id

    async def press(self, payment_id: PaymentId, what: str) -> None:
        """What the customer's bank does with a payment."""
        charge = await self.shop.charge_of(payment_id)
        answer = await self.shop.client.post(f"{self.shop.simulator_url}/dashboard/{charge}/{what}")
        assert answer.status_code == 303, answer.text

    async def accounts(self) -> dict[str, int]:
        """Clearing and settled of both providers."""
        names = [(each, account) for each in (self.first, self.second) for account in ("clearing", "settled")]
        return {f"{of}:{name}": await self.shop.balance(f"asset:providers:{of}:{name}") for of, name in names}


async def aggregator(shop: Shop) -> Aggregator:
    assert shop.connection_id
    payments.set_settled_parties(settlement.settled_parties)
    # Maker and checker are not users with names, so nobody opens one.
    shop.services.setdefault(identity.SERVICE, None)
    first, shop.merchant = shop.connection_id, await shop.other_party()
    second = await shop.connect()
    shop.connection_id = first
    at = Aggregator(shop, first, second, str(shop.merchant), str(UserId.new()), str(UserId.new()))
    terms = {"merchant_id": at.merchant, "currency": "IDR", "delay_days": 0, "cut_off": "00:00"}
    for path, body in (("/settlement-terms", terms), ("/approval-lines/payout/IDR", {"above": 1})):
        answer = await shop.client.put(f"{shop.url}/api/v1{path}", json=body, headers=shop.headers)
        assert answer.status_code == 200, answer.text
    settings = {"cool_off_seconds": 0}
    answer = await shop.client.patch(f"{shop.url}/api/v1/payout-settings", json=settings, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    return at


async def test_what_was_collected_at_two_providers_ends_at_the_bank_and_every_clearing_account_at_zero(
    shop: Shop, database_urls: DatabaseUrls
) -> None:
    at = await aggregator(shop)

    plain = await at.sell()
    await shop.lever("misbehave", mischief="soft_refuse", times=1)
    moved = await at.sell()
    disputed = await at.sell()
    attempts = (await shop.get(f"/payments/{moved}")).json()["attempts"]
    assert [attempt["connection_id"] for attempt in attempts] == [str(at.first), str(at.second)]

    refund = await at.ask(f"/payments/{plain}/refunds", {"amount": {"amount": BACK, "currency": "IDR"}})
    await at.seen(f"/refunds/{refund['id']}", lambda told: told["status"] == "succeeded")
    await at.press(disputed, "dispute")
    await at.seen(f"/payments/{disputed}", lambda told: [each["status"] for each in told["disputes"]] == ["open"])
    await at.press(disputed, "dispute/lost")
    await at.seen(f"/payments/{disputed}", lambda told: [each["status"] for each in told["disputes"]] == ["lost"])

    await settled(at)
    payout = await withdrawn(at)
    await reconciled(at)

    assert payout["status"] == "succeeded"
    assert await at.accounts() == dict.fromkeys(await at.accounts(), 0)
    assert await shop.balance("asset:bank:main") == await held_by_the_providers(at)
    assert (await shop.get("/reconciliation/exceptions?status=open")).json()["data"] == []
    report = await verify(database_urls.auditor)
    assert report.is_sound, report.findings


async def test_what_came_in_parts_did_not_fit_or_came_back_is_reconciled_with_its_fees(shop: Shop) -> None:
    at = await aggregator(shop)
    shop.merchant = await shop.other_party()
    at.merchant = str(shop.merchant)
    authorized = await shop.payment("success", minor=PRICE, capture="manual")
    await shop.pay(authorized, ChargeKind.CARD)
    await shop.settled(authorized, "authorized")
    for minor in (PRICE // 5, PRICE // 3):
        await at.ask(f"/payments/{authorized}/captures", {"amount": {"amount": minor, "currency": "IDR"}})
    taken = PRICE // 5 + PRICE // 3
    await at.seen(f"/payments/{authorized}", lambda told: told["captured"]["amount"] == taken)
    odd = await shop.payment("wrong_amount", minor=PRICE)
    await shop.pay(odd, ChargeKind.CARD)
    await at.seen("/payment-exceptions", lambda told: bool(told["data"]))
    await at.sell()
    payout = await withdrawn(at, ends="returned", metadata={"simulator": "returned"})

    told, balance = await fetched(at)

    assert payout["status"] == "returned"
    assert (told["exceptions"], told["open_items"]) == ([], 0)
    assert balance["at_provider"] == balance["in_books"]


async def test_a_window_that_overlaps_an_earlier_one_brings_only_what_is_new(shop: Shop) -> None:
    at = await aggregator(shop)
    names = {"connection_id": str(at.first), "currency": "IDR", "name": "Provider", "kind": "provider"}
    source = (await at.ask("/reconciliation/sources", names))["id"]
    now = machine_now()
    told = []
    for hours in (1, 2):
        await at.sell()
        window = {"since": (now - timedelta(hours=hours)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
        told.append(await at.ask(f"/reconciliation/sources/{source}/fetch", window))
    assert [(each["lines"], each["exceptions"], each["open_items"]) for each in told] == [(1, [], 0)] * 2


async def fetched(at: Aggregator) -> tuple[Any, Any]:
    """The first provider's statement taken in, and its live balance compared with the books."""
    now = machine_now()
    window = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    names = {"connection_id": str(at.first), "currency": "IDR", "name": "Provider", "kind": "provider"}
    source = (await at.ask("/reconciliation/sources", names))["id"]
    told = await at.ask(f"/reconciliation/sources/{source}/fetch", window)
    return told, await at.ask(f"/reconciliation/sources/{source}/balance", status=200)


async def settled(at: Aggregator) -> None:
    """The merchant's share leaves its waiting place on the next business day."""
    for ahead in range(1, 5):
        body = {"merchant_id": at.merchant, "currency": "IDR"}
        answer = await at.shop.post("/settlements", body, **{"test-days-ahead": str(ahead)})
        if answer.status_code == 201:
            break
    made = answer.json()
    assert answer.status_code == 201, made
    lines = (await at.shop.get(f"/settlements/{made['id']}")).json()
    fee = PRICE // 100
    assert lines["payout"]["amount"] == 3 * PRICE - BACK - PRICE - fee
    assert await at.shop.wallet() == (2 * PRICE - BACK - fee, 0)


async def withdrawn(at: Aggregator, ends: str = "succeeded", **more: Any) -> Any:
    """A payout that its maker asks for and cannot approve."""
    account = {"party_id": at.merchant, "bank_code": "014", "number": "1234567890"}
    beneficiary = await at.ask("/beneficiaries", account)
    await at.seen(f"/beneficiaries/{beneficiary['id']}", lambda told: told["status"] == "verified")
    wanted = {
        "beneficiary_id": beneficiary["id"],
        "reference": "withdrawal-1",
        "amount": {"amount": WITHDRAWN, "currency": "IDR"},
    }
    payout = await at.ask("/payouts", wanted | more, **{"test-person": at.maker})
    [asked] = (await at.shop.get("/approvals")).json()["data"]
    why = {"reason": "seen the contract"}
    own = await at.ask(f"/approvals/{asked['id']}/approve", why, status=403, **{"test-person": at.maker})
    assert own["code"] == "maker_cannot_approve"
    await at.ask(f"/approvals/{asked['id']}/approve", why, status=200, **{"test-person": at.checker})
    return await at.seen(f"/payouts/{payout['id']}", lambda told: told["status"] == ends)


async def held_by_the_providers(at: Aggregator) -> int:
    """What both providers hold for us by their own books."""
    told = []
    for connection in (at.first, at.second):
        headers = {"sim-key": f"sim_{connection.uuid.hex}"}
        answer = await at.shop.client.get(f"{at.shop.simulator_url}/v1/balance?currency=IDR", headers=headers)
        told.append(int(answer.json()["balance"]))
    return sum(told)


async def reconciled(at: Aggregator) -> None:
    """Each provider's statement confirms what it holds; the bank's, that it has paid it over."""
    now = machine_now()
    window = {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    for number, connection in enumerate((at.first, at.second), 1):
        names = {"connection_id": str(connection), "currency": "IDR"}
        provider = await at.ask("/reconciliation/sources", {"name": f"Provider {number}", "kind": "provider"} | names)
        bank = {"name": f"Bank {number}", "kind": "bank", "bank": "main", "csv": BANK_CSV}
        source = await at.ask("/reconciliation/sources", bank | names)
        told = await at.ask(f"/reconciliation/sources/{provider['id']}/fetch", window)
        assert told["exceptions"] == [], told
        paid_over = await at.shop.balance(f"asset:providers:{connection}:settled")
        statement = f"date,amount,key,text\n{now.date()},{paid_over / 100:.2f},FT{number},Settlement"
        await imported(at, source["id"], statement, now.date())


async def imported(at: Aggregator, source_id: str, statement: str, day: date) -> None:
    """A bank statement without an end to its last line, as banks export it."""
    url = f"{at.shop.url}/api/v1/reconciliation/sources/{source_id}/imports"
    files = {"file": (f"{day}.csv", statement.encode(), "text/csv")}
    headers = at.shop.headers | {"idempotency-key": f"import-{source_id}"}
    answer = await at.shop.client.post(url, data={"format": "csv"}, files=files, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["exceptions"] == [], answer.text
