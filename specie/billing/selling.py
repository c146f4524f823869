"""An invoice that a sale pays in the commit that issues it, and the money of a credit note that goes back with goods.

What paid the sale has arrived in the wallet of the party that stands for the business, as an online payment of an
invoice does; from there it pays the invoice. What comes back takes the same way in the other direction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from specie import ledger, wallets
from specie.billing import crediting, invoicing, paid_store, postings, receiving, store
from specie.billing.errors import InvoiceKept
from specie.billing.invoicing import WriteInvoice, account
from specie.billing.model import CreditNote, CreditNoteId, Invoice, InvoiceId, Method, Receipt, ReceiptId
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.wallets import Wallet

Arrived = Sequence[tuple[AccountId, Money]]
"""What arrived for a sale, by the account of the business's own party that it lies in."""


async def sell(uow: UnitOfWork, ring: KeyRing, command: WriteInvoice, arrived: Arrived, wallet: Wallet) -> Invoice:
    """Issue an invoice that is paid already; what is missing of it was kept as fees, and is an expense.

    It is a fact: only a customer nobody knows is refused, as PartyMissing.
    """
    issued = await invoicing.issue(uow, ring, (await invoicing.draft(uow, command)).id)
    await settle(uow, issued.id, issued.total, arrived, wallet)
    return await invoicing.get(uow, issued.id)


async def settle(uow: UnitOfWork, invoice_id: InvoiceId, amount: Money, arrived: Arrived, wallet: Wallet) -> Receipt:
    """So much of an invoice is paid by what arrived for it; what is missing of the amount was kept as fees.

    Raises InvoiceMissing, InvoiceCannotMove or AllocatesTooMuch.
    """
    invoice = await invoicing.get(uow, invoice_id, lock=True)
    receipt = await _receive(uow, invoice, amount, arrived, wallet)
    await receiving.pay(uow, paid_store.source_of(receipt), invoice, amount)
    return receipt


async def _receive(uow: UnitOfWork, invoice: Invoice, total: Money, arrived: Arrived, wallet: Wallet) -> Receipt:
    receipt_id = ReceiptId.new()
    credit = await account(uow, postings.credit_account(receipt_id, invoice.customer_id, total.currency))
    fees = await account(uow, postings.sale_fees_account(total.currency))
    nothing = Money.zero(total.currency)
    kept = total - sum((amount for _, amount in arrived), nothing)
    spent = sum((amount for place, amount in arrived if place == wallet.available_account), nothing)
    draft = postings.collect_sale(
        [*arrived, (fees, kept)], credit, invoice, str(receipt_id), wallets.leaving_legs(wallet, spent)
    )
    receipt = Receipt(
        id=receipt_id,
        customer_id=invoice.customer_id,
        amount=total,
        method=Method.PAYMENT,
        reference=invoice.reference,
        received_on=uow.business_date,
        account_id=credit,
        entry_id=draft.id,
        created_at=uow.now,
    )
    await receiving.record(uow, receipt, draft, {"invoice_id": str(invoice.id)})
    return receipt


async def take_back(
    uow: UnitOfWork,
    ring: KeyRing,
    invoice_id: InvoiceId,
    reason: str,
    quantities: Mapping[int, Decimal],
    wallet: Wallet,
) -> CreditNote:
    """Credit so much of a sale's lines; the money goes to the business's wallet, which gives it back as it came.

    Raises InvoiceMissing or CreditsTooMuch.
    """
    note = await crediting.credit(uow, ring, invoice_id, reason, quantities, keeps_order=True)
    amount, source = Money(note.total_minor, note.currency), paid_store.source_of(note)
    draft = postings.refund(
        source.account_id,
        wallet.available_account,
        amount,
        title=f"{source.name} paid back",
        about={"source_id": str(source.id)},
    )
    limits = await wallets.arriving_legs(uow, [(wallet, amount)])
    entry = await ledger.post(uow, replace(draft, legs=[*draft.legs, *limits]))
    await paid_store.insert_refund(uow, source, entry.id, amount, Method.PAYMENT, reason)
    return note


async def worth(uow: UnitOfWork, invoice_id: InvoiceId, quantities: Mapping[int, Decimal]) -> dict[int, int]:
    """What so much of each line would be credited with now, taxes included, in minor units.

    Any series of credits comes to what one of their sum would. Raises CreditsTooMuch.
    """
    lines, before = await store.lines_of(uow, invoice_id), await paid_store.credited(uow, invoice_id)
    taken = crediting.taken(lines, before, quantities)
    return {one.n: one.net_minor + sum(part.tax_minor for part in one.taxes) for one in taken}


def kept_by(what: str) -> InvoiceKept:
    """The refusal to credit an invoice that comes back with something else alone."""
    return InvoiceKept(f"it comes back with {what}; give that back")


async def entries_of(uow: UnitOfWork, invoice_id: InvoiceId) -> list[EntryId]:
    """The entries of an invoice and of what paid it."""
    invoice, made = await invoicing.get(uow, invoice_id), await paid_store.allocations_to(uow, invoice_id)
    receipts = [
        await paid_store.receipt_by_id(uow, one.source_id) for one in made if isinstance(one.source_id, ReceiptId)
    ]
    found = [invoice.entry_id, *(one.entry_id for one in receipts if one is not None), *(one.entry_id for one in made)]
    return [one for one in found if one is not None]


async def entries_of_note(uow: UnitOfWork, note_id: CreditNoteId) -> list[EntryId]:
    """The entries of a credit note and of its money on the way back."""
    note = await paid_store.note_by_id(uow, note_id)
    return [] if note is None else [note.entry_id, *await paid_store.refunds_from(uow, note_id)]
