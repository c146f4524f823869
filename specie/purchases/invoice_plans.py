"""Invoices paid in installments: an order is offered for what is open, and pays the invoice in the commit it begins in.

The customer sees and accepts the order like any other; the business is its merchant and bears the plan's fee.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from specie import audit, billing, identity, installments, wallets
from specie.billing import InvoiceId, NothingToPay, Standing
from specie.installments import OfferOrder, OfferStale, Order, OrderId, Plan, PlanId
from specie.kernel.ids import EntryId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.purchases import invoice_store
from specie.purchases.arriving import arrived

_MOST_PLANS = 20


@dataclass(frozen=True, slots=True)
class InParts:
    """An invoice with the plans that could pay what is open of it, and the orders that were made for it."""

    standing: Standing
    plans: Sequence[Plan]
    orders: Sequence[installments.Standing]


async def look(uow: UnitOfWork, invoice_id: InvoiceId) -> InParts:
    """What could be, and has been, paid of an invoice in parts. Raises InvoiceMissing."""
    standing = await _standing(uow, invoice_id)
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        currency = standing.invoice.currency
        business = (await billing.profile(wide)).collector_id
        plans = await installments.plans_of(wide, business, _MOST_PLANS) if business and _asks(standing) else []
        orders = [await installments.load(wide, one) for one in await invoice_store.orders_of(wide, invoice_id)]
        return InParts(standing, [one for one in plans if one.currency.code == currency.code], orders)


async def offer(uow: UnitOfWork, invoice_id: InvoiceId, plan_id: PlanId) -> OrderId:
    """Offer the customer to pay what is open of an invoice in parts; nothing is owed in parts before it accepts.

    Raises InvoiceMissing, NothingToPay, PlanMissing, PlanEnded or AmountOutsidePlan.
    """
    standing = await _standing(uow, invoice_id, lock=True)
    invoice = standing.invoice
    if not _asks(standing):
        raise NothingToPay(f"{invoice.name} asks for no payment", state=invoice.state.value)
    plan = await installments.get_plan(uow, plan_id)
    if plan.merchant_id != (await billing.profile(uow)).collector_id:
        raise installments.PlanMissing("the business itself has no such plan", param="plan_id")
    made = await invoice_store.orders_of(uow, invoice_id)
    command = OfferOrder(
        plan_id=plan_id,
        amount=Money(standing.open_minor, invoice.currency),
        reference=f"{invoice.number}-{len(made) + 1}",
        title=f"Invoice {invoice.number}",
        customer_id=invoice.customer_id,
    )
    order = await installments.offer(uow, command)
    await invoice_store.insert_order(uow, order.id, invoice_id)
    after = {"order_id": str(order.id), "amount_minor": order.amount.minor}
    await audit.record(uow, action="invoice.offer_installments", subject=("invoice", str(invoice_id)), after=after)
    return order.id


async def begun(uow: UnitOfWork, order: Order, entry_id: EntryId) -> None:
    """The customer has accepted an order for an invoice: what it brought the business pays the invoice.

    Raises OfferStale where the invoice asks for another amount by now, so that the order does not begin.
    """
    invoice_id = await invoice_store.invoice_of(uow, order.id)
    if invoice_id is None:
        return
    async with uow.acting_as(identity.whole_tenant(uow.scope)) as wide:
        standing = await _standing(wide, invoice_id, lock=True)
        if not _asks(standing) or standing.open_minor != order.amount.minor:
            asks = Money(standing.open_minor, order.currency)
            raise OfferStale(f"{standing.invoice.name} asks for {asks} now", open=standing.open_minor)
        wallet = await wallets.ensure_wallet(wide, order.merchant_id, order.currency)
        brought = await arrived(wide, wallet, [entry_id])
        receipt = await billing.settle(wide, invoice_id, order.amount, brought, wallet)
        await invoice_store.note_receipt(wide, order.id, receipt.id)


def _asks(standing: Standing) -> bool:
    return standing.invoice.state in billing.OPEN_STATES and standing.open_minor > 0


async def _standing(uow: UnitOfWork, invoice_id: InvoiceId, *, lock: bool = False) -> Standing:
    found = await billing.invoices_by_ids(uow, [invoice_id], lock=lock)
    if invoice_id not in found:
        raise billing.InvoiceMissing(f"there is no invoice {invoice_id}")
    [standing] = await billing.standings(uow, [found[invoice_id]])
    return standing
