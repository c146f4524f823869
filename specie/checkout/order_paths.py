"""Where the page of a purchase is; it is made when somebody first asks."""

from specie import purchases
from specie.checkout import order_store
from specie.checkout.model import KEPT_AFTER_EXPIRY
from specie.checkout.order_model import OrderPage
from specie.checkout.tokens import digest, new_token
from specie.payments import Payment
from specie.platform.db import UnitOfWork
from specie.purchases import Purchase


async def order_path(uow: UnitOfWork, purchase: Purchase) -> str:
    """Where the purchase's page is, below this installation's address; made now when there is none."""
    found = await order_store.page_of(uow, purchase.id)
    if found is None:
        token = new_token()
        found = OrderPage(purchase.id, token, purchase.expires_at + KEPT_AFTER_EXPIRY)
        if not await order_store.insert_page(uow, found, digest(token)):
            found = await order_store.page_of(uow, purchase.id) or found
    return found.path


async def path_of_payment(uow: UnitOfWork, payment: Payment) -> str | None:
    """The page of the purchase that a payment pays a part of; None for a payment that stands alone."""
    purchase_id = await purchases.purchase_of(uow, payment)
    return None if purchase_id is None else await order_path(uow, await purchases.get_purchase(uow, purchase_id))
