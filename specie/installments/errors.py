"""Every refusal of installments."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class PlanMissing(NotFound):
    """There is no such plan, or it belongs to another merchant."""

    code = "installment_plan_not_found"
    title = "No such installment plan"


class PlanEnded(Conflict):
    """The merchant no longer offers this plan; running orders go on."""

    code = "installment_plan_ended"
    title = "The plan is no longer offered"


class TermsInvalid(InvalidField):
    """The terms contradict each other or leave out what they need."""

    code = "installment_terms_invalid"
    title = "No schedule can be made from these terms"


class AmountOutsidePlan(SpecieError):
    """The amount is smaller or larger than the plan takes, or too small for its number of parts."""

    code = "installment_amount"
    status = 422
    title = "The plan does not take this amount"
    is_decision = True


class OrderMissing(NotFound):
    """There is no such installment order, or it belongs to somebody else."""

    code = "installment_order_not_found"
    title = "No such installment order"


class OrderReferenceTaken(Conflict):
    """The merchant has used this reference for another installment order."""

    code = "installment_reference_taken"
    title = "The reference has been used"


class OrderCannotMove(Conflict):
    """The order is not in a state that allows this."""

    code = "installment_order_state"
    title = "The order cannot do this now"


class OrderKept(Conflict):
    """The order is a part of something else and comes back with it alone."""

    code = "installment_order_kept"
    title = "The order comes back with what it is a part of"
    is_decision = True


class OfferStale(Conflict):
    """What the order would pay for asks for another amount by now."""

    code = "installment_offer_stale"
    title = "What it pays for has changed"
    is_decision = True


class OfferExpired(Conflict):
    """The time to accept the order has passed."""

    code = "installment_offer_expired"
    title = "The offer has expired"


class CostChanged(Conflict):
    """What the customer agreed to is not what would be booked now; show the cost again."""

    code = "installment_cost_changed"
    title = "The cost is not what was shown"
    # Another look at the cost settles it, under the same key.
    is_decision = False


class MerchantRequired(InvalidField):
    """Whose plan it is must be said by whoever is not limited to one merchant."""

    code = "installment_merchant_required"
    title = "Name the merchant"


class CustomerRequired(InvalidField):
    """Who pays must be said by whoever is not the customer."""

    code = "installment_customer_required"
    title = "Name the customer"


class CreditLineExceeded(SpecieError):
    """The purchase would take more than is left of the customer's credit line."""

    code = "credit_line_exceeded"
    status = 422
    title = "The credit line is too small"
    is_decision = True


class CreditLineBlocked(SpecieError):
    """The customer's credit line takes no new orders at present."""

    code = "credit_line_blocked"
    status = 422
    title = "The credit line is blocked"
    is_decision = True


class PaysTooMuch(SpecieError):
    """More would be paid than is owed; ask for a payoff quote to pay everything."""

    code = "installment_pays_too_much"
    status = 422
    title = "More than is owed"
    is_decision = True


class NothingOwed(Conflict):
    """Nothing of this kind is open."""

    code = "installment_nothing_owed"
    title = "Nothing is owed"


class QuoteMissing(NotFound):
    """There is no such quote for this order."""

    code = "installment_quote_not_found"
    title = "No such payoff quote"


class QuoteStale(Conflict):
    """The quote was for another day, or the order has changed since; ask for a new one."""

    code = "installment_quote_stale"
    title = "The quote no longer holds"


class ReturnTooLarge(SpecieError):
    """More would come back than is left of the purchase."""

    code = "installment_return_too_large"
    status = 422
    title = "More than was bought"
    is_decision = True


class PauseInPast(InvalidField):
    """A pause ends on a day that lies ahead."""

    code = "installment_pause_past"
    title = "The day has passed"


class DayAhead(InvalidField):
    """Figures are given for one day at a time, which must not lie ahead."""

    code = "installment_day_ahead"
    title = "The day lies ahead"
