"""The recipes of disputes: held at the opening, given back or lost by the bank's decision; each posts once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, CallbackId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving
from specie.payments.dispute_model import DisputeId
from specie.payments.refund_postings import Bearer, Limit, repaying

OPEN = Recipe("payments.dispute_open", 1, undo="it ends as the bank decides about the dispute")
WON = Recipe("payments.dispute_won", 1, undo="it is final: the bank has decided")
LOST = Recipe("payments.dispute_lost", 1, undo="it is final: the bank has decided")

ledger.keep("Payments", "liability:payments:disputes:*", instead="answer or accept the dispute")
ledger.keep("Payments", "income:fees:disputes", instead="it stays open; post what is to be moved", takes_journals=True)


@dataclass(frozen=True, slots=True)
class DisputeAccounts:
    """Where disputed money waits, and who is paid for the trouble."""

    hold: AccountId
    clearing: AccountId
    provider_fee: AccountId
    fee_income: AccountId


def dispute_account(dispute_id: DisputeId, currency: Currency) -> AccountSpec:
    """Disputed money, until the bank has decided."""
    zero = Money.zero(currency)
    return AccountSpec(
        f"liability:payments:disputes:{dispute_id}", AccountType.LIABILITY, currency, floor=zero, name="Disputed"
    )


def dispute_fee_account(currency: Currency) -> AccountSpec:
    """What merchants pay for disputes; the provider charges us the same."""
    return AccountSpec("income:fees:disputes", AccountType.INCOME, currency, name="Dispute fees earned")


def opened(
    bearer: Bearer, amount: Money, fee: Money, accounts: DisputeAccounts, limit: Limit, more: Sequence[Leg], **told: Any
) -> EntryDraft:
    """A dispute has happened: the amount is held and the fee charged; what the merchant lacks becomes its debt."""
    legs = [
        Leg(limit.source, limit.refundable, amount, remainder=limit.over),
        Leg(bearer.account, accounts.hold, amount, remainder=bearer.debt),
        Leg(accounts.provider_fee, accounts.clearing, fee),
        Leg(bearer.account, accounts.fee_income, fee, remainder=bearer.debt),
        *more,
    ]
    return _entry(OPEN, legs, **told)


def won(
    bearer: Bearer,
    amount: Money,
    again: Money,
    accounts: DisputeAccounts,
    limit: Limit,
    more: Sequence[Leg],
    **told: Any,
) -> EntryDraft:
    """The bank has decided for the merchant: debts are repaid first, the rest is the merchant's again."""
    legs = [
        # By way of the clearing account: a debt's floor is judged only on money that comes from an asset.
        Leg(accounts.hold, accounts.clearing, amount),
        repaying(accounts.clearing, bearer.account, bearer.debt, amount),
        Leg(limit.refundable, limit.source, again),
        *more,
    ]
    return _entry(WON, legs, **told)


def lost(amount: Money, hold: AccountId, clearing: AccountId, **told: Any) -> EntryDraft:
    """The bank has decided for the customer: the provider owes us that much less."""
    return _entry(LOST, [Leg(hold, clearing, amount)], **told)


def _entry(
    recipe: Recipe, legs: Sequence[Leg], *, title: str, about: dict[str, Any], callback_id: CallbackId | None
) -> EntryDraft:
    return EntryDraft(
        recipe=recipe,
        legs=moving(legs),
        description=title,
        is_fact=True,
        callback_id=callback_id.uuid if callback_id else None,
        metadata=about,
    )
