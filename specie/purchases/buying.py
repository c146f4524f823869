"""What a customer does with its own purchase, over the API and on the purchase's page.

Each step decides in the caller's own scope whether it may be taken; the step itself moves both parties' things and
runs in the scope of the whole tenant.
"""

from collections.abc import Sequence
from dataclasses import replace

from specie import audit, identity
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.purchases import service, store
from specie.purchases.errors import PurchaseMissing
from specie.purchases.model import Purchase, PurchaseId, Wish


async def bought(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """A purchase whose customer the caller is, or acts for. Raises PurchaseMissing."""
    purchase = await service.get(uow, purchase_id)
    if uow.scope.party_id not in {None, purchase.customer_id}:
        raise PurchaseMissing("only the customer can do this")
    return purchase


async def in_person(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """A purchase as its customer sees it, or would on taking it on. Raises PurchaseMissing to anybody else.

    Whoever asks knows the purchase's secret address: one that names no customer is shown to every party but the
    merchant. Staff, who see every purchase, are nobody's customer.
    """
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        return _of_customer(uow, await service.get(wide, purchase_id))


async def pay(uow: UnitOfWork, ring: KeyRing, purchase_id: PurchaseId, wishes: Sequence[Wish]) -> Purchase:
    """Pay with these tenders, all or none of them. Raises PurchaseMissing and what `service.pay` raises."""
    await bought(uow, purchase_id)
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        return await service.pay(wide, ring, purchase_id, wishes)


async def pay_in_person(uow: UnitOfWork, ring: KeyRing, purchase_id: PurchaseId, wishes: Sequence[Wish]) -> Purchase:
    """As `pay`, by the customer alone; a purchase that names no customer is its payer's until it gives that up."""
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        found = await service.get(wide, purchase_id, lock=True)
        own = _of_customer(uow, found)
        if found.customer_id is None:
            await store.save_purchase(wide, replace(own, taken_on=True))
            subject, after = ("purchase", str(own.id)), {"customer_id": str(own.customer_id)}
            await audit.record(wide, action="purchase.take_on", subject=subject, after=after)
        return await service.pay(wide, ring, purchase_id, wishes)


async def choose_again(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """Give back what is set aside, so that the customer can choose other tenders.

    Raises PurchaseMissing, PurchaseCannotMove, or ChargeUnknown while a charge may still be on its way.
    """
    await in_person(uow, purchase_id)
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        return await service.let_go(wide, purchase_id, "chosen_again")


def _of_customer(uow: UnitOfWork, purchase: Purchase) -> Purchase:
    me = uow.scope.party_id
    if me is None or me == purchase.merchant_id or purchase.customer_id not in {None, me}:
        raise PurchaseMissing("only the customer in person can do this")
    return replace(purchase, customer_id=me)
