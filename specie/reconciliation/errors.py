"""Every refusal of reconciliation."""

from specie.kernel.errors import Conflict, InvalidField, NotFound


class StatementRefused(InvalidField):
    """The file as a whole is not taken: `reason` says what is wrong with it, `line` where."""

    code = "statement_refused"
    title = "The statement cannot be imported"

    def __init__(self, reason: str, detail: str, line: int | None = None) -> None:
        where = f"line {line}: " if line is not None else ""
        super().__init__(where + detail, param="file", reason=reason, line=line)


class SourceMissing(NotFound):
    """There is no such source of statements in this tenant."""

    code = "reconciliation_source_not_found"
    title = "No such source of statements"


class SourceTaken(Conflict):
    """The account is reconciled already."""

    code = "reconciliation_source_exists"
    title = "This account has a source already"


class MatchMissing(NotFound):
    """There is no such match in this tenant."""

    code = "reconciliation_match_not_found"
    title = "No such match"


class MatchReopened(Conflict):
    """The match was taken back before."""

    code = "reconciliation_match_reopened"
    title = "The match is open again already"


class ReconciliationExceptionMissing(NotFound):
    """There is no such exception in this tenant."""

    code = "reconciliation_exception_not_found"
    title = "No such exception"


class ReconciliationExceptionEnded(Conflict):
    """Somebody has dealt with the exception."""

    code = "reconciliation_exception_resolved"
    title = "The exception has been resolved"


class NotOpen(Conflict):
    """A line or an item that was chosen is not open in this source."""

    code = "reconciliation_not_open"
    title = "Not everything chosen is open"


class DifferenceTooLarge(InvalidField):
    """Lines and items differ by more than the source allows, and no account was named that takes the difference."""

    code = "reconciliation_difference"
    title = "The chosen lines and items do not add up"


class NoBalanceOffered(Conflict):
    """The source is not connected to a provider that tells its live balance."""

    code = "balance_not_offered"
    title = "This provider does not tell its balance"


class NoStatementOffered(Conflict):
    """The source is not connected to a provider that hands out statements."""

    code = "statement_not_offered"
    title = "This provider offers no statement to fetch"
