"""Invoices from draft to number: writing, previewing, issuing and throwing a draft away."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from specie import audit, ledger, parties, stock
from specie.billing import postings, recurring_store, store
from specie.billing.errors import InvoiceEmpty, InvoiceMissing, LineInvalid
from specie.billing.events import invoice_event
from specie.billing.figures import figures_of
from specie.billing.heading import freeze_letterhead
from specie.billing.model import (
    OPEN_STATES,
    Figures,
    Invoice,
    InvoiceId,
    InvoiceState,
    LineDraft,
    Profile,
    SalesOrderId,
    Series,
)
from specie.catalogue import Rounding
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

TABLE = "billing_invoice"
"""Where what is sealed with an invoice belongs."""
_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class WriteInvoice:
    """What an invoice says. `due_days` None takes the tenant's usual; `includes_tax`: the prices have their taxes.

    A deposit asks for money in advance: it sells nothing and charges no tax, the invoice that draws it does. Lines that
    were `agreed` before keep tax rates that were archived since, and the `rounding` they name; None is the business's.
    """

    customer_id: PartyId
    currency: Currency
    lines: Sequence[LineDraft]
    includes_tax: bool = False
    due_days: int | None = None
    reference: str = ""
    note: str = ""
    order_id: SalesOrderId | None = None
    is_deposit: bool = False
    agreed: bool = False
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An invoice with what its accounts hold, in minor units: what is open, and what may be credited yet."""

    invoice: Invoice
    open_minor: int
    creditable_minor: int

    def is_late(self, day: date) -> bool:
        """Whether it is asked for after its day."""
        due_on = self.invoice.due_on
        return self.invoice.state in OPEN_STATES and due_on is not None and due_on < day


def new_token() -> str:
    """A public address of an invoice that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What the look-up table keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


async def _figures(uow: UnitOfWork, command: WriteInvoice) -> Figures:
    if command.is_deposit and any(line.taxes or line.product_id for line in command.lines):
        raise LineInvalid("a deposit has no product and no tax; the invoice that draws it has", param="lines")
    # What an order charges was agreed when it was made.
    agreed = command.agreed or command.order_id is not None
    return await figures_of(
        uow,
        command.lines,
        command.currency,
        includes_tax=command.includes_tax,
        agreed=agreed,
        customer_id=command.customer_id,
        rounding=command.rounding,
    )


async def draft(uow: UnitOfWork, command: WriteInvoice) -> Invoice:
    """Write an invoice down that nobody owes yet. Raises PartyMissing, or what `figures_of` raises."""
    figures = await _figures(uow, command)
    said = await _said(uow, command, figures)
    said |= {"version": 1, "created_at": uow.now, "order_id": command.order_id}
    invoice = Invoice(id=InvoiceId.new(), state=InvoiceState.DRAFT, **said)
    await store.insert_invoice(uow, invoice)
    await store.put_figures(uow, invoice, figures)
    await note(uow, "draft", invoice, {"total_minor": invoice.total_minor})
    return invoice


async def change(uow: UnitOfWork, invoice_id: InvoiceId, command: WriteInvoice) -> Invoice:
    """Rewrite a draft. Raises InvoiceMissing, InvoiceCannotMove or what `draft` raises."""
    before = await get(uow, invoice_id, lock=True)
    before.require_draft()
    figures = await _figures(uow, command)
    invoice = replace(before, version=before.version + 1, **await _said(uow, command, figures))
    await store.update_invoice(uow, invoice)
    await store.put_figures(uow, invoice, figures)
    await note(uow, "change", invoice, {"total_minor": invoice.total_minor})
    return invoice


async def _said(uow: UnitOfWork, command: WriteInvoice, figures: Figures) -> dict[str, Any]:
    if command.customer_id not in await parties.tiers(uow, [command.customer_id]):
        raise parties.PartyMissing(f"there is no party {command.customer_id}", param="customer_id")
    usual = (await store.profile(uow)).due_days
    return {
        "customer_id": command.customer_id,
        "currency": command.currency,
        "reference": command.reference,
        "note": command.note,
        "includes_tax": command.includes_tax,
        "is_deposit": command.is_deposit,
        "due_days": usual if command.due_days is None else command.due_days,
        "net_minor": figures.net_minor,
        "tax_minor": figures.tax_minor,
        "total_minor": figures.total_minor,
    }


async def discard(uow: UnitOfWork, invoice_id: InvoiceId) -> Invoice:
    """Throw a draft away; it never had a number. Raises InvoiceMissing or InvoiceCannotMove."""
    invoice = await get(uow, invoice_id, lock=True)
    invoice.require_draft()
    await store.delete_draft(uow, invoice)
    await note(uow, "discard", invoice, {})
    return invoice


async def issue(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId) -> Invoice:
    """Give a draft the next number and a due date: from now on the customer owes it, and both stand on it as today.

    Raises InvoiceMissing, InvoiceCannotMove or InvoiceEmpty.
    """
    before = await get(uow, invoice_id, lock=True)
    before.require_draft()
    if before.total_minor <= 0:
        raise InvoiceEmpty("write a line that charges something first")
    n, day = await store.next_number(uow, Series.INVOICE), uow.business_date
    opened = {name: await account(uow, spec) for name, spec in postings.invoice_accounts(before).items()}
    held = await account(uow, postings.deposit_account(before)) if before.is_deposit else None
    numbered = replace(
        before,
        state=InvoiceState.ISSUED,
        version=before.version + 1,
        n=n,
        number=Series.INVOICE.number(n),
        issued_on=day,
        due_on=day + timedelta(days=before.due_days),
        account_id=opened["account"],
        creditable_id=opened["creditable"],
        deposit_id=held,
        token=new_token(),
        billed_to=await parties.freeze_addressee(uow, ring, before.customer_id, TABLE, str(before.id)),
        letterhead=await freeze_letterhead(uow),
    )
    taxes = await store.taxes_of(uow, numbered.id)
    entry = postings.issue(numbered, taxes, await income_accounts(uow, numbered, [part.code for part in taxes]))
    issued = replace(numbered, entry_id=entry.id)
    await ledger.post(uow, entry, invoice_event("issued", issued))
    await store.update_invoice(uow, issued)
    await store.insert_links(uow, [(digest(issued.token or ""), issued.id)])
    await note(uow, "issue", issued, {"number": issued.number, "total_minor": issued.total_minor})
    return issued


async def income_accounts(uow: UnitOfWork, invoice: Invoice, codes: Sequence[str]) -> dict[str, AccountId]:
    """The accounts an invoice's figures go to: `sales`, each tax by its code, and `source` of what may be credited.

    What a deposit asks for is no sale: it is owed to the customer, once paid.
    """
    currency = invoice.currency
    found = {
        part.code: await account(uow, postings.tax_account(part, currency))
        for part in await store.taxes_of(uow, invoice.id)
        if part.code in codes
    }
    sold = postings.asked_account(invoice) if invoice.is_deposit else postings.sales_account(currency)
    found["sales"] = await account(uow, sold)
    found["source"] = await account(uow, postings.creditable_source(currency))
    return found


async def account(uow: UnitOfWork, spec: ledger.AccountSpec) -> AccountId:
    """The id of an account, opened when it is not there yet."""
    return (await ledger.ensure_account(uow, spec)).id


async def get(uow: UnitOfWork, invoice_id: InvoiceId, *, lock: bool = False) -> Invoice:
    """One invoice the caller may see. Raises InvoiceMissing."""
    invoice = await store.invoice_by_id(uow, invoice_id, lock=lock)
    if invoice is None:
        raise InvoiceMissing(f"there is no invoice {invoice_id}")
    return invoice


async def standing(uow: UnitOfWork, invoice_id: InvoiceId, *, lock: bool = False) -> Standing:
    """One invoice with its balances; with `lock` they stay as they are read. Raises InvoiceMissing."""
    [found] = await standings(uow, [await get(uow, invoice_id, lock=lock)])
    return found


async def standings(uow: UnitOfWork, invoices: Sequence[Invoice]) -> list[Standing]:
    """Invoices with their balances, with one statement however many they are."""
    ids = [each for one in invoices for each in (one.account_id, one.creditable_id) if each is not None]
    found = await ledger.accounts_by_ids(uow, ids) if ids else {}
    return [Standing(one, _held(found, one.account_id), _held(found, one.creditable_id)) for one in invoices]


def _held(found: Mapping[AccountId, ledger.Account], account_id: AccountId | None) -> int:
    return found[account_id].balance.minor if account_id is not None else 0


async def set_profile(uow: UnitOfWork, wanted: Profile) -> Profile:
    """Say how the tenant appears on its documents; for whom payments are collected stays as it is.

    Raises WarehouseMissing.
    """
    if wanted.delivers_from is not None and wanted.delivers_from not in await stock.warehouses(uow):
        raise stock.WarehouseMissing(f"there is no warehouse {wanted.delivers_from}", param="delivers_from")
    before = await store.profile(uow)
    after = replace(wanted, collector_id=before.collector_id)
    await store.put_profile(uow, after)
    told = {name: getattr(after, name) for name in ("name", "due_days")}
    await audit.record(uow, action="billing.profile", subject=("tenant", str(uow.scope.tenant_id)), after=told)
    return after


async def still_owes(uow: UnitOfWork, party_id: PartyId) -> str | None:
    """Why a party cannot be forgotten yet: it has an invoice to pay, or gets more; None when it may be."""
    wanted = [store.InvoiceFilter(state=state.value, customer_id=party_id) for state in sorted(OPEN_STATES)]
    found = [await store.invoices(uow, one, None, 1) for one in wanted]
    if any(page.items for page in found):
        return "an invoice is still open"
    return "a recurring invoice goes on" if await recurring_store.goes_on_for(uow, party_id) else None


async def note(uow: UnitOfWork, act: str, invoice: Invoice, after: Mapping[str, Any]) -> None:
    """Write down who did what to an invoice."""
    await audit.record(uow, action=f"invoice.{act}", subject=("invoice", str(invoice.id)), after=after)
