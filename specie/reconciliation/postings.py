"""The recipes of reconciliation: what a statement confirms moves on, and can be taken back."""

from collections.abc import Sequence
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, JournalEntry, Leg, Recipe
from specie.reconciliation.model import Source

MATCH = Recipe("reconciliation.match", 1, undo="take the match back in reconciliation")
REOPEN = Recipe("reconciliation.reopen", 1, undo="match the lines again")

ledger.keep(
    "Reconciliation",
    "asset:providers:*:settled",
    "expense:reconciliation:differences",
    "income:reconciliation:differences",
    instead="it stays open; match the lines of a statement, or post what is to be moved",
    takes_journals=True,
)


def settled_account(connection_id: object, currency: Currency) -> AccountSpec:
    """What a provider says it owes us: it stands in its statement, and the bank has not shown it yet."""
    code = f"asset:providers:{connection_id}:settled"
    return AccountSpec(code, AccountType.ASSET, currency, name="Provider statement confirmed")


def clearing_code(connection_id: object) -> str:
    """The code of what we say a provider owes us, the same in every currency; "%" for that of any."""
    return f"asset:providers:{connection_id}:clearing"


def clearing_account(connection_id: object, currency: Currency) -> AccountSpec:
    """What we say a provider owes us."""
    return AccountSpec(clearing_code(connection_id), AccountType.ASSET, currency, name="Provider clearing")


def bank_account(name: str, currency: Currency) -> AccountSpec:
    """Money in a bank account, as its statements confirm."""
    return AccountSpec(f"asset:bank:{name}", AccountType.ASSET, currency, name="Bank account")


def difference_account(difference: Money) -> AccountSpec:
    """Where small differences go: `difference` is what the items have more than the lines."""
    if difference.minor > 0:
        code, kind = "expense:reconciliation:differences", AccountType.EXPENSE
    else:
        code, kind = "income:reconciliation:differences", AccountType.INCOME
    return AccountSpec(code, kind, difference.currency, name="Reconciliation differences")


def match(
    source: Source, lines: Money, items: Money, difference_to: AccountId | None, title: str, about: dict[str, Any]
) -> EntryDraft:
    """The items leave the account: what the lines confirm goes on, the rest to the account of differences."""
    legs = [*_moved(source.target_id, source.account_id, lines)]
    difference = items - lines
    if difference_to is not None:
        legs += _moved(difference_to, source.account_id, difference)
    return EntryDraft(MATCH, legs, description=title, is_fact=True, metadata=about)


def reopen(entry: JournalEntry, title: str) -> EntryDraft:
    """The match's entry taken back, so that its items are open again."""
    legs: Sequence[Leg] = [Leg(each.credit, each.debit, each.amount) for each in reversed(entry.postings)]
    return EntryDraft(REOPEN, legs, description=title, is_fact=True, reverses=entry.id)


def _moved(to: AccountId, away: AccountId, amount: Money) -> list[Leg]:
    if amount.minor == 0:
        return []
    if amount.minor > 0:
        return [Leg(to, away, amount)]
    return [Leg(away, to, Money(-amount.minor, amount.currency))]
