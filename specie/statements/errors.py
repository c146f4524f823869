"""Every refusal of statements."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class StatementMissing(NotFound):
    """There is no such statement, or it is somebody else's."""

    code = "statement_not_found"
    title = "No such statement"


class StatementPartyRequired(InvalidField):
    """A statement is somebody's."""

    code = "statement_party_required"
    title = "Say whose statement it is"


class StatementPeriodInvalid(InvalidField):
    """The period ends before it begins, or is longer than a statement can be."""

    code = "statement_period"
    title = "Not a period"


class StatementWithoutAccount(InvalidField):
    """A bank's form is of accounts, and whoever has no wallet in the currency has none."""

    code = "statement_without_account"
    title = "No wallet to state"


class StatementPeriodOpen(Conflict):
    """The period is not over, so that its closing balance is not known."""

    code = "statement_period_open"
    title = "The period is not over"
    is_decision = True
