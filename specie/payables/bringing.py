"""Bills that were owed in the system used before: owed here by their suppliers' numbers, bought and taxed there.

Nothing is bought, taxed or numbered again: what was owed comes out of opening equity. From then on such a bill ages, is
paid and taken back like any other. Reversing the entry that brought it in withdraws it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from specie import audit, billing, events, ledger
from specie.billing import Line
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, EntryId, InvalidId, PartyId
from specie.kernel.money import Money
from specie.ledger import EntryDraft, JournalEntry, ReversalFollower
from specie.payables import postings, store
from specie.payables.events import bill_event
from specie.payables.model import Bill, BillId, BillLine, BillState
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class BringIn:
    """What was owed of a bill at the beginning of the day on which the books moved, and what all of it came to.

    `about` is kept with its entry.
    """

    id: BillId
    supplier_id: PartyId
    their_number: str
    billed_on: date
    due_on: date
    owed: Money
    total: Money
    note: str
    about: Mapping[str, Any]


async def bring_in(
    uow: UnitOfWork, wanted: Sequence[BringIn], day: date, approver: str | None = None
) -> list[JournalEntry | SpecieError]:
    """Owe suppliers what was owed at the beginning of a day, with one set of statements however many bills they are.

    The entry of each, or why there is none; the caller undoes all of it when there is one without. That no number is
    known yet is the caller's to ask first, with `known_numbers`. Raises BillKnown for one recorded at the same moment.
    """
    if not wanted:
        return []
    bills = await _opened(uow, [_bill(uow, one) for one in wanted])
    drafts = await _drafts(uow, bills, wanted, day, approver)
    owed = [replace(bill, entry_id=draft.id) for bill, draft in zip(bills, drafts, strict=True)]
    told = [bill_event("brought_in", bill) for bill in owed]
    outcomes = await ledger.post_many(uow, drafts, told, keep_going=True)
    await store.insert_owed(uow, [(each, _line(each, one, day)) for each, one in zip(owed, wanted, strict=True)])
    return outcomes


def _bill(uow: UnitOfWork, one: BringIn) -> Bill:
    return Bill(
        id=one.id,
        number=one.their_number,
        n=None,
        supplier_id=one.supplier_id,
        their_number=one.their_number,
        order_id=None,
        currency=one.owed.currency,
        state=BillState.OPEN,
        billed_on=one.billed_on,
        due_on=one.due_on,
        net_minor=one.owed.minor,
        tax_minor=0,
        created_at=uow.now,
        reason=one.note,
        original_total_minor=one.total.minor,
    )


async def _opened(uow: UnitOfWork, bills: Sequence[Bill]) -> list[Bill]:
    specs = [postings.bill_accounts(each) for each in bills]
    owed = await ledger.open_new(uow, [each["account"] for each in specs])
    debitable = await ledger.open_new(uow, [each["debitable"] for each in specs])
    return [
        replace(bill, account_id=account, debitable_id=limit)
        for bill, account, limit in zip(bills, owed, debitable, strict=True)
    ]


async def _drafts(
    uow: UnitOfWork, bills: Sequence[Bill], wanted: Sequence[BringIn], day: date, approver: str | None
) -> list[EntryDraft]:
    amounts = [(each.owed_accounts()[0], one.owed) for each, one in zip(bills, wanted, strict=True)]
    openings = await ledger.opening_drafts(uow, amounts, uow.scope.clock.start_of(day))
    sources: dict[str, AccountId] = {}
    for currency in {each.currency.code: each.currency for each in bills}.values():
        source = await ledger.ensure_account(uow, postings.counter_accounts(currency, [])["source"])
        sources[currency.code] = source.id
    return [
        replace(postings.bring_in(bill, opening, sources[bill.currency.code], one.about), approver=approver)
        for bill, opening, one in zip(bills, openings, wanted, strict=True)
    ]


def _line(bill: Bill, one: BringIn, day: date) -> BillLine:
    whole = f", which came to {billing.written(one.total.minor, bill.currency)}" if one.total != one.owed else ""
    said = f"Owed on {billing.day_words(day)} of bill {one.their_number} of {billing.day_words(one.billed_on)}{whole}"
    return BillLine(
        Line(
            n=1,
            description=said,
            quantity=Decimal(1),
            unit="",
            unit_price_minor=bill.net_minor,
            discount=Decimal(0),
            taxes=(),
            net_minor=bill.net_minor,
        )
    )


async def _withdraw(uow: UnitOfWork, entry: JournalEntry, reversal: EntryId) -> None:
    """A bill whose way in was reversed is not owed; its number may come in again.

    Paid or taken back in part it has too little left for that: its accounts' floors have refused the reversal.
    """
    before = await _brought_in_by(uow, entry)
    if before is None:
        return
    after = replace(before, state=BillState.VOID, version=before.version + 1, withdrawn_id=reversal)
    await store.update_bill(uow, after)
    await events.record(uow, bill_event("voided", after, owed=0))
    told = {"number": after.number, "reversal": str(reversal)}
    await audit.record(uow, action="bill.withdraw", subject=("bill", str(after.id)), after=told)


async def _brought_in_by(uow: UnitOfWork, entry: JournalEntry) -> Bill | None:
    """The bill that an entry has brought in, locked."""
    try:
        bill_id = BillId.parse(str(entry.metadata.get("bill_id")))
    except InvalidId:
        return None
    bill = await store.bill_by_id(uow, bill_id, lock=True)
    return bill if bill and bill.is_brought_in and bill.entry_id == entry.id else None


WITHDRAWAL = ReversalFollower(lock=_brought_in_by, follow=_withdraw)
"""How payables follow the reversal of what brought a bill in."""
