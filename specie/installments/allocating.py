"""In which order a payment pays late fees, fee, interest and principal: the plan's own, or its merchant's usual one."""

from collections.abc import Sequence

from specie import audit, parties
from specie.installments import store
from specie.installments.errors import MerchantRequired
from specie.installments.model import USUAL, Component, require_complete
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork

Order = Sequence[Component]


async def usual(uow: UnitOfWork, merchant_id: PartyId) -> tuple[Component, ...]:
    """What a plan of the merchant gets that names no order of its own."""
    return await store.usual_allocation(uow, merchant_id) or USUAL


async def own_usual(uow: UnitOfWork, merchant_id: PartyId) -> tuple[Component, ...]:
    """A merchant's usual order, for staff and itself. Raises MerchantRequired or PartyMissing."""
    await _require_mine(uow, merchant_id)
    return await usual(uow, merchant_id)


async def set_usual(uow: UnitOfWork, merchant_id: PartyId, allocation: Order) -> tuple[Component, ...]:
    """Give the merchant's plans from now on this order; plans that are there keep theirs.

    Raises MerchantRequired, PartyMissing or TermsInvalid.
    """
    await _require_mine(uow, merchant_id)
    before, after = await usual(uow, merchant_id), require_complete(tuple(allocation))
    await store.put_usual_allocation(uow, merchant_id, after)
    await audit.record(
        uow,
        action="installment_allocation.set",
        subject=("party", str(merchant_id)),
        before={"allocation": [each.value for each in before]},
        after={"allocation": [each.value for each in after]},
    )
    return after


async def _require_mine(uow: UnitOfWork, merchant_id: PartyId) -> None:
    if uow.scope.party_id not in {None, merchant_id}:
        raise MerchantRequired("only the merchant itself decides this", param="party_id")
    if merchant_id not in await parties.tiers(uow, [merchant_id]):
        raise parties.PartyMissing(f"there is no party {merchant_id}", param="party_id")
