"""Making hosted pages and gathering what they show."""

from collections.abc import Mapping
from typing import Any

from specie import identity, payments
from specie.checkout import store
from specie.checkout.errors import CheckoutMissing
from specie.checkout.model import KEPT_AFTER_EXPIRY, Brand, Checkout, Glance, Stage, View, stage_of
from specie.checkout.order_paths import path_of_payment
from specie.checkout.tokens import digest, new_token
from specie.kernel.errors import NotFound
from specie.kernel.ids import CheckoutId, PartyId
from specie.kernel.scope import Mode
from specie.payments import Payment, PaymentKind
from specie.platform.db import UnitOfWork

_PLAIN = Brand("", "#1f4fd8")


async def open_page(uow: UnitOfWork, payment: Payment) -> Checkout:
    """The payment's hosted page, made now when there is none."""
    found = await store.checkout_of(uow, payment.id)
    if found is not None:
        return found
    token = new_token()
    new = Checkout(CheckoutId.new(), payment.id, token, payment.expires_at + KEPT_AFTER_EXPIRY)
    if await store.insert_checkout(uow, new, digest(token)):
        return new
    return await store.checkout_of(uow, payment.id) or new


async def page_path(uow: UnitOfWork, payment: Payment) -> str:
    """Where the payment's hosted page is, below this installation's address."""
    return (await open_page(uow, payment)).path


async def get_page(uow: UnitOfWork, checkout_id: CheckoutId) -> Checkout:
    """A page whose time is not over. Raises CheckoutMissing."""
    checkout = await store.checkout_by_id(uow, checkout_id)
    if checkout is None or checkout.expires_at <= uow.now:
        raise CheckoutMissing("this page does not exist, or its time is over")
    return checkout


async def glance(uow: UnitOfWork, checkout_id: CheckoutId) -> Glance:
    """How the payment stands, light enough to look every second. Raises CheckoutMissing."""
    checkout = await get_page(uow, checkout_id)
    payment = await payments.get_payment(uow, checkout.payment_id)
    attempts = await payments.attempts_of(uow, payment.id)
    left = max(0, int((payment.expires_at - uow.now).total_seconds()))
    return Glance(stage_of(payment, attempts, uow.now), payment.version, left)


async def view(uow: UnitOfWork, services: Mapping[str, Any], checkout_id: CheckoutId) -> View:
    """Everything the page shows now. Raises CheckoutMissing."""
    checkout = await get_page(uow, checkout_id)
    payment = await payments.get_payment(uow, checkout.payment_id)
    attempts = await payments.attempts_of(uow, payment.id)
    stage = stage_of(payment, attempts, uow.now)
    choosing = stage in (Stage.CHOOSE, Stage.DECLINED, Stage.WAITING)
    return View(
        checkout=checkout,
        payment=payment,
        stage=stage,
        attempt=attempts[-1] if attempts else None,
        methods=await payments.methods(uow, services["providers"], payment) if choosing else [],
        brand=await _payee(uow, payment),
        is_test=uow.scope.mode is Mode.SANDBOX,
        now=uow.now,
        return_link=await payments.return_link(uow, services["vault"], payment),
        order_path=await path_of_payment(uow, payment),
    )


async def _payee(uow: UnitOfWork, payment: Payment) -> Brand:
    """A shop collects its own payments; a top-up goes to the tenant, which keeps the payer's wallet."""
    if payment.kind is PaymentKind.TOP_UP:
        return await _tenant_brand(uow)
    return await brand_of(uow, payment.party_id)


async def brand_of(uow: UnitOfWork, party_id: PartyId) -> Brand:
    """The merchant's own name and colour where set, else the tenant's."""
    terms = await payments.get_terms(uow, party_id)
    plain = await _tenant_brand(uow)
    return Brand(terms.display_name or plain.name, terms.accent_colour or plain.colour)


async def _tenant_brand(uow: UnitOfWork) -> Brand:
    try:
        tenant = await identity.own_tenant(uow)
    except NotFound:
        return _PLAIN
    return Brand(tenant.name, tenant.branding.primary_colour)
