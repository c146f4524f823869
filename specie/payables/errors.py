"""Every refusal of payables."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class PurchaseOrderMissing(NotFound):
    """There is no such order to a supplier."""

    code = "purchase_order_not_found"
    title = "No such purchase order"


class PurchaseOrderClosed(Conflict):
    """The order is closed: nothing comes of it any more, and nothing more is billed of it."""

    code = "purchase_order_closed"
    title = "The purchase order is closed"


class ReceivesTooMuch(SpecieError):
    """More would be taken in than was ordered, or a line that is no goods."""

    code = "purchase_receipt_too_large"
    status = 422
    title = "More than was ordered"
    is_decision = True


class BillMissing(NotFound):
    """There is no such bill."""

    code = "bill_not_found"
    title = "No such bill"


class BillCannotMove(Conflict):
    """The bill is not in a state that allows this."""

    code = "bill_state"
    title = "The bill cannot do this now"


class BillKnown(Conflict):
    """The supplier's bill of this number has been recorded."""

    code = "bill_recorded_before"
    title = "This bill is known"


class BillUnfit(InvalidField):
    """The bill charges nothing, names a line its order does not have, or differs from it in supplier or currency."""

    code = "bill_invalid"
    title = "The bill is not valid"


class DebitsTooMuch(SpecieError):
    """More would be taken back than the bill, or one of its lines, has left."""

    code = "debit_note_too_large"
    status = 422
    title = "More than was billed"
    is_decision = True


class PaysTooMuch(SpecieError):
    """More would be allocated than a bill still asks for, or than is left to allocate."""

    code = "supplier_allocation_too_large"
    status = 422
    title = "More than is owed"
    is_decision = True


class SupplierMismatch(InvalidField):
    """What pays and what is paid differ in supplier or currency."""

    code = "supplier_allocation_mismatch"
    title = "This money cannot pay that bill"


class PayablesDayAhead(InvalidField):
    """What is owed is known up to today."""

    code = "payables_day_ahead"
    title = "The day lies ahead"
