"""The ledger's own recipes: manual journals, opening balances and reversals."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from specie.kernel.ids import AccountId
from specie.kernel.money import Currency, Money
from specie.ledger.controls import keep
from specie.ledger.model import AccountSpec, AccountType, EntryDraft, JournalEntry, Leg
from specie.ledger.recipes import REVERSE, Recipe

MANUAL = Recipe("ledger.manual", 1, undo=REVERSE)
OPENING = Recipe("ledger.opening", 1, undo=REVERSE)
REVERSAL = Recipe("ledger.reversal", 1, undo="post a new entry")

keep(
    "Opening balances", "equity:opening", instead="it stays open; post what is to be moved from it", takes_journals=True
)


def manual_entry(
    postings: Sequence[tuple[AccountId, AccountId, Money]],
    *,
    description: str,
    effective_at: datetime | None,
    approver: str | None = None,
    about: Mapping[str, Any] | None = None,
) -> EntryDraft:
    """A journal written by a person: (debit, credit, amount) in the order given; `approver` said yes to it."""
    return EntryDraft(
        recipe=MANUAL,
        legs=[Leg(debit, credit, amount) for debit, credit, amount in postings],
        description=description,
        effective_at=effective_at,
        approver=approver,
        metadata=about or {},
        by_hand=True,
    )


def opening_account(currency: Currency) -> AccountSpec:
    """The other side of everything a business had before it kept its books here."""
    return AccountSpec("equity:opening", AccountType.EQUITY, currency, name="Opening balances")


def opening_balance(
    account: AccountId, equity: AccountId, amount: Money, *, raised_by_debit: bool, effective_at: datetime
) -> EntryDraft:
    """Bring an account to its first balance against opening equity."""
    debit, credit = (account, equity) if raised_by_debit else (equity, account)
    return EntryDraft(
        recipe=OPENING, legs=[Leg(debit, credit, amount)], description="Opening balance", effective_at=effective_at
    )


def reversal_of(
    entry: JournalEntry, *, effective_at: datetime, reason: str, without: Collection[AccountId] = ()
) -> EntryDraft:
    """The exact opposite: each posting with its sides exchanged, the last one first.

    Postings between two accounts of `without` are left as they are.
    """
    return EntryDraft(
        recipe=REVERSAL,
        legs=[
            Leg(posting.credit, posting.debit, posting.amount)
            for posting in reversed(entry.postings)
            if posting.debit not in without or posting.credit not in without
        ],
        description=reason,
        effective_at=effective_at,
        reverses=entry.id,
    )
