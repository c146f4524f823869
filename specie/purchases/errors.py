"""Every refusal of purchases."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class PurchaseMissing(NotFound):
    """There is no such purchase, or it is somebody else's."""

    code = "purchase_unknown"
    title = "No such purchase"


class PurchasePartyRequired(InvalidField):
    """A purchase needs a merchant and a customer who is somebody else."""

    code = "purchase_party_required"
    title = "Say who buys from whom"


class NobodyBuys(Conflict):
    """The purchase names no customer; whoever pays it on its page takes it on."""

    code = "purchase_without_customer"
    title = "Nobody has taken this purchase on"
    is_decision = True


class PurchaseReferenceTaken(Conflict):
    """The merchant has used this reference for another purchase."""

    code = "purchase_reference_taken"
    title = "The reference is taken"
    is_decision = True


class PurchaseCannotMove(Conflict):
    """The purchase is not in a state in which this can happen."""

    code = "purchase_cannot_move"
    title = "The purchase cannot do this now"
    is_decision = True


class PurchaseExpired(Conflict):
    """The time to pay is over."""

    code = "purchase_expired"
    title = "The time to pay is over"
    is_decision = True


class TenderInvalid(InvalidField):
    """A tender is named twice, or lacks what it needs."""

    code = "tender_invalid"
    title = "The tenders do not fit together"


class TenderShort(SpecieError):
    """A tender cannot give as much as is wanted of it."""

    code = "tender_short"
    status = 409
    title = "A tender cannot give this much"
    is_decision = True


class NotCovered(SpecieError):
    """The tenders together do not pay the whole purchase."""

    code = "purchase_not_covered"
    status = 409
    title = "The tenders do not pay the whole purchase"
    is_decision = True


class RefundExceeds(SpecieError):
    """More would be given back than is left of the purchase."""

    code = "purchase_refund_exceeds"
    status = 409
    title = "Not so much is left of the purchase"
    is_decision = True


class RefundUndecided(Conflict):
    """A second person is still deciding on a refund of this purchase."""

    code = "purchase_refund_waits"
    title = "A refund waits for a second person"
    is_decision = True


class LinesInvalid(InvalidField):
    """The lines of a purchase do not sum to its amount, or do not say what is sold."""

    code = "purchase_lines"
    title = "The lines do not fit the purchase"


class ReturnedLinesInvalid(InvalidField):
    """Goods are said to come back that the purchase does not have, or not any more."""

    code = "purchase_returned_lines"
    title = "These goods cannot come back"
