"""Payables: what is ordered of suppliers, what came of it, what they bill, and what they are paid.

Owns the documents a business receives. What is owed of a bill is the balance of its own account, and so is what a
supplier was paid in advance; a bill that differs from its order or from what came is held and owed to nobody.
"""

from specie.payables.invariants import INVARIANTS
from specie.payables.model import Bill, BillId, BillState, Order, PurchaseOrderId
from specie.payables.ordering import WriteOrder, create, receive
from specie.payables.paying import Pay, debit, pay
from specie.payables.paying_out import PayOut, follow, pay_out
from specie.payables.recording import RecordBill, record

__all__ = [
    "INVARIANTS",
    "Bill",
    "BillId",
    "BillState",
    "Order",
    "Pay",
    "PayOut",
    "PurchaseOrderId",
    "RecordBill",
    "WriteOrder",
    "create",
    "debit",
    "follow",
    "pay",
    "pay_out",
    "receive",
    "record",
]
