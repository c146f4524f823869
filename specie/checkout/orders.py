"""The pages of purchases: what they show to everybody, and what to the customer alone."""

from specie import identity, parties, payments, purchases
from specie.checkout import order_store
from specie.checkout.errors import CheckoutMissing
from specie.checkout.model import Glance
from specie.checkout.order_model import OrderPage, OrderView, OwnView, order_stage
from specie.checkout.service import brand_of
from specie.kernel.scope import Mode
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.purchases import Leg, Purchase, PurchaseId, PurchaseState


async def get_page(uow: UnitOfWork, purchase_id: PurchaseId) -> OrderPage:
    """A page whose time is not over. Raises CheckoutMissing."""
    page = await order_store.page_of(uow, purchase_id)
    if page is None or page.expires_at <= uow.now:
        raise CheckoutMissing("this page does not exist, or its time is over")
    return page


async def glance(uow: UnitOfWork, purchase_id: PurchaseId) -> Glance:
    """How the purchase stands, light enough to look every second. Raises CheckoutMissing."""
    await get_page(uow, purchase_id)
    purchase = await purchases.get_purchase(uow, purchase_id)
    left = max(0, int((purchase.expires_at - uow.now).total_seconds()))
    return Glance(order_stage(purchase, uow.now), purchase.version, left)


async def order_view(uow: UnitOfWork, purchase_id: PurchaseId) -> OrderView:
    """What the page shows to everybody. Raises CheckoutMissing."""
    page = await get_page(uow, purchase_id)
    purchase = await purchases.get_purchase(uow, purchase_id)
    return OrderView(
        page=page,
        purchase=purchase,
        stage=order_stage(purchase, uow.now),
        brand=await brand_of(uow, purchase.merchant_id),
        is_test=uow.scope.mode is Mode.SANDBOX,
        now=uow.now,
    )


async def own_view(uow: UnitOfWork, ring: KeyRing, purchase_id: PurchaseId) -> OwnView:
    """What the page shows to the customer, in whose scope it is read. Raises PurchaseMissing to anybody else."""
    purchase = await purchases.in_person(uow, purchase_id)
    names = await parties.names(uow, ring, [purchase.buyer])
    is_open = purchase.state is PurchaseState.OPEN
    possible = await purchases.possible(uow, purchase) if is_open else []
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        legs = [] if is_open else await purchases.legs_of(wide, purchase)
        path = await _payment_path(wide, purchase, legs)
    return OwnView(names.get(purchase.buyer, ""), possible, legs, path)


async def _payment_path(uow: UnitOfWork, purchase: Purchase, legs: list[Leg]) -> str | None:
    missing = next((leg.payment_id for leg in legs if leg.payment_id is not None), None)
    if missing is None or purchase.state is not PurchaseState.HELD:
        return None
    return await payments.checkout_path(uow, await payments.get_payment(uow, missing))
