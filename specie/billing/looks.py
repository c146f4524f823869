"""Invoices and payments as screens show them: with names, balances and everything that belongs to them."""

from collections.abc import Sequence
from typing import Any

from specie import ledger, parties
from specie.billing import delivering, paid_store, receiving, store
from specie.billing.ageing_model import Ages
from specie.billing.invoicing import standing, standings
from specie.billing.model import Allocation, CreditNote, Invoice, InvoiceId, Receipt
from specie.billing.paid_schemas import (
    AgesOut,
    AllocationOut,
    CreditNoteOut,
    CustomerAccountOut,
    CustomerCreditOut,
    InvoiceDetail,
    MoneyReceivedOut,
)
from specie.billing.schemas import InvoiceLineOut, InvoiceOut, InvoiceTaxOut, invoice_fields
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.platform.wire import Amount
from specie.stock import Movement


async def invoices(uow: UnitOfWork, ring: KeyRing, found: Sequence[Invoice]) -> list[InvoiceOut]:
    """Invoices with names and balances, with few statements however many they are."""
    names = await parties.names(uow, ring, list({one.customer_id for one in found}))
    day = uow.business_date
    return [InvoiceOut.of(each, day, names) for each in await standings(uow, found)]


async def detail(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId) -> InvoiceDetail:
    """One invoice with everything that belongs to it. Raises InvoiceMissing."""
    found = await standing(uow, invoice_id)
    invoice = found.invoice
    names = await parties.names(uow, ring, [invoice.customer_id])
    made = await paid_store.allocations_to(uow, invoice_id)
    taken = await paid_store.credited(uow, invoice_id)
    credit = sum(left for _, left in await receiving.credits_of(uow, invoice.customer_id, invoice.currency))
    code = invoice.currency.code
    moved = await delivering.delivered(uow, invoice_id)
    return InvoiceDetail(
        **invoice_fields(found, uow.business_date, names),
        lines=[InvoiceLineOut.of(line, code) for line in await store.lines_of(uow, invoice_id)],
        taxes=[InvoiceTaxOut.of(part, code) for part in await store.taxes_of(uow, invoice_id)],
        allocations=[AllocationOut.of(each, invoice.currency) for each in made],
        credit_notes=await notes(uow, await paid_store.notes_of(uow, invoice_id)),
        credited={n: f"{quantity:f}" for n, quantity in taken.items()},
        credit=Amount(amount=credit, currency=code),
        deposit_left=Amount(amount=await _undrawn(uow, invoice), currency=code),
        goods=await delivering.goods_of(uow, invoice, moved),
        entries=await _entries(uow, invoice, made, moved) if uow.scope.party_id is None else [],
    )


async def _undrawn(uow: UnitOfWork, invoice: Invoice) -> int:
    source = paid_store.deposit_source(invoice)
    return await receiving.left_of(uow, source) if source else 0


async def _entries(
    uow: UnitOfWork, invoice: Invoice, made: Sequence[Allocation], moved: Sequence[Movement]
) -> list[dict[str, Any]]:
    ids = [invoice.entry_id, *(each.entry_id for each in made), *(each.entry_id for each in moved)]
    ids += [one.entry_id for one in await paid_store.notes_of(uow, invoice.id)]
    found = [await ledger.get_entry(uow, each) for each in sorted({one for one in ids if one is not None}, key=str)]
    return await ledger.entries_told(uow, found)


async def notes(uow: UnitOfWork, found: Sequence[CreditNote]) -> list[CreditNoteOut]:
    """Credit notes with what is left of each."""
    held = await ledger.accounts_by_ids(uow, [one.account_id for one in found]) if found else {}
    return [CreditNoteOut.of(one, held[one.account_id].balance.minor) for one in found]


async def receipts(uow: UnitOfWork, ring: KeyRing, found: Sequence[Receipt]) -> list[MoneyReceivedOut]:
    """Payments received with what each has paid and what is left of it."""
    names = await parties.names(uow, ring, list({one.customer_id for one in found}))
    held = await ledger.accounts_by_ids(uow, [one.account_id for one in found]) if found else {}
    made = await paid_store.allocations_from(uow, [one.id for one in found])
    return [MoneyReceivedOut.of(one, held[one.account_id].balance.minor, made.get(one.id, []), names) for one in found]


async def credits_of(uow: UnitOfWork, customer_id: PartyId, currency: Currency) -> list[CustomerCreditOut]:
    """What a customer has left in a currency, oldest first. Raises PartyMissing, also for another party."""
    if uow.scope.party_id not in {None, customer_id} or customer_id not in await parties.tiers(uow, [customer_id]):
        raise parties.PartyMissing(f"there is no party {customer_id}", param="party_id")
    found = await receiving.credits_of(uow, customer_id, currency)
    return [CustomerCreditOut.of(source, left) for source, left in found]


async def accounts_of(uow: UnitOfWork, ring: KeyRing, customer_id: PartyId) -> list[CustomerAccountOut]:
    """What a customer owes and has left, by currency. Raises PartyMissing, also for another party."""
    found = []
    for currency in await paid_store.currencies_of_customer(uow, customer_id):
        left = await credits_of(uow, customer_id, currency)
        opened = await invoices(uow, ring, await store.open_of_customer(uow, customer_id, currency))
        found.append(CustomerAccountOut.of(currency, opened, left))
    return found


async def ages(uow: UnitOfWork, ring: KeyRing, wanted: Ages, currency: str) -> AgesOut:
    """Open amounts by age with the customers' names."""
    names = await parties.names(uow, ring, [one.party_id for one in wanted.parties])
    return AgesOut.of(wanted, currency, names)
