"""Orders, bills and payments made as screens show them: with names, balances and everything that belongs to them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from specie import ledger, parties
from specie.billing import InvoiceTaxOut
from specie.payables import ordering, paid_store, paying, payout_store, recording, store
from specie.payables.model import Bill, BillId, Order, Payment, PurchaseOrderId
from specie.payables.payout_model import SupplierPayout
from specie.payables.payout_schemas import BillPayoutOut, SupplierPayoutOut
from specie.payables.schemas import (
    BillDetail,
    BillLineOut,
    BillOut,
    BillPaidOut,
    DebitNoteOut,
    PurchaseOrderDetail,
    PurchaseOrderLineOut,
    PurchaseOrderOut,
    SupplierPaymentOut,
    bill_fields,
    order_fields,
)
from specie.payouts import states_of
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.platform.wire import Amount


async def orders(uow: UnitOfWork, ring: KeyRing, found: Sequence[Order]) -> list[PurchaseOrderOut]:
    """Orders with names."""
    names = await parties.names(uow, ring, list({each.supplier_id for each in found}))
    return [PurchaseOrderOut.of(each, names) for each in found]


async def order(uow: UnitOfWork, ring: KeyRing, order_id: PurchaseOrderId) -> PurchaseOrderDetail:
    """One order with what came, what was billed and its bills. Raises PurchaseOrderMissing."""
    found = await ordering.get(uow, order_id)
    names = await parties.names(uow, ring, [found.supplier_id])
    lines = await store.order_lines(uow, order_id)
    return PurchaseOrderDetail(
        **order_fields(found, names),
        lines=[PurchaseOrderLineOut.of_order(each, found.currency.code) for each in lines.values()],
        bills=await bills(uow, ring, await store.bills_of_order(uow, order_id)),
    )


async def bills(uow: UnitOfWork, ring: KeyRing, found: Sequence[Bill]) -> list[BillOut]:
    """Bills with names and balances, with few statements however many they are."""
    names = await parties.names(uow, ring, list({each.supplier_id for each in found}))
    owed = await paying.owed_of(uow, found)
    return [BillOut.of(each, owed[each.id], uow.business_date, names) for each in found]


async def bill(uow: UnitOfWork, ring: KeyRing, bill_id: BillId) -> BillDetail:
    """One bill with everything that belongs to it. Raises BillMissing."""
    found = await recording.get(uow, bill_id)
    names = await parties.names(uow, ring, [found.supplier_id])
    owed, code = (await paying.owed_of(uow, [found]))[bill_id], found.currency.code
    lines, taken = await store.lines_of(uow, bill_id), await paid_store.debited(uow, bill_id)
    made, notes = await paid_store.allocations_to(uow, bill_id), await paid_store.notes_of(uow, bill_id)
    advances = sum(left for _, left in await paying.advances_of(uow, found.supplier_id, found.currency))
    ordered = await payout_store.of_bill(uow, bill_id)
    moved = [share for each in ordered for share in each.shares if share.bill_id == bill_id]
    ids = {
        *(found.entry_id, *(each.entry_id for each in made), *(each.entry_id for each in notes)),
        *(each.entry_id for each in moved),
        *(each.back_entry_id for each in moved),
    }
    return BillDetail(
        **bill_fields(found, owed, uow.business_date, names),
        lines=[BillLineOut.of_bill(each, code, taken.get(each.line.n, Decimal(0))) for each in lines],
        taxes=[InvoiceTaxOut.of(part, code) for part in recording.taxes_of(lines)],
        allocations=[BillPaidOut.of(each, code) for each in made],
        payouts=BillPayoutOut.each_of(ordered, bill_id),
        debit_notes=[DebitNoteOut.of(each) for each in notes],
        advances=Amount(amount=advances, currency=code),
        entries=await _entries(uow, sorted(ids - {None}, key=str)),
    )


async def payouts(uow: UnitOfWork, ring: KeyRing, found: Sequence[SupplierPayout]) -> list[SupplierPayoutOut]:
    """Payouts to suppliers with their bills, and where each stands."""
    names = await parties.names(uow, ring, list({each.supplier_id for each in found}))
    paid = await store.bills_by_ids(uow, [share.bill_id for each in found for share in each.shares])
    states = await states_of(uow, [each.payout_id for each in found])
    return [SupplierPayoutOut.of(each, states[each.payout_id], paid, names) for each in found]


async def _entries(uow: UnitOfWork, ids: Sequence[Any]) -> list[dict[str, Any]]:
    return await ledger.entries_told(uow, [await ledger.get_entry(uow, each) for each in ids])


async def payments(uow: UnitOfWork, ring: KeyRing, found: Sequence[Payment]) -> list[SupplierPaymentOut]:
    """Payments made with what is left of each."""
    names = await parties.names(uow, ring, list({each.supplier_id for each in found}))
    held = await paying.balances(uow, [each.account_id for each in found])
    return [SupplierPaymentOut.of(each, held[each.account_id], names) for each in found]
