"""Every refusal of the ledger."""

from specie.kernel.errors import Conflict, Forbidden, InvalidField, NotFound, SpecieError


class InsufficientFunds(SpecieError):
    """A posting would take an account below its floor."""

    code = "insufficient_funds"
    status = 422
    title = "Insufficient funds"
    is_decision = True


class AccountFrozen(SpecieError):
    """The account does not accept this side at present."""

    code = "account_frozen"
    status = 422
    title = "The account is frozen"
    is_decision = True


class AccountControlled(SpecieError):
    """A module keeps this account: only its own recipes post there, and it alone changes or closes it."""

    code = "account_controlled"
    status = 422
    title = "A module keeps this account"
    is_decision = True


class AccountClosed(SpecieError):
    """The account has been closed and takes no more postings."""

    code = "account_closed"
    status = 422
    title = "The account is closed"
    is_decision = True


class AccountNotEmpty(Conflict):
    """Only an account at zero can be closed."""

    code = "account_not_empty"
    title = "The account is not at zero"


class AccountMissing(NotFound):
    """A posting names an account this tenant does not have."""

    code = "account_not_found"
    title = "No such account"
    is_decision = True


class AccountExists(Conflict):
    """The code is taken in this currency."""

    code = "account_exists"
    title = "An account with this code and currency exists"


class PostingCurrency(SpecieError):
    """The amount's currency is not that of both accounts."""

    code = "currency_mismatch"
    status = 422
    title = "Currencies do not match"
    is_decision = True


class MemoMixed(SpecieError):
    """A memo account can only be paired with another memo account."""

    code = "memo_mixed"
    status = 422
    title = "Memo accounts pair only with memo accounts"
    is_decision = True


class SameAccount(InvalidField):
    """A posting needs two different accounts."""

    code = "same_account"
    title = "Debit and credit are the same account"


class AmountNotPositive(InvalidField):
    """A posting moves more than nothing."""

    code = "amount_range"
    title = "The amount must be above zero"


class BalanceOutOfRange(SpecieError):
    """A balance would leave ±(2⁵³−1) minor units."""

    code = "balance_range"
    status = 422
    title = "The balance would be too large"
    is_decision = True


class ChartTooWide(InvalidField):
    """The accounts, summed at as many parts of their codes as asked for, are more lines than one answer holds."""

    code = "chart_too_wide"
    title = "Too many accounts for one answer"


class PeriodClosed(SpecieError):
    """The entry would be effective on a day whose books are closed."""

    code = "period_closed"
    status = 422
    title = "The books of that day are closed"
    is_decision = True


class PeriodNotOver(InvalidField):
    """Only days that are over, and whose last transactions have ended, can be closed."""

    code = "period_not_over"
    title = "The period is not over"


class PeriodOrder(Conflict):
    """Closing goes forward and reopening goes back."""

    code = "period_order"
    title = "The books stand elsewhere"


class EntryMissing(NotFound):
    """There is no such journal entry in this tenant."""

    code = "entry_not_found"
    title = "No such journal entry"


class AlreadyReversed(Conflict):
    """An entry is reversed at most once."""

    code = "already_reversed"
    title = "The entry has been reversed"


class NotReversible(Conflict):
    """What a module keeps rows of is undone there, as the answer says, and a reversal is final."""

    code = "not_reversible"
    title = "The ledger does not reverse this entry"


class EmptyEntry(InvalidField):
    """An entry has at least one posting."""

    code = "entry_empty"
    title = "An entry needs a posting"


class TooManyPostings(InvalidField):
    """One call takes at most ten thousand postings."""

    code = "too_many_postings"
    title = "Too many postings in one call"


class ProofNotReady(Conflict):
    """No checkpoint covers the entry yet; the next one will."""

    code = "proof_not_ready"
    title = "The entry is not in a checkpoint yet"
    retryable = True
    # Time alone changes the answer, so it is never stored under a key.
    is_decision = False


class EntryAltered(Conflict):
    """The entry or its account is no longer what was sealed; `specie verify` names what is wrong."""

    code = "entry_altered"
    title = "The entry is not what was sealed"
    is_decision = False


class JournalWaits(Conflict):
    """The reversal of this entry waits for a second person."""

    code = "journal_waits"
    title = "A second person decides about this"


class JournalNeedsApproval(Conflict):
    """Journals that come many at once move more together than one person may."""

    code = "journal_needs_approval"
    title = "This needs a second person"


class OwnBudget(Forbidden):
    """Nobody sets how much they themselves may move."""

    code = "own_budget"
    title = "Somebody else has to set this"
