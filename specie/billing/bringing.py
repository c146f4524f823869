"""Invoices that were open in the system used before: owed here by their old numbers, sold and taxed there.

Nothing is sold, taxed or numbered again: what was open comes out of opening equity. From then on such an invoice ages,
is reminded of, paid and credited like any other. Reversing the entry that brought it in withdraws it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from specie import audit, events, ledger
from specie.billing import postings, store
from specie.billing.document import day_words, written
from specie.billing.events import invoice_event
from specie.billing.invoicing import digest, new_token
from specie.billing.model import Invoice, InvoiceId, InvoiceState, Line
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, EntryId, InvalidId, PartyId
from specie.kernel.money import Money
from specie.ledger import EntryDraft, JournalEntry, ReversalFollower
from specie.platform.db import UnitOfWork

_LONGEST_TERM = 366


@dataclass(frozen=True, slots=True)
class BringIn:
    """What was open of an invoice at the beginning of the day on which the books moved, and what all of it came to.

    `about` is kept with its entry.
    """

    id: InvoiceId
    customer_id: PartyId
    number: str
    issued_on: date
    due_on: date
    open: Money
    total: Money
    note: str
    about: Mapping[str, Any]


async def bring_in(
    uow: UnitOfWork, wanted: Sequence[BringIn], day: date, approver: str | None = None
) -> list[JournalEntry | SpecieError]:
    """Let customers owe what was open at the beginning of a day, with one set of statements however many they are.

    The entry of each, or why there is none; the caller undoes all of it when there is one without. That no number is
    known yet is the caller's to ask first, with `known_numbers`.
    """
    if not wanted:
        return []
    invoices = await _opened(uow, [_invoice(uow, one) for one in wanted])
    drafts = await _drafts(uow, invoices, wanted, day, approver)
    owed = [replace(invoice, entry_id=draft.id) for invoice, draft in zip(invoices, drafts, strict=True)]
    told = [invoice_event("brought_in", invoice) for invoice in owed]
    outcomes = await ledger.post_many(uow, drafts, told, keep_going=True)
    await store.insert_issued(uow, [(each, _line(each, one, day)) for each, one in zip(owed, wanted, strict=True)])
    await store.insert_links(uow, [(digest(each.token or ""), each.id) for each in owed])
    return outcomes


def _invoice(uow: UnitOfWork, one: BringIn) -> Invoice:
    return Invoice(
        id=one.id,
        customer_id=one.customer_id,
        currency=one.open.currency,
        state=InvoiceState.ISSUED,
        reference="",
        note=one.note,
        includes_tax=False,
        # How long customers have from the day of issue on; this one's day is known, however far away it is.
        due_days=min((one.due_on - one.issued_on).days, _LONGEST_TERM),
        net_minor=one.open.minor,
        tax_minor=0,
        total_minor=one.open.minor,
        version=1,
        created_at=uow.now,
        number=one.number,
        issued_on=one.issued_on,
        due_on=one.due_on,
        token=new_token(),
        original_total_minor=one.total.minor,
    )


async def _opened(uow: UnitOfWork, invoices: Sequence[Invoice]) -> list[Invoice]:
    specs = [postings.invoice_accounts(each) for each in invoices]
    owed = await ledger.open_new(uow, [each["account"] for each in specs])
    creditable = await ledger.open_new(uow, [each["creditable"] for each in specs])
    return [
        replace(invoice, account_id=account, creditable_id=limit)
        for invoice, account, limit in zip(invoices, owed, creditable, strict=True)
    ]


async def _drafts(
    uow: UnitOfWork, invoices: Sequence[Invoice], wanted: Sequence[BringIn], day: date, approver: str | None
) -> list[EntryDraft]:
    amounts = [(each.receivable()[0], each.total) for each in invoices]
    openings = await ledger.opening_drafts(uow, amounts, uow.scope.clock.start_of(day))
    sources: dict[str, AccountId] = {}
    for currency in {each.currency.code: each.currency for each in invoices}.values():
        source = await ledger.ensure_account(uow, postings.creditable_source(currency))
        sources[currency.code] = source.id
    return [
        replace(postings.bring_in(invoice, opening, sources[invoice.currency.code], one.about), approver=approver)
        for invoice, opening, one in zip(invoices, openings, wanted, strict=True)
    ]


def _line(invoice: Invoice, one: BringIn, day: date) -> Line:
    whole = f", which came to {written(one.total.minor, invoice.currency)}" if one.total != one.open else ""
    return Line(
        n=1,
        description=f"Open on {day_words(day)} of invoice {one.number} of {day_words(one.issued_on)}{whole}",
        quantity=Decimal(1),
        unit="",
        unit_price_minor=invoice.total_minor,
        discount=Decimal(0),
        taxes=(),
        net_minor=invoice.total_minor,
    )


async def _withdraw(uow: UnitOfWork, entry: JournalEntry, reversal: EntryId) -> None:
    """An invoice whose way in was reversed is not owed; its number may come in again.

    Paid or credited in part it has too little left for that: its accounts' floors have refused the reversal.
    """
    before = await _brought_in_by(uow, entry)
    if before is None:
        return
    after = replace(before, state=InvoiceState.VOID, version=before.version + 1, withdrawn_id=reversal)
    await store.update_invoice(uow, after)
    await events.record(uow, invoice_event("voided", after, open=0))
    told = {"number": after.number, "reversal": str(reversal)}
    await audit.record(uow, action="invoice.withdraw", subject=("invoice", str(after.id)), after=told)


async def _brought_in_by(uow: UnitOfWork, entry: JournalEntry) -> Invoice | None:
    """The invoice that an entry has brought in, locked."""
    try:
        invoice_id = InvoiceId.parse(str(entry.metadata.get("invoice_id")))
    except InvalidId:
        return None
    invoice = await store.invoice_by_id(uow, invoice_id, lock=True)
    return invoice if invoice and invoice.is_brought_in and invoice.entry_id == entry.id else None


WITHDRAWAL = ReversalFollower(lock=_brought_in_by, follow=_withdraw)
"""How billing follows the reversal of what brought an invoice in."""
