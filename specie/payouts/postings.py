"""The recipes of payouts: the only place where money that leaves becomes postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, CallbackId, ConnectionId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving

SETTLE = Recipe("payouts.settle", 1, undo="it has left: it is given back when the provider returns it")
RETURN = Recipe("payouts.return", 1, undo="send the payout again")
SUSPENSE = Recipe("payouts.suspense", 1, undo="book where the money belongs with a manual journal")

ledger.keep(
    "Payouts",
    "asset:suspense:payouts",
    "income:fees:payouts",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


@dataclass(frozen=True, slots=True)
class Places:
    """The accounts a payout touches."""

    clearing: AccountId
    fee: AccountId
    provider_fee: AccountId


def clearing_account(connection_id: ConnectionId, currency: Currency) -> AccountSpec:
    """What a provider owes us; money it paid out for us is owed no more."""
    return AccountSpec(
        f"asset:providers:{connection_id}:clearing", AccountType.ASSET, currency, name="Provider clearing"
    )


def fee_account(currency: Currency) -> AccountSpec:
    """What the tenant earns on payouts."""
    return AccountSpec("income:fees:payouts", AccountType.INCOME, currency, name="Payout fees earned")


def provider_fee_account(connection_id: ConnectionId, currency: Currency) -> AccountSpec:
    """What a provider keeps for its work."""
    return AccountSpec(f"expense:fees:providers:{connection_id}", AccountType.EXPENSE, currency, name="Provider fees")


def suspense_account(currency: Currency) -> AccountSpec:
    """Money that left and does not fit a payout, until a person decides."""
    return AccountSpec("asset:suspense:payouts", AccountType.ASSET, currency, name="Payouts in suspense")


def settle(
    held: AccountId, places: Places, amount: Money, fee: Money, provider_fee: Money, *, title: str, **cause: Any
) -> EntryDraft:
    """The provider has paid: what was held is gone, our fee is earned, and the provider has taken its own."""
    legs = [
        Leg(held, places.clearing, amount),
        Leg(held, places.fee, fee),
        Leg(places.provider_fee, places.clearing, provider_fee),
    ]
    return _fact(SETTLE, legs, title, **cause)


def give_back(
    wallet: AccountId, places: Places, amount: Money, fee: Money, limits: Sequence[Leg], *, title: str, **cause: Any
) -> EntryDraft:
    """The money came back: the wallet has it again with our fee; what the provider took for its work stays with it."""
    legs = [Leg(places.clearing, wallet, amount), Leg(places.fee, wallet, fee), *limits]
    return _fact(RETURN, legs, title, **cause)


def set_aside(suspense: AccountId, clearing: AccountId, amount: Money, *, title: str, **cause: Any) -> EntryDraft:
    """Money left that fits no payout: it is ours to get back, so it waits as an asset."""
    return _fact(SUSPENSE, [Leg(suspense, clearing, amount)], f"In suspense: {title}", **cause)


def _fact(
    recipe: Recipe,
    legs: Sequence[Leg],
    title: str,
    *,
    about: dict[str, Any],
    effective_at: datetime | None = None,
    callback_id: CallbackId | None = None,
) -> EntryDraft:
    return EntryDraft(
        recipe=recipe,
        legs=moving(legs),
        description=title,
        effective_at=effective_at,
        is_fact=True,
        callback_id=callback_id.uuid if callback_id else None,
        metadata=about,
    )
