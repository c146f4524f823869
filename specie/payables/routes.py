"""Orders to suppliers, bills and payments made over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie import billing, catalogue, ledger, parties, stock
from specie.kernel.ids import PartyId
from specie.kernel.money import AmountOutOfRange, Currency
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.payables import errors, looks, ordering, paid_store, paying, recording, store
from specie.payables.model import BillId, PurchaseOrderId
from specie.payables.schemas import (
    BillDetail,
    BillIn,
    BillOut,
    BillReasonIn,
    DebitNoteIn,
    GoodsReceiptIn,
    PayableAgesOut,
    PurchaseOrderDetail,
    PurchaseOrderIn,
    PurchaseOrderOut,
    SupplierPaymentIn,
    SupplierPaymentOut,
    quantities,
)
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import BusinessDay, CurrencyCode, ListOf, SearchText, id_text

router = ApiRouter(prefix="/payables", tags=["Payables"])

Limit = Annotated[int, Query(ge=1, le=100)]
BillStateName = Literal["held", "rejected", "open", "part_paid", "paying", "paid", "void"]
_LINES = (
    *(billing.LineInvalid, catalogue.LineUnfit, AmountOutOfRange, catalogue.ProductMissing),
    *(catalogue.TaxRateMissing, catalogue.TaxRateArchived, errors.BillUnfit, parties.PartyMissing),
)
_ORDER = (errors.PurchaseOrderMissing, errors.PurchaseOrderClosed)
_BILL = (errors.BillMissing, errors.BillCannotMove)
_STOCK = (stock.WarehouseMissing, stock.NotStocked, stock.MovementUnfit)
_READ, _WRITE, _MANAGE = Permission.PAYABLES_READ, Permission.PAYABLES_WRITE, Permission.PAYABLES_MANAGE


def _order(purchase_order_id: str) -> PurchaseOrderId:
    return id_text(PurchaseOrderId, purchase_order_id, "purchase_order_id")


def _bill(bill_id: str) -> BillId:
    return id_text(BillId, bill_id, "bill_id")


@router.get("/orders", response_model=ListOf[PurchaseOrderOut])
async def list_purchase_orders(
    edge: Edge = requires(_READ),
    state: Literal["open", "closed"] | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Orders to suppliers, newest first."""
    key = edge.cursor("purchase_orders", cursor)

    async def read(uow: UnitOfWork) -> Page[PurchaseOrderOut]:
        page = await store.orders(uow, state, UUID(key[0]) if key else None, limit)
        return Page(await looks.orders(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("purchase_orders", await edge.read(read), lambda shown: shown)


@router.post("/orders", status_code=201, response_model=PurchaseOrderDetail)
@refuses(*_LINES, *_STOCK)
async def create_purchase_order(body: PurchaseOrderIn, edge: Edge = requires(_WRITE)) -> Response:
    """Order of a supplier; it posts nothing until something comes."""
    command = body.command()

    async def work(uow: UnitOfWork) -> PurchaseOrderDetail:
        made = await ordering.create(uow, command)
        return await looks.order(uow, edge.service("vault"), made.id)

    return await edge.write(work, lambda shown: shown, status=201)


@router.get("/orders/{purchase_order_id}", response_model=PurchaseOrderDetail)
@refuses(errors.PurchaseOrderMissing)
async def show_purchase_order(purchase_order_id: str, edge: Edge = requires(_READ)) -> PurchaseOrderDetail:
    """One order with what came, what was billed of it, and its bills."""
    wanted = _order(purchase_order_id)
    return await edge.read(lambda uow: looks.order(uow, edge.service("vault"), wanted))


@router.post("/orders/{purchase_order_id}/receive", status_code=201, response_model=PurchaseOrderDetail)
@refuses(*_ORDER, *_STOCK, errors.BillUnfit, errors.ReceivesTooMuch, ledger.PeriodClosed)
async def receive_goods(purchase_order_id: str, body: GoodsReceiptIn, edge: Edge = requires(_WRITE)) -> Response:
    """Take goods of an order into its warehouse at the order's prices; they are owed as received, not billed."""
    wanted, taken = _order(purchase_order_id), quantities(body.lines)

    async def work(uow: UnitOfWork) -> PurchaseOrderDetail:
        await ordering.receive(uow, wanted, taken)
        return await looks.order(uow, edge.service("vault"), wanted)

    return await edge.money(work, lambda shown: shown)


@router.post("/orders/{purchase_order_id}/close", response_model=PurchaseOrderDetail)
@refuses(*_ORDER)
async def close_purchase_order(purchase_order_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Expect nothing more of an order."""
    wanted = _order(purchase_order_id)

    async def work(uow: UnitOfWork) -> PurchaseOrderDetail:
        await ordering.close(uow, wanted)
        return await looks.order(uow, edge.service("vault"), wanted)

    return await edge.write(work, lambda shown: shown)


@router.get("/bills", response_model=ListOf[BillOut])
async def list_bills(
    edge: Edge = requires(_READ),
    state: BillStateName | None = None,
    supplier_id: str | None = None,
    q: SearchText | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Suppliers' bills, newest first, found by state, supplier, or our or their number."""
    key = edge.cursor("bills", cursor)
    supplier = id_text(PartyId, supplier_id, "supplier_id") if supplier_id else None

    async def read(uow: UnitOfWork) -> Page[BillOut]:
        page = await store.bills(uow, state, supplier, q, UUID(key[0]) if key else None, limit)
        return Page(await looks.bills(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("bills", await edge.read(read), lambda shown: shown)


@router.post("/bills", status_code=201, response_model=BillDetail)
@refuses(*_LINES, *_ORDER, errors.BillKnown, ledger.PeriodClosed)
async def record_bill(body: BillIn, edge: Edge = requires(_WRITE)) -> Response:
    """Record a bill: owed at once when it matches its order and what came, held with its problems when it does not."""
    command = body.command()

    async def work(uow: UnitOfWork) -> BillDetail:
        made = await recording.record(uow, command)
        return await looks.bill(uow, edge.service("vault"), made.id)

    return await edge.money(work, lambda shown: shown)


@router.get("/bills/{bill_id}", response_model=BillDetail)
@refuses(errors.BillMissing)
async def show_bill(bill_id: str, edge: Edge = requires(_READ)) -> BillDetail:
    """One bill with its lines, what paid it, and its debit notes."""
    wanted = _bill(bill_id)
    return await edge.read(lambda uow: looks.bill(uow, edge.service("vault"), wanted))


async def _moved(edge: Edge, bill_id: BillId, work: Callable[[UnitOfWork], Awaitable[object]]) -> Response:
    async def shown(uow: UnitOfWork) -> BillDetail:
        await work(uow)
        return await looks.bill(uow, edge.service("vault"), bill_id)

    return await edge.money(shown, lambda detail: detail, status=200)


@router.post("/bills/{bill_id}/match", response_model=BillDetail)
@refuses(*_BILL, *_ORDER, ledger.PeriodClosed)
async def match_bill(bill_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Hold a held bill against its order and what came once more; it is owed once they agree."""
    wanted = _bill(bill_id)
    return await _moved(edge, wanted, lambda uow: recording.rematch(uow, wanted))


@router.post("/bills/{bill_id}/accept", response_model=BillDetail)
@refuses(*_BILL, *_ORDER, ledger.PeriodClosed)
async def accept_bill(bill_id: str, body: BillReasonIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Owe a held bill as it is; what it charges above its order is a price difference."""
    wanted = _bill(bill_id)
    return await _moved(edge, wanted, lambda uow: recording.accept(uow, wanted, body.reason))


@router.post("/bills/{bill_id}/reject", response_model=BillDetail)
@refuses(*_BILL)
async def reject_bill(bill_id: str, body: BillReasonIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Refuse a held bill; the supplier may send it again."""
    wanted = _bill(bill_id)
    return await _moved(edge, wanted, lambda uow: recording.reject(uow, wanted, body.reason))


@router.post("/bills/{bill_id}/debit-notes", response_model=BillDetail)
@refuses(*_BILL, errors.BillUnfit, errors.DebitsTooMuch, ledger.PeriodClosed)
async def debit_bill(bill_id: str, body: DebitNoteIn, edge: Edge = requires(_MANAGE)) -> Response:
    """Take a bill back, in full or by line; what was paid already is the supplier's debt to us."""
    wanted, taken = _bill(bill_id), quantities(body.lines)
    return await _moved(edge, wanted, lambda uow: paying.debit(uow, wanted, body.reason, taken))


@router.post("/bills/{bill_id}/use-advances", response_model=BillDetail)
@refuses(*_BILL, errors.PaysTooMuch)
async def use_advances(bill_id: str, edge: Edge = requires(_WRITE)) -> Response:
    """Let what the supplier was paid before pay this bill, the oldest first."""
    wanted = _bill(bill_id)
    return await _moved(edge, wanted, lambda uow: paying.use_advances(uow, wanted))


@router.get("/payments", response_model=ListOf[SupplierPaymentOut])
async def list_supplier_payments(
    edge: Edge = requires(_READ), supplier_id: str | None = None, limit: Limit = 20, cursor: str | None = None
) -> Any:
    """What suppliers were paid, newest first."""
    key = edge.cursor("supplier_payments", cursor)
    supplier = id_text(PartyId, supplier_id, "supplier_id") if supplier_id else None

    async def read(uow: UnitOfWork) -> Page[SupplierPaymentOut]:
        page = await paid_store.payments(uow, supplier, UUID(key[0]) if key else None, limit)
        return Page(await looks.payments(uow, edge.service("vault"), page.items), page.next_key)

    return edge.page("supplier_payments", await edge.read(read), lambda shown: shown)


@router.post("/payments", status_code=201, response_model=SupplierPaymentOut)
@refuses(parties.PartyMissing, *_BILL, errors.PaysTooMuch, errors.SupplierMismatch, ledger.PeriodClosed)
async def record_supplier_payment(body: SupplierPaymentIn, edge: Edge = requires(_MANAGE, step_up=True)) -> Response:
    """Note money a supplier was paid outside the platform and let it pay bills."""
    command = body.command()

    async def work(uow: UnitOfWork) -> SupplierPaymentOut:
        [shown] = await looks.payments(uow, edge.service("vault"), [await paying.pay(uow, command)])
        return shown

    return await edge.money(work, lambda shown: shown)


@router.get("/ageing", response_model=PayableAgesOut)
@refuses(errors.PayablesDayAhead)
async def show_payable_ages(
    edge: Edge = requires(_READ), currency: CurrencyCode = "IDR", day: BusinessDay | None = None
) -> PayableAgesOut:
    """What was owed to suppliers at the end of a business date by how long it had been due."""
    code = Currency.of(currency)

    async def read(uow: UnitOfWork) -> PayableAgesOut:
        found = await paying.ages(uow, code, day)
        names = await parties.names(uow, edge.service("vault"), [one.party_id for one in found.parties])
        return PayableAgesOut.of(found, currency, names)

    return await edge.read(read)
