"""Credit notes: an invoice taken back line by line, never by changing it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from specie import audit, ledger, parties
from specie.billing import delivering, paid_store, postings, store
from specie.billing.errors import CreditsTooMuch, LineInvalid
from specie.billing.events import note_event
from specie.billing.heading import freeze_letterhead
from specie.billing.invoicing import account, get, income_accounts, standings
from specie.billing.model import CreditNote, CreditNoteId, Invoice, InvoiceId, Line, Series, TaxPart
from specie.billing.receiving import pay
from specie.kernel.money import Money, part_by_quantity
from specie.ledger import InsufficientFunds
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

TABLE = "billing_credit_note"
"""Where what is sealed with a credit note belongs."""


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """How much of a line is taken back, and what that comes to in minor units."""

    n: int
    quantity: Decimal
    net_minor: int
    taxes: Sequence[TaxPart]


Guard = Callable[[UnitOfWork, Invoice], Awaitable[None]]
Listener = Callable[[UnitOfWork, Invoice, Mapping[int, Decimal], str], Awaitable[None]]
_guards: list[Guard] = []
_listeners: list[Listener] = []


def before_credit(guard: Guard) -> None:
    """Call this before an invoice is credited, to refuse it or to lock what follows it; wired by `app`."""
    if guard not in _guards:
        _guards.append(guard)


def follow_credit(listener: Listener) -> None:
    """Call this once lines of an invoice are credited, with how much of each and why; wired by `app`."""
    if listener not in _listeners:
        _listeners.append(listener)


async def credit(
    uow: UnitOfWork,
    ring: KeyRing,
    invoice_id: InvoiceId,
    reason: str,
    quantities: Mapping[int, Decimal] | None = None,
    amount: Money | None = None,
    *,
    keeps_order: bool = False,
) -> CreditNote:
    """Take an invoice back: so much of each line, by the line's number, or all that is left.

    What the invoice still asks for falls first; what was paid already becomes the customer's credit. Of a deposit only
    what nobody paid is taken back: an `amount` of it, or all. Unless one `keeps_order`, the order that an invoice
    charges for sends no more of what is credited. Raises InvoiceMissing, InvoiceCannotMove, LineInvalid or
    CreditsTooMuch.
    """
    invoice = await get(uow, invoice_id, lock=True)
    invoice.receivable()
    lines = await _credited(uow, invoice, quantities, amount)
    taxes = _by_code(lines)
    if sum(line.net_minor for line in lines) + sum(part.tax_minor for part in taxes) <= 0:
        raise CreditsTooMuch("nothing of this is left to credit", param="lines")
    if not keeps_order:
        for guard in _guards:
            await guard(uow, invoice)
    note = await _issue(uow, ring, invoice, lines, taxes, reason)
    if not keeps_order:
        for listener in _listeners:
            await listener(uow, invoice, {line.n: line.quantity for line in lines}, reason)
    # What is credited before it has left is promised no longer.
    await delivering.keep_aside(uow, invoice)
    return note


async def _issue(
    uow: UnitOfWork,
    ring: KeyRing,
    invoice: Invoice,
    lines: Sequence[CreditedLine],
    taxes: Sequence[TaxPart],
    reason: str,
) -> CreditNote:
    """Number a credit note, post it and let it pay what the invoice still asks for. Raises CreditsTooMuch."""
    net = sum(line.net_minor for line in lines)
    n, note_id = await store.next_number(uow, Series.CREDIT_NOTE), CreditNoteId.new()
    number = Series.CREDIT_NOTE.number(n)
    into = await account(uow, postings.credit_account(note_id, invoice.customer_id, invoice.currency))
    to = await income_accounts(uow, invoice, [part.code for part in taxes])
    title, about = f"{number} for {invoice.number}", {"credit_note_id": str(note_id)}
    draft = postings.credit_note(invoice, into, net, taxes, to, title=title, about=about)
    note = CreditNote(
        id=note_id,
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        number=number,
        n=n,
        reason=reason,
        issued_on=uow.business_date,
        net_minor=net,
        tax_minor=sum(part.tax_minor for part in taxes),
        account_id=into,
        entry_id=draft.id,
        created_at=uow.now,
        billed_to=await parties.freeze_addressee(uow, ring, invoice.customer_id, TABLE, str(note_id)),
        letterhead=await freeze_letterhead(uow),
    )
    try:
        await ledger.post(uow, draft, note_event(note))
    except InsufficientFunds as refused:
        raise CreditsTooMuch("less than this was invoiced", most=refused.facts.get("available")) from refused
    await _store(uow, note, lines, taxes)
    [now] = await standings(uow, [invoice])
    part = min(now.open_minor, note.total_minor)
    if part:
        await pay(uow, paid_store.source_of(note), invoice, Money(part, invoice.currency), cancels=True)
    return note


async def _credited(
    uow: UnitOfWork, invoice: Invoice, quantities: Mapping[int, Decimal] | None, amount: Money | None
) -> list[CreditedLine]:
    lines, before = await store.lines_of(uow, invoice.id), await paid_store.credited(uow, invoice.id)
    if amount is not None and (quantities is not None or not invoice.is_deposit):
        raise LineInvalid("an amount is taken back of a deposit, in place of lines", param="amount")
    if quantities is not None or not invoice.is_deposit:
        return taken(lines, before, quantities)
    [now] = await standings(uow, [invoice])
    rest = Money(now.creditable_minor, invoice.currency)
    if amount is not None and amount.currency.code != rest.currency.code:
        raise LineInvalid(f"{invoice.name} is in {rest.currency}", param="amount")
    if amount is not None and amount > rest:
        raise CreditsTooMuch("less than this is unpaid", param="amount", most=rest.minor)
    nets = await paid_store.credited_minor(uow, invoice.id)
    return unpaid_parts(lines, before, nets, (rest if amount is None else amount).minor)


_LEAST = Decimal("0.000001")


def unpaid_parts(
    lines: Sequence[Line], before: Mapping[int, Decimal], nets: Mapping[int, int], minor: int
) -> list[CreditedLine]:
    """How an amount of a deposit is taken back: of its lines in order, each to its end; quantities follow the amounts.

    A deposit charges no tax, and what was paid of it belongs to no line.
    """
    taken = []
    for line in lines:
        part = min(minor, line.net_minor - nets.get(line.n, 0))
        if part > 0:
            share = int(line.quantity / _LEAST) * part // line.net_minor * _LEAST
            left = line.quantity - before.get(line.n, Decimal(0))
            taken.append(CreditedLine(line.n, max(min(share, left), _LEAST), part, []))
            minor -= part
    return taken


def taken(
    lines: Sequence[Line], before: Mapping[int, Decimal], quantities: Mapping[int, Decimal] | None
) -> list[CreditedLine]:
    """How much of each line is taken back, or all that is left of them. Raises CreditsTooMuch."""
    by_number = {line.n: line for line in lines}
    if quantities is None:
        quantities = {line.n: line.quantity - before.get(line.n, Decimal(0)) for line in lines}
    found: list[CreditedLine] = []
    for n, quantity in sorted(quantities.items()):
        if n not in by_number:
            raise CreditsTooMuch(f"the invoice has no line {n}", param="lines")
        line, done = by_number[n], before.get(n, Decimal(0))
        if quantity < 0 or done + quantity > line.quantity:
            raise CreditsTooMuch(
                f"of line {n} less is left", param="lines", line=n, most=str((line.quantity - done).normalize())
            )
        if quantity:
            found.append(_part(line, done, quantity))
    return found


def _part(line: Line, done: Decimal, quantity: Decimal) -> CreditedLine:
    def share(whole_minor: int) -> int:
        return part_by_quantity(whole_minor, line.quantity, done, quantity)

    taxes = [replace(part, base_minor=share(part.base_minor), tax_minor=share(part.tax_minor)) for part in line.taxes]
    return CreditedLine(line.n, quantity, share(line.net_minor), taxes)


def _by_code(lines: Sequence[CreditedLine]) -> list[TaxPart]:
    found: dict[str, TaxPart] = {}
    for part in (part for line in lines for part in line.taxes):
        have = found.get(part.code)
        found[part.code] = part if have is None else _sum(have, part)
    return list(found.values())


def _sum(one: TaxPart, other: TaxPart) -> TaxPart:
    return replace(one, base_minor=one.base_minor + other.base_minor, tax_minor=one.tax_minor + other.tax_minor)


async def _store(uow: UnitOfWork, note: CreditNote, lines: Sequence[CreditedLine], taxes: Sequence[TaxPart]) -> None:
    rows = [(one.n, one.quantity, one.net_minor, sum(part.tax_minor for part in one.taxes)) for one in lines]
    await paid_store.insert_note(uow, note, rows)
    await store.insert_taxes(uow, note.id, taxes)
    told = {"number": note.number, "invoice_id": str(note.invoice_id), "total_minor": note.total_minor}
    await audit.record(
        uow, action="credit_note.issue", subject=("credit_note", str(note.id)), after=told, reason=note.reason
    )
