"""Payables: what is ordered of suppliers, what came of it, what they bill, and what they are paid.

Owns the documents a business receives. What is owed of a bill is the balance of its own account, and so is what a
supplier was paid in advance; a bill that differs from its order or from what came is held and owed to nobody.
"""

from specie.payables.bringing import WITHDRAWAL, BringIn, bring_in
from specie.payables.errors import BillKnown
from specie.payables.invariants import INVARIANTS
from specie.payables.model import Bill, BillId, BillState, Order, PurchaseOrderId
from specie.payables.ordering import WriteOrder, create, receive
from specie.payables.paying import Pay, debit, pay
from specie.payables.paying_out import PayOut, follow, pay_out
from specie.payables.postings import owed_code
from specie.payables.recording import RecordBill, record
from specie.payables.store import known_numbers

__all__ = [
    "INVARIANTS",
    "WITHDRAWAL",
    "Bill",
    "BillId",
    "BillKnown",
    "BillState",
    "BringIn",
    "Order",
    "Pay",
    "PayOut",
    "PurchaseOrderId",
    "RecordBill",
    "WriteOrder",
    "bring_in",
    "create",
    "debit",
    "follow",
    "known_numbers",
    "owed_code",
    "pay",
    "pay_out",
    "receive",
    "record",
]
