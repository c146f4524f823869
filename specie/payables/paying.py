"""What suppliers are paid and what it pays; bills taken back by debit notes; what was owed on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from specie import audit, billing, ledger
from specie.billing import Ages, Method
from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money, part_by_quantity
from specie.ledger import InsufficientFunds
from specie.payables import ordering, paid_store, postings, store
from specie.payables.errors import BillCannotMove, DebitsTooMuch, PayablesDayAhead, PaysTooMuch, SupplierMismatch
from specie.payables.events import bill_event, note_event, payment_event
from specie.payables.model import (
    OWED,
    UNPOSTED,
    Allocation,
    Bill,
    BillId,
    BillLine,
    BillState,
    DebitNote,
    DebitNoteId,
    Payment,
    Series,
    Source,
    SupplierPaymentId,
    state_of,
)
from specie.payables.recording import get, opened_accounts, taxes_of
from specie.platform.db import UnitOfWork

Share = tuple[BillId, Money]
"""So much for one bill."""


@dataclass(frozen=True, slots=True)
class Pay:
    """Money that left outside the platform. Without shares it pays what has been owed longest."""

    supplier_id: PartyId
    amount: Money
    method: Method
    reference: str = ""
    shares: Sequence[Share] | None = None


async def pay(uow: UnitOfWork, command: Pay) -> Payment:
    """Note money a supplier was paid and allocate it; what is left over was paid in advance.

    Raises PartyMissing, BillMissing, BillCannotMove, PaysTooMuch or SupplierMismatch.
    """
    await ordering.require_supplier(uow, command.supplier_id)
    currency, made_id = command.amount.currency, SupplierPaymentId.new()
    opened = await opened_accounts(
        uow,
        {
            "advance": postings.advance_account(made_id, command.supplier_id, currency),
            "from": billing.money_account(command.method, currency),
        },
    )
    title = f"Paid {command.reference}".strip()
    about = {"supplier_payment_id": str(made_id)}
    draft = postings.pay(opened["advance"], opened["from"], command.amount, title, about)
    made = Payment(
        id=made_id,
        supplier_id=command.supplier_id,
        amount=command.amount,
        method=command.method.value,
        reference=command.reference,
        paid_on=uow.business_date,
        account_id=opened["advance"],
        entry_id=draft.id,
        created_at=uow.now,
    )
    await ledger.post(uow, draft, payment_event(made))
    await paid_store.insert_payment(uow, made)
    told = {"amount_minor": made.amount.minor, "method": made.method}
    await audit.record(uow, action="supplier_payment.record", subject=("supplier_payment", str(made_id)), after=told)
    source = paid_store.source_of_payment(made)
    shares = command.shares if command.shares is not None else await _longest_owed(uow, source)
    # Locked in the order of their ids first, so that two payments of the same bills do not wait for each other.
    await store.bills_by_ids(uow, [bill_id for bill_id, _ in shares], lock=True)
    for bill_id, amount in shares:
        await allocate(uow, source, bill_id, amount)
    return made


async def _longest_owed(uow: UnitOfWork, source: Source) -> list[Share]:
    found = await store.owed_to(uow, source.supplier_id, source.currency, list(OWED))
    locked = await store.bills_by_ids(uow, [each.id for each in found], lock=True)
    left, shares = (await balances(uow, [source.account_id]))[source.account_id], list[Share]()
    owed = await owed_of(uow, [locked[each.id] for each in found])
    for each in found:
        part = min(left, owed[each.id])
        if part:
            shares.append((each.id, Money(part, source.currency)))
            left -= part
    return shares


async def allocate(uow: UnitOfWork, source: Source, bill_id: BillId, amount: Money) -> Bill:
    """Let so much of a source pay a bill; the bill's own debit note does not pay it but takes it back.

    Raises BillMissing, BillCannotMove, PaysTooMuch or SupplierMismatch.
    """
    before = await get(uow, bill_id, lock=True)
    _require_match(source, before, amount)
    owed = (await owed_of(uow, [before]))[before.id]
    if amount.minor > owed:
        raise PaysTooMuch(f"{before.number} asks for less", param="amount", most=owed)
    paid = await paid_store.paid_minor(uow, bill_id)
    is_own = source.id in {note.id for note in await paid_store.notes_of(uow, bill_id)}
    paid += 0 if is_own else amount.minor
    left = owed - amount.minor
    after = replace(before, state=state_of(left, paid), version=before.version + 1)
    title, about = f"{source.name} for {before.number}", {"source_id": str(source.id)}
    draft = postings.allocate(before, source.account_id, amount, title, about)
    try:
        await ledger.post(uow, draft, bill_event(MOVED[after.state], after, owed=left))
    except InsufficientFunds as refused:
        most = refused.facts.get("available")
        raise PaysTooMuch(f"{source.name} has less left", param="amount", most=most) from refused
    made = Allocation(draft.id, source.kind, source.id, bill_id, amount.minor, uow.business_date)
    await paid_store.insert_allocation(uow, made)
    await store.update_bill(uow, after)
    about = {"source_id": str(source.id), "state": after.state.value}
    await audit.record(uow, action="bill.allocate", subject=("bill", str(bill_id)), after=about)
    return after


MOVED = {
    BillState.OPEN: "part_paid",
    BillState.PART_PAID: "part_paid",
    BillState.PAID: "paid",
    BillState.VOID: "voided",
}


def _require_match(source: Source, bill: Bill, amount: Money) -> None:
    bill.require(*OWED)
    if source.supplier_id != bill.supplier_id:
        raise SupplierMismatch("money pays the bills of the supplier who got it", param="bill_id")
    if not source.currency.code == bill.currency.code == amount.currency.code:
        raise SupplierMismatch(f"{bill.number} is in {bill.currency}", param="amount")
    if amount.minor <= 0:
        raise SupplierMismatch("an allocation is above zero", param="amount")


async def use_advances(uow: UnitOfWork, bill_id: BillId) -> Bill:
    """Let what the supplier has from before pay a bill, the oldest first.

    Raises BillMissing, BillCannotMove, or PaysTooMuch when nothing is left.
    """
    bill = await get(uow, bill_id, lock=True)
    bill.require(*OWED)
    before = bill
    for source, left in await advances_of(uow, bill.supplier_id, bill.currency):
        part = min(left, (await owed_of(uow, [bill]))[bill.id])
        if part:
            bill = await allocate(uow, source, bill_id, Money(part, bill.currency))
    if bill is before:
        raise PaysTooMuch("nothing was paid to the supplier in advance", most=0)
    return bill


async def advances_of(uow: UnitOfWork, supplier_id: PartyId, currency: Currency) -> list[tuple[Source, int]]:
    """What a supplier has from before in a currency, oldest first, with what is left in minor units."""
    found = await paid_store.sources_of(uow, supplier_id, currency)
    held = await balances(uow, [each.account_id for each in found])
    return [(each, held[each.account_id]) for each in found if held[each.account_id]]


async def debit(
    uow: UnitOfWork, bill_id: BillId, reason: str, quantities: Mapping[int, Decimal] | None = None
) -> DebitNote:
    """Take a bill back: so much of each line, by the line's number, or all that is left.

    What is owed of it falls first; what was paid already is the supplier's debt to us. Raises BillMissing,
    BillCannotMove or DebitsTooMuch.
    """
    bill = await get(uow, bill_id, lock=True)
    if bill.state in UNPOSTED:
        raise BillCannotMove(f"{bill.number} is not owed", state=bill.state.value)
    lines = _debited(await store.lines_of(uow, bill_id), await paid_store.debited(uow, bill_id), quantities)
    taxes, n = taxes_of(lines), await store.next_number(uow, Series.DEBIT_NOTE)
    note_id = DebitNoteId.new()
    opened = await opened_accounts(
        uow,
        postings.counter_accounts(bill.currency, taxes)
        | {"advance": postings.advance_account(note_id, bill.supplier_id, bill.currency)},
    )
    unposted = DebitNote(
        id=note_id,
        number=Series.DEBIT_NOTE.number(n),
        n=n,
        bill_id=bill_id,
        supplier_id=bill.supplier_id,
        currency=bill.currency,
        reason=reason,
        issued_on=uow.business_date,
        net_minor=sum(each.line.net_minor for each in lines),
        tax_minor=sum(part.tax_minor for part in taxes),
        account_id=opened["advance"],
        entry_id=EntryId.new(),
        created_at=uow.now,
    )
    draft = postings.debit_note(bill, unposted, postings.Charged.of(lines, taxes), opened)
    note = replace(unposted, entry_id=draft.id)
    await ledger.post(uow, draft, note_event(note))
    await paid_store.insert_note(uow, note, lines, bill.order_id)
    told = {"number": note.number, "bill_id": str(bill_id)}
    await audit.record(uow, action="debit_note.issue", subject=("debit_note", str(note_id)), after=told, reason=reason)
    part = min((await owed_of(uow, [bill]))[bill_id], note.net_minor + note.tax_minor)
    if part:
        await allocate(uow, paid_store.source_of_note(note), bill_id, Money(part, bill.currency))
    return note


def _debited(
    lines: Sequence[BillLine], before: Mapping[int, Decimal], quantities: Mapping[int, Decimal] | None
) -> list[BillLine]:
    by_number, zero = {each.line.n: each for each in lines}, Decimal(0)
    if quantities is None:
        quantities = {n: each.line.quantity - before.get(n, zero) for n, each in by_number.items()}
    taken: list[BillLine] = []
    for n, quantity in sorted(quantities.items()):
        if n not in by_number:
            raise DebitsTooMuch(f"the bill has no line {n}", param="lines")
        left = by_number[n].line.quantity - before.get(n, zero)
        if quantity > left:
            raise DebitsTooMuch(f"of line {n} less is left", param="lines", line=n, most=f"{left.normalize():f}")
        if quantity:
            taken.append(_part(by_number[n], before.get(n, zero), quantity))
    if not taken:
        raise DebitsTooMuch("nothing of this is left to take back", param="lines")
    return taken


def _part(each: BillLine, before: Decimal, now: Decimal) -> BillLine:
    line = each.line

    def of(whole_minor: int) -> int:
        return part_by_quantity(whole_minor, line.quantity, before, now)

    taxes = [replace(part, base_minor=of(part.base_minor), tax_minor=of(part.tax_minor)) for part in line.taxes]
    taken = replace(line, quantity=now, net_minor=of(line.net_minor), taxes=taxes)
    return BillLine(taken, each.order_line, of(each.cleared_minor))


async def owed_of(uow: UnitOfWork, bills: Sequence[Bill]) -> dict[BillId, int]:
    """What is owed of each bill, in minor units; nothing of a held one."""
    held = await balances(uow, [each.account_id for each in bills if each.account_id is not None])
    return {each.id: held[each.account_id] if each.account_id is not None else 0 for each in bills}


async def balances(uow: UnitOfWork, ids: Sequence[AccountId]) -> dict[AccountId, int]:
    """What accounts hold, in minor units."""
    found = await ledger.accounts_by_ids(uow, list(ids)) if ids else {}
    return {each: account.balance.minor for each, account in found.items()}


async def ages(uow: UnitOfWork, currency: Currency, day: date | None) -> Ages:
    """What was owed by age at the end of a business date, today when none is given. Raises PayablesDayAhead."""
    wanted = day or uow.business_date
    if wanted > uow.business_date:
        raise PayablesDayAhead("choose today or an earlier day", param="day")
    return billing.ages_of(wanted, *await paid_store.owed_on(uow, currency, wanted))
