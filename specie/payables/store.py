"""The SQL of orders to suppliers, receipts, bills and their lines."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from specie.billing import Line, TaxPart
from specie.kernel.ids import AccountId, EntryId, PartyId, PrefixedId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.payables import tables
from specie.payables.errors import BillKnown
from specie.payables.model import (
    UNPOSTED,
    Bill,
    BillId,
    BillLine,
    BillState,
    Order,
    OrderLine,
    OrderState,
    Problem,
    PurchaseOrderId,
    Series,
)
from specie.platform import numbering_store
from specie.platform.db import UnitOfWork
from specie.platform.searching import begins, is_numbered
from specie.stock import WarehouseId


async def next_number(uow: UnitOfWork, series: Series) -> int:
    """The next number of a series; it stays locked until the commit, so that none is ever left out."""
    return await numbering_store.next_number(uow, tables.series, series.value)


async def insert_order(uow: UnitOfWork, order: Order, lines: Sequence[Line]) -> None:
    """Add an order with its lines."""
    await uow.execute(insert(tables.order).values(_order_row(uow, order)))
    await insert_lines(uow, order.id, None, [BillLine(line) for line in lines])


async def update_order(uow: UnitOfWork, order: Order) -> None:
    """Store an order as it is now."""
    await uow.execute(update(tables.order).where(*_one(uow, tables.order, order.id)).values(_order_row(uow, order)))


async def order_by_id(uow: UnitOfWork, order_id: PurchaseOrderId, *, lock: bool = False) -> Order | None:
    """One order, locked on demand."""
    query = select(tables.order).where(*_one(uow, tables.order, order_id))
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _order(row) if row else None


async def orders(uow: UnitOfWork, state: str | None, before: UUID | None, limit: int) -> Page[Order]:
    """Orders, newest first."""
    o = tables.order.c
    query = select(tables.order).where(o.tenant_id == uow.scope.tenant_id.uuid)
    if state is not None:
        query = query.where(o.state == state)
    if before is not None:
        query = query.where(o.id < before)
    rows = (await uow.execute(query.order_by(o.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_order)


async def order_lines(uow: UnitOfWork, order_id: PurchaseOrderId) -> dict[int, OrderLine]:
    """The lines of an order by number, with what came and what was billed of each less what was taken back."""
    done = await _done(uow, order_id)
    return {each.line.n: OrderLine(each.line, *done.get(each.line.n, ())) for each in await lines_of(uow, order_id)}


async def _done(uow: UnitOfWork, order_id: PurchaseOrderId) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    """By line: what came, what is billed less what was debited, and what was ever billed."""
    one, r, b, d = tables.line.c, tables.receipt.c, tables.bill.c, tables.debit_note.c
    tenant = uow.scope.tenant_id.uuid
    came = case((r.id.is_not(None), one.quantity))
    posted = b.state.not_in([state.value for state in UNPOSTED])
    owed = case((posted, one.quantity), (d.id.is_not(None), -one.quantity))
    query = (
        select(
            one.order_line,
            func.coalesce(func.sum(came), 0).label("received"),
            func.coalesce(func.sum(owed), 0).label("billed"),
            func.coalesce(func.sum(case((posted, one.quantity))), 0).label("ever_billed"),
        )
        .select_from(tables.line)
        .outerjoin(tables.receipt, (r.tenant_id == one.tenant_id) & (r.id == one.document_id))
        .outerjoin(tables.bill, (b.tenant_id == one.tenant_id) & (b.id == one.document_id))
        .outerjoin(tables.debit_note, (d.tenant_id == one.tenant_id) & (d.id == one.document_id))
        .where(one.tenant_id == tenant, one.order_id == order_id.uuid)
        .group_by(one.order_line)
    )
    rows = (await uow.execute(query)).all()
    return {
        row.order_line: (row.received.normalize(), row.billed.normalize(), row.ever_billed.normalize()) for row in rows
    }


async def insert_receipt(
    uow: UnitOfWork, order: Order, receipt_id: PrefixedId, entry_id: EntryId | None, lines: Sequence[BillLine]
) -> None:
    """Remember what of an order came in together."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": receipt_id.uuid,
        "order_id": order.id.uuid,
        "received_on": uow.business_date,
        "entry_id": entry_id.uuid if entry_id else None,
        "created_at": uow.now,
    }
    await uow.execute(insert(tables.receipt).values(row))
    await insert_lines(uow, receipt_id, order.id, lines)


async def insert_lines(
    uow: UnitOfWork, document_id: PrefixedId, order_id: PurchaseOrderId | None, lines: Sequence[BillLine]
) -> None:
    """Remember the lines of a document; `order_id` is the order whose lines they are about."""
    rows = [_line_row(uow, document_id, order_id, each) for each in lines]
    await uow.execute(insert(tables.line).values(rows))


def _line_row(
    uow: UnitOfWork, document_id: PrefixedId, order_id: PurchaseOrderId | None, each: BillLine
) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "document_id": document_id.uuid,
        "n": each.line.n,
        "order_id": order_id.uuid if order_id and each.order_line is not None else None,
        "order_line": each.order_line,
        "quantity": each.line.quantity,
        "net_minor": each.line.net_minor,
        "tax_minor": each.line.tax_minor,
        "cleared_minor": each.cleared_minor,
        "said": _said(each.line),
    }


def _said(line: Line) -> dict[str, Any]:
    return {
        "description": line.description,
        "unit": line.unit,
        "unit_price_minor": line.unit_price_minor,
        "discount": f"{line.discount:f}",
        "taxes": [part.to_json() for part in line.taxes],
        "product_id": line.product_id,
    }


async def update_cleared(uow: UnitOfWork, bill_id: BillId, lines: Sequence[BillLine]) -> None:
    """Note what each line of a bill has taken out of received goods."""
    one = tables.line.c
    for each in lines:
        where = (one.tenant_id == uow.scope.tenant_id.uuid, one.document_id == bill_id.uuid, one.n == each.line.n)
        await uow.execute(update(tables.line).where(*where).values(cleared_minor=each.cleared_minor))


async def lines_of(uow: UnitOfWork, document_id: PrefixedId) -> list[BillLine]:
    """The lines of a document in their order."""
    one = tables.line.c
    query = select(tables.line).where(one.tenant_id == uow.scope.tenant_id.uuid, one.document_id == document_id.uuid)
    return [_line(row) for row in await uow.execute(query.order_by(one.n))]


def _line(row: Row[Any]) -> BillLine:
    said = row.said
    line = Line(
        n=row.n,
        description=said["description"],
        quantity=row.quantity.normalize(),
        unit=said["unit"],
        unit_price_minor=said["unit_price_minor"],
        discount=Decimal(said["discount"]),
        taxes=[TaxPart.from_json(part) for part in said["taxes"]],
        net_minor=row.net_minor,
        product_id=said["product_id"],
    )
    return BillLine(line, row.order_line, row.cleared_minor)


async def insert_bill(uow: UnitOfWork, bill: Bill) -> None:
    """Add a bill; the lines follow."""
    await uow.execute(insert(tables.bill).values(_bill_row(uow, bill)))


async def insert_owed(uow: UnitOfWork, found: Sequence[tuple[Bill, BillLine]]) -> None:
    """Add bills of one line each, with two statements however many they are. Raises BillKnown."""
    try:
        async with uow.savepoint():
            await uow.execute(insert(tables.bill), [_bill_row(uow, bill) for bill, _ in found])
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) != "payables_bill_once":
            raise
        raise BillKnown("one of these bills is recorded", param="their_number") from None
    rows = [_line_row(uow, bill.id, None, line) for bill, line in found]
    await uow.execute(insert(tables.line), rows)


async def update_bill(uow: UnitOfWork, bill: Bill) -> None:
    """Store a bill as it is now; the row was locked when it was read."""
    await uow.execute(update(tables.bill).where(*_one(uow, tables.bill, bill.id)).values(_bill_row(uow, bill)))


async def bill_by_id(uow: UnitOfWork, bill_id: BillId, *, lock: bool = False) -> Bill | None:
    """One bill, locked on demand."""
    query = select(tables.bill).where(*_one(uow, tables.bill, bill_id))
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _bill(row) if row else None


async def bills_by_ids(uow: UnitOfWork, ids: Sequence[BillId], *, lock: bool = False) -> dict[BillId, Bill]:
    """Bills by id; locked in the order of their ids on demand."""
    b = tables.bill.c
    query = select(tables.bill).where(b.tenant_id == uow.scope.tenant_id.uuid, b.id.in_([each.uuid for each in ids]))
    rows = await uow.execute((query.with_for_update() if lock else query).order_by(b.id))
    return {BillId(row.id): _bill(row) for row in rows}


async def bills(
    uow: UnitOfWork, state: str | None, supplier_id: PartyId | None, text: str | None, before: UUID | None, limit: int
) -> Page[Bill]:
    """Bills, newest first, found by state, supplier, or our or their number."""
    b = tables.bill.c
    query = select(tables.bill).where(b.tenant_id == uow.scope.tenant_id.uuid)
    if state is not None:
        query = query.where(b.state == state)
    if supplier_id is not None:
        query = query.where(b.supplier_id == supplier_id.uuid)
    if text:
        query = query.where(or_(is_numbered(b.number_key, b.n, text), begins(b.their_number_key, text)))
    if before is not None:
        query = query.where(b.id < before)
    rows = (await uow.execute(query.order_by(b.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_bill)


async def bills_of_order(uow: UnitOfWork, order_id: PurchaseOrderId) -> list[Bill]:
    """The bills of an order, oldest first."""
    b = tables.bill.c
    query = select(tables.bill).where(b.tenant_id == uow.scope.tenant_id.uuid, b.order_id == order_id.uuid)
    return [_bill(row) for row in await uow.execute(query.order_by(b.id))]


async def is_known(uow: UnitOfWork, supplier_id: PartyId, their_number: str) -> bool:
    """Whether a supplier's bill of this number is recorded and was neither rejected nor withdrawn."""
    b = tables.bill.c
    query = select(b.id).where(
        b.tenant_id == uow.scope.tenant_id.uuid,
        b.supplier_id == supplier_id.uuid,
        b.their_number == their_number,
        *_counted(),
    )
    return (await uow.execute(query)).first() is not None


async def known_numbers(uow: UnitOfWork, numbers: Collection[tuple[PartyId, str]]) -> set[tuple[PartyId, str]]:
    """Those of these suppliers and numbers, each as `key_of` has it, that a bill has which counts."""
    b = tables.bill.c
    keys = {number for _, number in numbers}
    query = select(b.supplier_id, b.their_number_key).where(
        b.tenant_id == uow.scope.tenant_id.uuid, b.their_number_key.in_(keys), *_counted()
    )
    return {(PartyId(row.supplier_id), row.their_number_key) for row in await uow.execute(query)} & set(numbers)


def _counted() -> tuple[Any, Any]:
    b = tables.bill.c
    return b.state != BillState.REJECTED.value, b.withdrawn_id.is_(None)


async def owed_to(uow: UnitOfWork, supplier_id: PartyId, currency: Currency, states: Sequence[BillState]) -> list[Bill]:
    """A supplier's bills of some states in a currency, the longest due first."""
    b = tables.bill.c
    query = select(tables.bill).where(
        b.tenant_id == uow.scope.tenant_id.uuid,
        b.supplier_id == supplier_id.uuid,
        b.currency == currency.code,
        b.state.in_([state.value for state in states]),
    )
    return [_bill(row) for row in await uow.execute(query.order_by(b.due_on, b.id))]


def _one(uow: UnitOfWork, table: Any, thing: PrefixedId) -> tuple[Any, Any]:
    return table.c.tenant_id == uow.scope.tenant_id.uuid, table.c.id == thing.uuid


_ORDER = ("number", "n", "ordered_on", "note", "net_minor", "tax_minor", "created_at", "version")


def _order_row(uow: UnitOfWork, order: Order) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": order.id.uuid,
        "supplier_id": order.supplier_id.uuid,
        "warehouse_id": order.warehouse_id.uuid,
        "currency": order.currency.code,
        "state": order.state.value,
        **{name: getattr(order, name) for name in _ORDER},
    }


def _order(row: Row[Any]) -> Order:
    return Order(
        id=PurchaseOrderId(row.id),
        supplier_id=PartyId(row.supplier_id),
        warehouse_id=WarehouseId(row.warehouse_id),
        currency=Currency.of(row.currency),
        state=OrderState(row.state),
        **{name: getattr(row, name) for name in _ORDER},
    )


_BILL = (
    *("number", "n", "their_number", "billed_on", "due_on", "net_minor", "tax_minor", "created_at"),
    *("reason", "version", "original_total_minor"),
)


def _bill_row(uow: UnitOfWork, bill: Bill) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": bill.id.uuid,
        "supplier_id": bill.supplier_id.uuid,
        "order_id": bill.order_id.uuid if bill.order_id else None,
        "currency": bill.currency.code,
        "state": bill.state.value,
        "problems": [asdict(each) for each in bill.problems],
        "account_id": bill.account_id.uuid if bill.account_id else None,
        "debitable_id": bill.debitable_id.uuid if bill.debitable_id else None,
        "entry_id": bill.entry_id.uuid if bill.entry_id else None,
        "withdrawn_id": bill.withdrawn_id.uuid if bill.withdrawn_id else None,
        **{name: getattr(bill, name) for name in _BILL},
    }


def _bill(row: Row[Any]) -> Bill:
    return Bill(
        id=BillId(row.id),
        supplier_id=PartyId(row.supplier_id),
        order_id=PurchaseOrderId(row.order_id) if row.order_id else None,
        currency=Currency.of(row.currency),
        state=BillState(row.state),
        problems=[Problem(**each) for each in row.problems],
        account_id=AccountId(row.account_id) if row.account_id else None,
        debitable_id=AccountId(row.debitable_id) if row.debitable_id else None,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        withdrawn_id=EntryId(row.withdrawn_id) if row.withdrawn_id else None,
        **{name: getattr(row, name) for name in _BILL},
    )
