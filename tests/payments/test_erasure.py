"""Whoever is forgotten leaves no personal trace on payments; the payments stay."""

import psycopg

from specie import parties, payments
from specie.kernel.ids import PartyId, PaymentId
from specie.parties import PartyKind
from specie.payments import service
from specie.platform.vault import KeyRing
from tests.support.shop import Shop

TRACES = "select customer_key, sealed_customer, amount_minor, state from specie.payment where id = %s"
CUSTOMER = {"name": "Sari", "email": "sari@example.com"}


async def merchant(shop: Shop) -> PartyId:
    ring: KeyRing = shop.services["vault"]
    async with shop.db.begin(shop.scope) as uow:
        known = {"name": "Kedai Senja"}
        made = await parties.create_party(uow, ring, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
    return made.id


async def known_customer(shop: Shop, payment_id: PaymentId) -> dict[str, str] | None:
    async with shop.db.begin(shop.scope) as uow:
        return (await service.open_customers(uow, shop.services["vault"], [payment_id])).get(payment_id)


async def test_erasing_a_party_destroys_what_its_payments_knew_of_people(
    shop: Shop, superuser_connection: psycopg.Connection
) -> None:
    parties.on_erased(payments.forget_customers)
    one, other = await merchant(shop), await merchant(shop)
    theirs = await shop.payment(merchant_id=str(one), customer=CUSTOMER)
    kept = await shop.payment(merchant_id=str(other), customer=CUSTOMER)
    assert await known_customer(shop, theirs) == CUSTOMER
    async with shop.db.begin(shop.scope) as uow:
        assert await parties.erase(uow, one, reason="asked to be forgotten") is None
    assert superuser_connection.execute(TRACES, [theirs.uuid]).fetchone() == (None, None, 1_500_000, "created")
    assert await known_customer(shop, theirs) is None
    assert await known_customer(shop, kept) == CUSTOMER
