"""Every refusal of settlement."""

from specie.kernel.errors import Conflict, Forbidden, InvalidField, NotFound


class SettlementMissing(NotFound):
    """There is no such settlement in this tenant."""

    code = "settlement_not_found"
    title = "No such settlement"


class SettlementTermsMissing(NotFound):
    """The merchant has no settlement terms in this currency."""

    code = "settlement_terms_not_found"
    title = "No settlement terms"


class NothingToSettle(Conflict):
    """Nothing is due, or less than the smallest settlement; `reason` says which."""

    code = "nothing_to_settle"
    title = "There is nothing to settle"


class NotABusinessDay(Conflict):
    """Today is a weekend or a holiday in the merchant's country."""

    code = "not_a_business_day"
    title = "Today is not a business day"


class SettlementKept(Conflict):
    """The settlement has no account to go to, or its payout is under way or has arrived."""

    code = "settlement_payout_state"
    title = "The settlement cannot be paid out now"


class PersonRequired(Forbidden):
    """Only a person says where settlements go and sends them again; a key alone moves no money out."""

    code = "person_required"
    title = "This is for a person"


class SettlementTermsUnfit(InvalidField):
    """The terms do not fit each other, the currency or the account they name."""

    code = "settlement_terms_invalid"
    title = "The terms do not fit"
