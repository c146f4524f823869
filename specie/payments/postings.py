"""The recipes of payments: the only place where a collected payment becomes postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, CallbackId, ConnectionId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving

CAPTURE = Recipe("payments.capture", 2, undo="refund the payment")
SUSPENSE = Recipe(
    "payments.suspense", 2, undo="book where the money belongs with a manual journal, and close the exception"
)
RELEASE = Recipe("payments.release", 1, undo="refund the payment")

ledger.keep(
    "Payments",
    "asset:providers:*:clearing",
    "expense:fees:providers:*",
    "income:fees:payments",
    "liability:suspense:payments",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


@dataclass(frozen=True, slots=True)
class CaptureAccounts:
    """Where the parts of a collected payment go, and where it is kept what may be refunded of it."""

    clearing: AccountId
    platform_fee: AccountId
    provider_fee: AccountId
    refundable: AccountId
    refundable_source: AccountId


@dataclass(frozen=True, slots=True)
class Taker:
    """A merchant's share: what the merchant owes is repaid first, the rest goes to its account.

    Without `debt` all of it goes to the account: the merchant's settlement repays, within its cap.
    """

    account: AccountId
    debt: AccountId | None
    amount: Money

    def leg(self, clearing: AccountId) -> Leg:
        """How the share arrives."""
        if self.debt is None:
            return Leg(clearing, self.account, self.amount)
        return Leg(clearing, self.debt, self.amount, remainder=self.account)


@dataclass(frozen=True, slots=True)
class Shares:
    """The parts of a collected payment; the takers' and the platform fee add up to what the customer paid."""

    takers: Sequence[Taker]
    platform_fee: Money
    provider_fee: Money
    refundable: Money
    limits: Sequence[Leg] = ()


def clearing_account(connection_id: ConnectionId, currency: Currency) -> AccountSpec:
    """What a provider owes us: it has collected, and not yet paid over."""
    return AccountSpec(
        f"asset:providers:{connection_id}:clearing", AccountType.ASSET, currency, name="Provider clearing"
    )


def platform_fee_account(currency: Currency) -> AccountSpec:
    """What the tenant earns on payments."""
    return AccountSpec("income:fees:payments", AccountType.INCOME, currency, name="Payment fees earned")


def provider_fee_account(connection_id: ConnectionId, currency: Currency) -> AccountSpec:
    """What a provider keeps for its work."""
    return AccountSpec(f"expense:fees:providers:{connection_id}", AccountType.EXPENSE, currency, name="Provider fees")


def suspense_account(currency: Currency) -> AccountSpec:
    """Money that arrived and does not fit a payment, until a person decides."""
    return AccountSpec("liability:suspense:payments", AccountType.LIABILITY, currency, name="Payments in suspense")


def capture(
    accounts: CaptureAccounts, shares: Shares, *, title: str, about: dict[str, Any], **cause: Any
) -> EntryDraft:
    """The customer has paid the provider: merchant's share, other merchants' shares and our fee are separate postings.

    The provider's own fee leaves the clearing account, so that clearing holds exactly what will be settled. What may
    be refunded is funded in the same entry.
    """
    legs = [
        *(taker.leg(accounts.clearing) for taker in shares.takers),
        Leg(accounts.clearing, accounts.platform_fee, shares.platform_fee),
        Leg(accounts.provider_fee, accounts.clearing, shares.provider_fee),
        Leg(accounts.refundable, accounts.refundable_source, shares.refundable),
        *shares.limits,
    ]
    return _fact(CAPTURE, legs, title, about, **cause)


@dataclass(frozen=True, slots=True)
class SuspenseAccounts:
    """Where money that does not fit comes from and waits, and what the provider's fee is booked to."""

    clearing: AccountId
    suspense: AccountId
    provider_fee: AccountId


def set_aside(
    accounts: SuspenseAccounts, amount: Money, provider_fee: Money, *, title: str, about: dict[str, Any], **cause: Any
) -> EntryDraft:
    """Money arrived that does not fit: it is ours to give back or to assign, so all of it waits as a liability.

    The provider has kept its fee all the same.
    """
    legs = [
        Leg(accounts.clearing, accounts.suspense, amount),
        Leg(accounts.provider_fee, accounts.clearing, provider_fee),
    ]
    return _fact(SUSPENSE, legs, f"In suspense: {title}", about, **cause)


def release(
    shares: Sequence[tuple[AccountId, AccountId, Money]],
    limits: Sequence[Leg],
    *,
    title: str,
    about: dict[str, Any],
) -> EntryDraft:
    """The hold is over: each merchant's share goes from pending to available."""
    legs = [Leg(pending, available, amount) for pending, available, amount in shares]
    return _fact(RELEASE, [*legs, *limits], f"Released: {title}", about)


def _fact(
    recipe: Recipe,
    legs: Sequence[Leg],
    description: str,
    about: dict[str, Any],
    *,
    effective_at: datetime | None = None,
    callback_id: CallbackId | None = None,
) -> EntryDraft:
    return EntryDraft(
        recipe=recipe,
        legs=moving(legs),
        description=description,
        effective_at=effective_at,
        is_fact=True,
        callback_id=callback_id.uuid if callback_id else None,
        metadata=about,
    )
