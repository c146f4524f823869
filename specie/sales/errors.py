"""Every refusal of sales."""

from specie.kernel.errors import Conflict, InvalidField, NotFound, SpecieError


class QuoteMissing(NotFound):
    """There is no such quote, or it belongs to somebody else."""

    code = "quote_not_found"
    title = "No such quote"


class QuoteCannotMove(Conflict):
    """The quote is not in a state that allows this."""

    code = "quote_state"
    title = "The quote cannot do this now"


class QuoteExpired(Conflict):
    """The quote was valid until a day that has passed."""

    code = "quote_expired"
    title = "The quote is no longer valid"


class QuoteChanged(Conflict):
    """The quote has a newer version than the one that was read."""

    code = "quote_changed"
    title = "The quote has changed since"


class QuoteUnfit(InvalidField):
    """The quote says something that no quote may say."""

    code = "quote_invalid"
    title = "The quote is not valid"


class QuoteEmpty(SpecieError):
    """What is offered has at least one line and a total above zero."""

    code = "quote_empty"
    status = 422
    title = "The quote offers nothing"
    is_decision = True


class OrderMissing(NotFound):
    """There is no such sales order."""

    code = "sales_order_not_found"
    title = "No such order"


class OrderCannotMove(Conflict):
    """The order is not in a state that allows this."""

    code = "sales_order_state"
    title = "The order cannot do this now"


class MoreThanOrdered(SpecieError):
    """More would be delivered or invoiced than is open of a line; `most` is what is."""

    code = "more_than_ordered"
    status = 422
    title = "More than was ordered"
    is_decision = True
