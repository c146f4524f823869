"""Charges to saved ways to pay."""

from specie import payments
from specie.kernel.ids import PartyId, PaymentId
from specie.platform.db import UnitOfWork
from tests.support.shop import Shop, rupiah

AGREED = "Parts that fall due may be charged to this card."


async def saved(shop: Shop, party_id: PartyId) -> payments.SavedMethod:
    body = {"party_id": str(party_id), "kind": "card", "agreed_to": AGREED}
    made = await shop.post("/payment-methods", body)
    assert made.status_code == 201, made.text
    await shop.work()
    async with shop.db.begin(shop.scope) as uow:
        return (await payments.methods_to_charge(uow, [party_id]))[party_id]


async def charged(shop: Shop, method: payments.SavedMethod, reference: str) -> PaymentId:
    async def work(uow: UnitOfWork) -> PaymentId:
        return (await payments.charge_saved(uow, method, reference, rupiah(70_000), "A part that is due")).id

    made = await shop.db.run(shop.scope, work, label="test.charge_saved")
    await shop.sweep()
    await shop.work()
    return made


async def test_a_saved_card_is_not_charged_over_a_connection_that_is_switched_off(shop: Shop) -> None:
    customer = await shop.other_party("customer")
    method = await saved(shop, customer)
    path = f"{shop.url}/api/v1/connections/{shop.connection_id}"
    off = await shop.client.patch(path, json={"active": False}, headers=shop.headers)
    assert off.status_code == 200, off.text

    refused = (await shop.get(f"/payments/{await charged(shop, method, 'first')}")).json()
    assert (refused["status"], refused["failure"], refused["attempts"]) == ("cancelled", "method_unavailable", [])
    assert await shop.book() == []
    assert await shop.wallet(customer) == (0, 0)

    await shop.client.patch(path, json={"active": True}, headers=shop.headers)
    await shop.settled(await charged(shop, method, "second"), "paid")
    assert [charge["amount"] for charge in await shop.book()] == [70_000]
