"""What a customer does with its own purchase, over the API and on the purchase's page.

Each step decides in the caller's own scope whether it may be taken; the step itself moves both parties' things and
runs in the scope of the whole tenant.
"""

from collections.abc import Sequence

from specie import identity
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.purchases import detail, service
from specie.purchases.detail import Possible, Preview
from specie.purchases.errors import PurchaseMissing
from specie.purchases.model import Purchase, PurchaseId, PurchaseMove, Wish


async def bought(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """A purchase whose customer the caller is, or acts for. Raises PurchaseMissing."""
    purchase = await service.get(uow, purchase_id)
    if uow.scope.party_id not in {None, purchase.customer_id}:
        raise PurchaseMissing("only the customer can do this")
    return purchase


async def possible(uow: UnitOfWork, purchase_id: PurchaseId) -> list[Possible]:
    """What the customer could pay with now, in the order in which tenders pay. Raises PurchaseMissing."""
    return await detail.possible(uow, await bought(uow, purchase_id))


async def preview(uow: UnitOfWork, purchase_id: PurchaseId, wishes: Sequence[Wish]) -> Preview:
    """The plan as it would be now. Raises PurchaseMissing and what `detail.preview` raises."""
    return await detail.preview(uow, await bought(uow, purchase_id), wishes)


async def pay(uow: UnitOfWork, ring: KeyRing, purchase_id: PurchaseId, wishes: Sequence[Wish]) -> Purchase:
    """Pay with these tenders, all or none of them. Raises PurchaseMissing and what `service.pay` raises."""
    await bought(uow, purchase_id)
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        return await service.pay(wide, ring, purchase_id, wishes)


async def choose_again(uow: UnitOfWork, purchase_id: PurchaseId) -> Purchase:
    """Give back what is set aside, so that the customer can choose other tenders.

    Raises PurchaseMissing, PurchaseCannotMove, or ChargeUnknown while a charge may still be on its way.
    """
    found = await bought(uow, purchase_id)
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        await service.lock_payment(wide, found)
        held = await service.get(wide, purchase_id, lock=True)
        return await service.release(wide, held, PurchaseMove.RELEASE, "chosen_again")
