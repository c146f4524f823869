"""The recipes of cashback: the only place where it becomes postings, and the accounts they use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specie import ledger
from specie.cashback.model import PURSE, Accrual, AccrualId, Offer, OfferId, TakenBack
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving

FUND = Recipe("cashback.fund", 1, undo="withdraw from the budget of the offer")
WITHDRAW = Recipe("cashback.withdraw", 1, undo="fund the offer again")
ACCRUE = Recipe("cashback.accrue", 1, undo="reject the purchase, or note what came back of it")
MATURE = Recipe("cashback.mature", 1, undo="note what came back of the purchase")
TAKE_BACK = Recipe("cashback.take_back", 1, undo="report a new purchase")
EXPIRE = Recipe("cashback.expire", 1, undo="it is final: other cashback may be given instead")
SPEND = Recipe("cashback.spend", 1, undo="let the merchant send the money back with a transfer")

ledger.keep(
    "Cashback",
    "liability:cashback:offers:*:budget",
    "liability:cashback:pending:*:*",
    "memo:cashback:",
    instead="fund, change or end the offer",
)
ledger.keep(
    "Cashback",
    f"liability:wallets:*:{PURSE}:available",
    instead="give or take it with an offer, or bring it in with an opening position",
)
ledger.keep(
    "Cashback",
    "expense:cashback:promotions",
    "income:cashback:breakage",
    instead="it stays open; post what is to be moved",
    takes_journals=True,
)


@dataclass(frozen=True, slots=True)
class Counters:
    """The memo accounts that keep count of what an offer has given: in all, and to this customer where that is capped.

    What is given is below zero and the cap is the floor.
    """

    source: AccountId
    total: AccountId
    user: AccountId | None


def budget_account(offer_id: OfferId, merchant_id: PartyId, currency: Currency) -> AccountSpec:
    """What an offer may still give: paid in before, so it can never give more."""
    return AccountSpec(
        f"liability:cashback:offers:{offer_id}:budget",
        AccountType.LIABILITY,
        currency,
        owner=merchant_id,
        floor=Money.zero(currency),
        name="Cashback budget",
    )


def accrual_account(accrual_id: AccrualId, party_id: PartyId, currency: Currency) -> AccountSpec:
    """Cashback on its way to a customer."""
    return AccountSpec(
        f"liability:cashback:pending:{party_id}:{accrual_id}",
        AccountType.LIABILITY,
        currency,
        owner=party_id,
        floor=Money.zero(currency),
        name="Cashback on its way",
    )


def source_account(offer_id: OfferId, currency: Currency) -> AccountSpec:
    """The other side of an offer's counters."""
    return AccountSpec(f"memo:cashback:{offer_id}:source", AccountType.MEMO, currency)


def total_account(offer_id: OfferId, currency: Currency, cap: Money | None) -> AccountSpec:
    """What an offer has given in all; its cap is the floor."""
    return AccountSpec(
        f"memo:cashback:{offer_id}:total", AccountType.MEMO, currency, floor=None if cap is None else -cap
    )


def user_account(offer_id: OfferId, party_id: PartyId, currency: Currency, cap: Money) -> AccountSpec:
    """What an offer has given to one customer; the cap is the floor."""
    return AccountSpec(f"memo:cashback:{offer_id}:users:{party_id}", AccountType.MEMO, currency, floor=-cap)


def promotion_account(currency: Currency) -> AccountSpec:
    """What the house spends on its own offers."""
    return AccountSpec("expense:cashback:promotions", AccountType.EXPENSE, currency, name="Own cashback offers")


def breakage_account(currency: Currency) -> AccountSpec:
    """Cashback that nobody has spent in time."""
    return AccountSpec("income:cashback:breakage", AccountType.INCOME, currency, name="Cashback that ran out")


def fund(payer: AccountId, offer: Offer, amount: Money, limits: Sequence[Leg]) -> EntryDraft:
    """Money into an offer's budget, from the merchant's wallet or as the house's expense."""
    return EntryDraft(FUND, [Leg(payer, offer.budget, amount), *limits], f"Budget of {offer.name}", metadata=_of(offer))


def withdraw(offer: Offer, taker: AccountId, amount: Money, limits: Sequence[Leg]) -> EntryDraft:
    """Money out of an offer's budget, to where it came from."""
    legs = [Leg(offer.budget, taker, amount), *limits]
    return EntryDraft(WITHDRAW, legs, f"Budget of {offer.name} taken out", metadata=_of(offer))


def accrue(offer: Offer, accrual: Accrual, counters: Counters) -> EntryDraft:
    """Cashback is set aside from the budget for a customer, and counted against the caps."""
    legs = [Leg(offer.budget, accrual.account, accrual.granted), *_counted(counters, accrual.granted)]
    return EntryDraft(ACCRUE, legs, f"Cashback: {offer.name}", metadata=_about(accrual))


def mature(accrual: Accrual, purse: AccountId, debt: AccountId, repaid: Money, limits: Sequence[Leg]) -> EntryDraft:
    """Cashback becomes the customer's to spend; what is owed is repaid first."""
    legs = [Leg(accrual.account, debt, repaid), Leg(accrual.account, purse, accrual.kept - repaid), *limits]
    return _fact(MATURE, legs, "Cashback is available", accrual)


@dataclass(frozen=True, slots=True)
class TakenFrom:
    """The accounts from which the cashback of returned goods may come."""

    purse: AccountId
    debt: AccountId
    breakage: AccountId


def take_back(
    offer: Offer, accrual: Accrual, taken: TakenBack, places: TakenFrom, counters: Counters, limits: Sequence[Leg]
) -> EntryDraft:
    """The offer gets back what it gave for goods that came back."""
    legs = [
        Leg(accrual.account, offer.budget, taken.waiting),
        Leg(places.breakage, offer.budget, taken.breakage),
        Leg(places.purse, offer.budget, taken.purse),
        Leg(places.debt, offer.budget, taken.debt),
        *_given_back(counters, taken.to_budget),
        *limits,
    ]
    return _fact(TAKE_BACK, legs, f"Cashback taken back: {offer.name}", accrual)


def expire(accrual: Accrual, purse: AccountId, breakage: AccountId, amount: Money, limits: Sequence[Leg]) -> EntryDraft:
    """Cashback that nobody has spent in time is earned by the house."""
    return _fact(EXPIRE, [Leg(purse, breakage, amount), *limits], "Cashback has run out", accrual)


def spend(
    parts: Sequence[tuple[AccountId, Money]], taker: AccountId, limits: Sequence[Leg], note: str, about: dict[str, Any]
) -> EntryDraft:
    """A customer pays a merchant from several purses at once."""
    legs = [*(Leg(purse, taker, amount) for purse, amount in parts), *limits]
    return EntryDraft(SPEND, legs, note or "Paid with cashback", metadata=about)


def _counted(counters: Counters, amount: Money) -> list[Leg]:
    accounts = [counters.total, *([counters.user] if counters.user else [])]
    return [Leg(counters.source, account, amount) for account in accounts]


def _given_back(counters: Counters, amount: Money) -> list[Leg]:
    accounts = [counters.total, *([counters.user] if counters.user else [])]
    return [Leg(account, counters.source, amount) for account in accounts]


def _fact(recipe: Recipe, legs: Sequence[Leg], title: str, accrual: Accrual) -> EntryDraft:
    return EntryDraft(recipe, moving(legs), title, is_fact=True, metadata=_about(accrual))


def _about(accrual: Accrual) -> dict[str, Any]:
    return {
        "accrual_id": str(accrual.id),
        "purchase_id": str(accrual.purchase_id),
        "offer_id": str(accrual.offer_id),
        "rule_version": accrual.rule_version,
    }


def _of(offer: Offer) -> dict[str, Any]:
    return {"offer_id": str(offer.id)}
