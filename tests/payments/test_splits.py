"""Payments that are shared with other merchants."""

from typing import Any

from specie import ledger, wallets
from specie.kernel.ids import PartyId, PaymentId, TenantId
from specie.kernel.money import Money
from tests.support.shop import IDR, Shop


def share(party_id: PartyId, minor: int, currency: str = "IDR") -> dict[str, Any]:
    return {"merchant_id": str(party_id), "amount": {"amount": minor, "currency": currency}}


async def paid(shop: Shop, splits: list[dict[str, Any]]) -> PaymentId:
    payment_id = await shop.payment("lost", minor=1_500_000, splits=splits)
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")
    assert await shop.state(payment_id) == "paid"
    return payment_id


async def refused(shop: Shop, *splits: dict[str, Any], **more: Any) -> tuple[int, str]:
    body = {
        "merchant_id": str(shop.merchant),
        "reference": "shared",
        "amount": {"amount": 1_500_000, "currency": "IDR"},
        "splits": list(splits),
    }
    answer = await shop.post("/payments", body | more)
    return answer.status_code, answer.json()["code"]


async def test_each_share_and_each_fee_is_a_leg_of_its_own_and_they_add_up(shop: Shop) -> None:
    terms = {"fee_rate": "0.02"}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=terms, headers=shop.headers)
    first, second = await shop.other_party(), await shop.other_party()

    payment_id = await paid(shop, [share(first, 400_000), share(second, 100_001)])

    assert [await shop.wallet(), await shop.wallet(first), await shop.wallet(second)] == [
        (969_999, 0),
        (400_000, 0),
        (100_001, 0),
    ]
    detail = (await shop.get(f"/payments/{payment_id}")).json()
    shares = [(each["merchant_id"], each["amount"]["amount"]) for each in detail["shares"]]
    assert shares == [(str(shop.merchant), 969_999), (str(first), 400_000), (str(second), 100_001), (None, 30_000)]
    assert detail["shares"][1]["merchant_name"] == "Another merchant"
    capture = next(entry for entry in detail["entries"] if entry["recipe"].startswith("payments.capture"))
    amounts = sorted(each["amount"]["amount"] for each in capture["postings"] if "memo:" not in each["debit_code"])
    fee = detail["provider_fee"]["amount"]
    assert amounts == sorted([amount for _, amount in shares] + ([fee] if fee else []))


async def test_a_refund_takes_from_each_in_proportion_and_in_the_end_all(shop: Shop) -> None:
    first, second = await shop.other_party(), await shop.other_party()
    payment_id = await paid(shop, [share(first, 400_000), share(second, 100_001)])

    for amount in (500_000, 333_333):
        await shop.post(f"/payments/{payment_id}/refunds", {"amount": {"amount": amount, "currency": "IDR"}})
    detail = (await shop.get(f"/payments/{payment_id}")).json()

    kept = [each["amount"]["amount"] - each["refunded"]["amount"] for each in detail["shares"]]
    assert sum(kept) == 1_500_000 - 833_333
    assert kept[1] == (await shop.wallet(first))[0] == 177_778
    await shop.post(f"/payments/{payment_id}/refunds", {})
    assert [await shop.wallet(each) for each in (None, first, second)] == [(0, 0)] * 3


async def test_a_share_another_merchant_has_spent_refuses_the_refund_and_nothing_moves(shop: Shop) -> None:
    other = await shop.other_party()
    payment_id = await paid(shop, [share(other, 400_000)])
    async with shop.db.begin(shop.scope) as uow:
        wallet = await wallets.ensure_wallet(uow, other, IDR)
        supplier = await ledger.ensure_account(
            uow, ledger.AccountSpec("liability:suppliers", ledger.AccountType.LIABILITY, IDR)
        )
        leg = ledger.Leg(wallet.available_account, supplier.id, Money.of(400_000, "IDR"))
        await ledger.post(uow, ledger.EntryDraft(ledger.Recipe("test.spend", 1), [leg], "spent"))

    answer = await shop.post(f"/payments/{payment_id}/refunds", {})

    assert (answer.status_code, answer.json()["code"]) == (422, "insufficient_funds")
    assert (await shop.wallet(), await shop.wallet(other)) == ((1_100_000, 0), (0, 0))


async def test_shares_that_cannot_be_paid_are_refused_when_they_are_promised(shop: Shop) -> None:
    other = await shop.other_party()
    customer = await shop.other_party("customer")
    foreign = await Shop(
        shop.db, shop.services, shop.url, shop.simulator_url, shop.client, tenant_id=TenantId.new()
    ).other_party()

    assert await refused(shop, share(other, 1_500_001)) == (422, "split_invalid")
    assert await refused(shop, share(other, 100, "USD")) == (422, "split_invalid")
    assert await refused(shop, share(other, 100), capture="manual") == (422, "split_invalid")
    for nobody in (PartyId.new(), customer, foreign):
        assert await refused(shop, share(nobody, 100)) == (422, "split_receiver_invalid")
    assert await refused(shop, share(other, 100), share(other, 200)) == (422, "split_receiver_invalid")
    assert await refused(shop, share(other, 100), merchant_id=str(other)) == (422, "split_receiver_invalid")
    assert (await shop.get("/payments")).json()["data"] == []
