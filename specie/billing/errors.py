"""Every refusal of billing."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class InvoiceMissing(NotFound):
    """There is no such invoice, or it belongs to somebody else."""

    code = "invoice_not_found"
    title = "No such invoice"


class InvoiceCannotMove(Conflict):
    """The invoice is not in a state that allows this."""

    code = "invoice_state"
    title = "The invoice cannot do this now"


class InvoiceKept(Conflict):
    """The invoice was made by something it comes back with, and with that alone."""

    code = "invoice_kept"
    title = "The invoice comes back with what made it"
    is_decision = True


class InvoiceEmpty(SpecieError):
    """An invoice that is sent has at least one line and a total above zero."""

    code = "invoice_empty"
    status = 422
    title = "The invoice charges nothing"
    is_decision = True


class NothingToDeliver(Conflict):
    """The invoice sells no goods, or they have left."""

    code = "nothing_to_deliver"
    title = "There are no goods to deliver"


class LineInvalid(InvalidField):
    """A line has a price, quantity, discount or rate that no invoice may have."""

    code = "invoice_line_invalid"
    title = "A line of the invoice is not valid"


class ReceiptMissing(NotFound):
    """There is no such payment received, or credit note with something left."""

    code = "receipt_not_found"
    title = "No such payment received"


class AllocatesTooMuch(SpecieError):
    """More would be allocated than the document still asks for, or than is left to allocate."""

    code = "allocation_too_large"
    status = 422
    title = "More than is open"
    is_decision = True


class AllocationMismatch(InvalidField):
    """What is allocated and what it is allocated to differ in customer or currency."""

    code = "allocation_mismatch"
    title = "This money cannot pay that document"


class CreditsTooMuch(SpecieError):
    """More would be credited than the invoice, or one of its lines, has left to credit."""

    code = "credit_too_large"
    status = 422
    title = "More than was invoiced"
    is_decision = True


class RefundsTooMuch(SpecieError):
    """More would be given back than is left of what the customer paid or was credited."""

    code = "credit_refund_too_large"
    status = 422
    title = "More than is left"
    is_decision = True


class CreditNoteMissing(NotFound):
    """There is no such credit note, or it belongs to somebody else."""

    code = "credit_note_not_found"
    title = "No such credit note"


class LinkMissing(NotFound):
    """No invoice has this address."""

    code = "invoice_link_not_found"
    title = "No such invoice"


class NothingToPay(Conflict):
    """The invoice asks for no payment now."""

    code = "invoice_nothing_to_pay"
    title = "Nothing to pay"


class DayAhead(InvalidField):
    """Open amounts are known up to today."""

    code = "billing_day_ahead"
    title = "The day lies ahead"


class NoAddress(Conflict):
    """Nobody has written down where mail reaches the customer."""

    code = "customer_without_address"
    title = "The customer has no mail address"


class TooManyLetters(Conflict):
    """The same document went to its customer too often today."""

    code = "too_many_letters"
    title = "Sent often enough"


class StepsUnfit(InvalidField):
    """Two steps of the reminders are on the same day."""

    code = "reminder_steps_invalid"
    title = "The reminders are not valid"


class EInvoiceImpossible(InvalidField):
    """The invoice cannot be written as an electronic one; `reasons` says why, each a sentence."""

    code = "e_invoice_impossible"
    title = "Not possible as an electronic invoice"


class RecurringMissing(NotFound):
    """There is no such recurring invoice."""

    code = "recurring_invoice_not_found"
    title = "No such recurring invoice"


class RecurringCannotMove(Conflict):
    """The recurring invoice is not in a state that allows this."""

    code = "recurring_invoice_state"
    title = "The recurring invoice cannot do this now"


class RecurringUnfit(InvalidField):
    """A recurring invoice begins today or later, ends after it began, and charges something."""

    code = "recurring_invoice_invalid"
    title = "The recurring invoice is not valid"
