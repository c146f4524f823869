"""Bills: recorded, held against their order and against what came, and then owed, held or rejected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from specie import audit, billing, ledger
from specie.billing import Figures, LineDraft, TaxPart
from specie.catalogue import ProductId, Rounding, TaxRateId
from specie.events import record as tell
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency
from specie.ledger import AccountSpec
from specie.payables import ordering, postings, store
from specie.payables.errors import BillKnown, BillMissing, BillUnfit
from specie.payables.events import bill_event
from specie.payables.model import (
    Bill,
    BillId,
    BillLine,
    BillState,
    OrderLine,
    PurchaseOrderId,
    Series,
    cleared,
    match,
)
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordBill:
    """What a supplier asks for. Each line is a draft and, where it was ordered, the number of the order's line.

    With an order and no lines it bills what came and was not billed, at the order's prices.
    """

    supplier_id: PartyId
    currency: Currency
    their_number: str
    lines: Sequence[tuple[LineDraft, int | None]]
    billed_on: date
    due_on: date
    order_id: PurchaseOrderId | None = None
    includes_tax: bool = False


async def record(uow: UnitOfWork, command: RecordBill) -> Bill:
    """Write a bill down. One that matches its order and what came is owed at once; one that does not is held.

    A bill without an order is owed as it is. Raises PartyMissing, BillKnown, BillUnfit, PurchaseOrderMissing,
    PurchaseOrderClosed or what figures raise.
    """
    if command.due_on < command.billed_on:
        raise BillUnfit("a bill is due on its day or later", param="due_on")
    await ordering.require_supplier(uow, command.supplier_id)
    order = await _order_lines(uow, command)
    # The series is locked from here on: of two that record the same bill, the second finds the first.
    n = await store.next_number(uow, Series.BILL)
    if await store.is_known(uow, command.supplier_id, command.their_number):
        raise BillKnown(f"{command.their_number} is recorded", param="their_number")
    figures, places = await _figures(uow, command, order)
    bill = Bill(
        id=BillId.new(),
        number=Series.BILL.number(n),
        n=n,
        supplier_id=command.supplier_id,
        their_number=command.their_number,
        order_id=command.order_id,
        currency=command.currency,
        state=BillState.HELD,
        billed_on=command.billed_on,
        due_on=command.due_on,
        net_minor=figures.net_minor,
        tax_minor=figures.tax_minor,
        created_at=uow.now,
    )
    lines = [BillLine(line, at) for line, at in zip(figures.lines, places, strict=True)]
    problems = match(lines, order) if bill.order_id is not None else []
    if problems:
        held = replace(bill, problems=problems)
        await store.insert_bill(uow, held)
        await tell(uow, bill_event("held", held))
        await _note(uow, "hold", held, {"problems": [each.words for each in problems]})
    else:
        lines = cleared(lines, order)
        held = await _post(uow, bill, lines)
        await store.insert_bill(uow, held)
    await store.insert_lines(uow, held.id, held.order_id, lines)
    return held


async def _order_lines(uow: UnitOfWork, command: RecordBill) -> dict[int, OrderLine]:
    if command.order_id is None:
        return {}
    order = await ordering.get(uow, command.order_id, lock=True)
    order.require_open()
    if order.supplier_id != command.supplier_id:
        raise BillUnfit(f"{order.number} is another supplier's", param="supplier_id")
    if order.currency.code != command.currency.code:
        raise BillUnfit(f"{order.number} is in {order.currency}", param="currency")
    return await store.order_lines(uow, order.id)


async def _figures(
    uow: UnitOfWork, command: RecordBill, order: Mapping[int, OrderLine]
) -> tuple[Figures, list[int | None]]:
    said = list(command.lines) or _as_ordered(order)
    if any(at is not None and at not in order for _, at in said):
        raise BillUnfit("the order has no such line", param="lines")
    drafts = await ordering.goods_only(uow, [_with_product(draft, at, order) for draft, at in said])
    figures = await billing.figures_of(
        uow,
        drafts,
        command.currency,
        includes_tax=command.includes_tax,
        agreed=not command.lines,
        rounding=Rounding.LINE,
    )
    if figures.total_minor <= 0:
        raise BillUnfit("a bill charges something", param="lines")
    return figures, [at for _, at in said]


def _as_ordered(order: Mapping[int, OrderLine]) -> list[tuple[LineDraft, int | None]]:
    return [(_draft(each, each.billable), n) for n, each in sorted(order.items()) if each.billable > 0]


def _draft(each: OrderLine, quantity: Decimal) -> LineDraft:
    line = each.line
    return LineDraft(
        description=line.description,
        quantity=quantity,
        unit_price_minor=line.unit_price_minor,
        unit=line.unit,
        discount=line.discount,
        taxes=tuple(TaxRateId.parse(part.code) for part in line.taxes),
        product_id=ProductId.parse(line.product_id) if line.product_id else None,
    )


def _with_product(draft: LineDraft, at: int | None, order: Mapping[int, OrderLine]) -> LineDraft:
    # What was ordered says whether it is goods; a bill that calls it otherwise clears the same stock.
    if at is None:
        return draft
    product = order[at].line.product_id
    return replace(draft, product_id=ProductId.parse(product) if product else None)


async def rematch(uow: UnitOfWork, bill_id: BillId) -> Bill:
    """Hold a held bill against its order and what came once more; it is owed once they agree.

    Raises BillMissing, BillCannotMove, PurchaseOrderClosed or what posting raises.
    """
    before, lines, order = await _held(uow, bill_id)
    problems = match(lines, order)
    if problems:
        after = replace(before, problems=problems, version=before.version + 1)
        await store.update_bill(uow, after)
        return after
    return await _release(uow, before, cleared(lines, order), "")


async def accept(uow: UnitOfWork, bill_id: BillId, reason: str) -> Bill:
    """Owe a held bill as it is: what it charges above the order is a price difference.

    Raises BillMissing, BillCannotMove, PurchaseOrderClosed or what posting raises.
    """
    before, lines, order = await _held(uow, bill_id)
    return await _release(uow, before, cleared(lines, order), reason)


async def reject(uow: UnitOfWork, bill_id: BillId, reason: str) -> Bill:
    """Refuse a held bill; the supplier may send it again. Raises BillMissing or BillCannotMove."""
    before = await get(uow, bill_id, lock=True)
    before.require(BillState.HELD)
    after = replace(before, state=BillState.REJECTED, reason=reason, version=before.version + 1)
    await store.update_bill(uow, after)
    await _note(uow, "reject", after, {"reason": reason})
    return after


async def _held(uow: UnitOfWork, bill_id: BillId) -> tuple[Bill, list[BillLine], dict[int, OrderLine]]:
    found = await get(uow, bill_id)
    # An order before its bills, as whoever records one: so nobody waits in a circle.
    if found.order_id is not None:
        (await ordering.get(uow, found.order_id, lock=True)).require_open()
    bill = await get(uow, bill_id, lock=True)
    bill.require(BillState.HELD)
    order = await store.order_lines(uow, bill.order_id) if bill.order_id else {}
    return bill, await store.lines_of(uow, bill_id), order


async def _release(uow: UnitOfWork, before: Bill, lines: Sequence[BillLine], reason: str) -> Bill:
    after = await _post(uow, replace(before, reason=reason, version=before.version + 1), lines)
    await store.update_bill(uow, after)
    await store.update_cleared(uow, after.id, lines)
    return after


async def _post(uow: UnitOfWork, bill: Bill, lines: Sequence[BillLine]) -> Bill:
    taxes = taxes_of(lines)
    opened = await opened_accounts(uow, postings.bill_accounts(bill))
    owed = replace(bill, state=BillState.OPEN, account_id=opened["account"], debitable_id=opened["debitable"])
    to = await opened_accounts(uow, postings.counter_accounts(bill.currency, taxes))
    draft = postings.bill(owed, postings.Charged.of(lines, taxes), to)
    posted = replace(owed, entry_id=draft.id)
    await ledger.post(uow, draft, bill_event("posted", posted))
    await _note(uow, "post", posted, {"total_minor": posted.total_minor, "reason": posted.reason})
    return posted


async def opened_accounts(uow: UnitOfWork, wanted: Mapping[str, AccountSpec]) -> dict[str, AccountId]:
    """The ids of accounts, opened where they are not there yet."""
    return {name: (await ledger.ensure_account(uow, spec)).id for name, spec in wanted.items()}


def taxes_of(lines: Sequence[BillLine]) -> list[TaxPart]:
    """Each tax on all lines."""
    found: dict[str, TaxPart] = {}
    for part in (part for each in lines for part in each.line.taxes):
        have = found.get(part.code)
        base, tax = (have.base_minor, have.tax_minor) if have else (0, 0)
        found[part.code] = replace(part, base_minor=base + part.base_minor, tax_minor=tax + part.tax_minor)
    return list(found.values())


async def get(uow: UnitOfWork, bill_id: BillId, *, lock: bool = False) -> Bill:
    """One bill. Raises BillMissing."""
    found = await store.bill_by_id(uow, bill_id, lock=lock)
    if found is None:
        raise BillMissing(f"there is no bill {bill_id}")
    return found


async def _note(uow: UnitOfWork, act: str, bill: Bill, after: Mapping[str, Any]) -> None:
    await audit.record(uow, action=f"bill.{act}", subject=("bill", str(bill.id)), after=after)
