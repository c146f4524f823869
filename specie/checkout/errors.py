"""Every refusal of the hosted page."""

from specie.kernel.errors import InvalidField, NotFound


class CheckoutMissing(NotFound):
    """No page has this address, or its time is over."""

    code = "checkout_not_found"
    title = "No such page"


class AmountUnreadable(InvalidField):
    """The amount a customer typed is not a number of the currency."""

    code = "amount_format"
    title = "Not an amount"
