"""Every refusal of payments."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class PaymentMissing(NotFound):
    """There is no such payment in this tenant."""

    code = "payment_not_found"
    title = "No such payment"


class ReferenceTaken(Conflict):
    """The merchant already has a payment with this reference."""

    code = "reference_taken"
    title = "The reference is taken"


class PaymentCannotMove(Conflict):
    """The payment is in a state that does not allow this."""

    code = "payment_state"
    title = "The payment does not allow this now"


class ChargeUnknown(Conflict):
    """A charge may be on its way and only the provider knows; nothing else may start until it is known."""

    code = "charge_unknown"
    title = "The provider has not answered yet"


class MethodUnavailable(InvalidField):
    """No active connection can charge this amount in this way."""

    code = "method_unavailable"
    title = "This way to pay is not available"


class MethodMissing(NotFound):
    """There is no such saved way to pay in this tenant."""

    code = "payment_method_not_found"
    title = "No such saved way to pay"


class CaptureTooLarge(SpecieError):
    """More than may still be captured of this payment; captures on their way count."""

    code = "capture_too_large"
    status = 422
    title = "The capture is too large"
    is_decision = True


class CaptureImpossible(Conflict):
    """Nothing is authorised that could be captured or let go."""

    code = "capture_impossible"
    title = "Nothing is authorised"


class DisputeMissing(NotFound):
    """There is no such dispute in this tenant."""

    code = "dispute_not_found"
    title = "No such dispute"


class DisputeDecided(Conflict):
    """The bank has decided; nothing can be added any more."""

    code = "dispute_decided"
    title = "The dispute is decided"


class DisputeAccepted(Conflict):
    """Somebody has given in to the dispute already; it waits for the provider's answer."""

    code = "dispute_accepted"
    title = "The dispute has been accepted"


class AcceptanceImpossible(Conflict):
    """This provider is not told over its API that a dispute is accepted."""

    code = "dispute_acceptance_impossible"
    title = "The dispute cannot be accepted here"


class AcceptanceWaits(Conflict):
    """A second person is asked about accepting this dispute."""

    code = "dispute_acceptance_waits"
    title = "A second person is asked"


class EvidenceSubmitted(Conflict):
    """The evidence was handed in at the provider; it stays as it was."""

    code = "evidence_submitted"
    title = "The evidence has been handed in"


class EvidenceEmpty(Conflict):
    """The dispute has neither a note nor a file that could be handed in."""

    code = "evidence_empty"
    title = "There is no evidence yet"


class EvidenceFileMissing(NotFound):
    """There is no such file of a dispute, or it can no longer be opened."""

    code = "evidence_file_not_found"
    title = "No such file"


class TooManyEvidenceFiles(Conflict):
    """A dispute has at most ten files, and at most fifty of a merchant are uploaded within an hour."""

    code = "evidence_full"
    title = "No room for another file"


class PaymentDisputed(Conflict):
    """The customer's bank is deciding about this payment; it cannot be refunded meanwhile."""

    code = "payment_disputed"
    title = "The payment is disputed"


class RouteMissing(NotFound):
    """There is no such rule of routing in this tenant."""

    code = "payment_route_not_found"
    title = "No such rule"


class RefundMissing(NotFound):
    """There is no such refund in this tenant."""

    code = "refund_not_found"
    title = "No such refund"


class RefundWaits(Conflict):
    """A refund of this payment waits for a second person; another is asked for when that is decided."""

    code = "refund_waits"
    title = "A refund waits for a second person"


class RefundTooLarge(SpecieError):
    """More than may still be refunded of this payment; refunds on their way count."""

    code = "refund_too_large"
    status = 422
    title = "The refund is too large"
    is_decision = True


class RefundImpossible(Conflict):
    """Nothing has been collected, or refunds at this provider are made in its own dashboard."""

    code = "refund_impossible"
    title = "This payment cannot be refunded"


class ReturnUrlUnlisted(InvalidField):
    """The return address is not, letter for letter, on the list in the settings."""

    code = "return_url_unlisted"
    title = "The return address is not on the list"


class MerchantRequired(InvalidField):
    """Say for whom the payment is collected."""

    code = "merchant_required"
    title = "The merchant is missing"


class SplitInvalid(InvalidField):
    """The shares of other merchants exceed what is left after fees, or cannot be made of this payment."""

    code = "split_invalid"
    title = "The payment cannot be shared like this"


class SplitReceiver(InvalidField):
    """A share is for somebody who is no merchant here, or who gets a part of this payment already."""

    code = "split_receiver_invalid"
    title = "This share has no receiver"


class LinkMissing(NotFound):
    """There is no such payment link."""

    code = "payment_link_not_found"
    title = "No such payment link"


class LinkClosed(Conflict):
    """The link is switched off, over, or has been paid."""

    code = "payment_link_closed"
    title = "This link takes no payment now"


class LinkAmount(InvalidField):
    """The link's amount is fixed, or an open one lies outside its bounds."""

    code = "payment_link_amount"
    title = "This amount does not fit the link"


class ExceptionMissing(NotFound):
    """There is no such exception."""

    code = "exception_not_found"
    title = "No such exception"
