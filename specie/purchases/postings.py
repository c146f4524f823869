"""The recipes of purchases: the only place where they become postings, and the accounts they use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from specie import ledger
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Recipe
from specie.ledger import Leg as Posted
from specie.payments import Bearing
from specie.purchases.model import Purchase, PurchaseId
from specie.wallets import TakenHold, Wallet, incoming_legs, leaving_legs

HAND_OVER = Recipe("purchases.hand_over", 2, undo="refund the purchase")
COMPLETE = Recipe("purchases.complete", 1, undo="refund the purchase")
REFUND = Recipe("purchases.refund", 1, undo="take a new purchase")
GIVE_BACK = Recipe("purchases.give_back", 2, undo="take a new purchase")

ledger.keep("Purchases", "memo:purchases:*:returnable", "memo:purchases:*:sold", instead="refund the purchase")


@dataclass(frozen=True, slots=True)
class Taker:
    """Who gets money: its wallet, what it owes and repays of it first, and the place for what a cap has no room for.

    For a merchant with terms of settlement it waits as pending, and the settlement repays what is owed.
    """

    wallet: Wallet
    debt: AccountId
    repaid: Money
    over: AccountId
    is_settled: bool = False


def returnable_account(purchase_id: PurchaseId, currency: Currency) -> AccountSpec:
    """What may still be given back of a purchase; no request can take it below zero, however many race."""
    return AccountSpec(
        f"memo:purchases:{purchase_id}:returnable",
        AccountType.MEMO,
        currency,
        floor=Money.zero(currency),
        name="May still be given back",
    )


def returnable_source(merchant_id: PartyId, currency: Currency) -> AccountSpec:
    """The other side of what may be given back of a merchant's purchases."""
    return AccountSpec(f"memo:purchases:{merchant_id}:sold", AccountType.MEMO, currency, name="Sold, returnable")


def over_limit_account(currency: Currency) -> AccountSpec:
    """Takes the part of an arrival that a wallet's cap has no room for: a completed purchase is never refused."""
    return AccountSpec("memo:limits:over", AccountType.MEMO, currency, name="Arrivals above a wallet's cap")


def hand_over(purchase: Purchase, taken: Sequence[TakenHold], merchant: Taker) -> EntryDraft:
    """What a wallet had set aside goes to the merchant."""
    limits = [leg for each in taken for leg in each.limits]
    legs = [leg for each in taken for leg in _arriving(each.hold.account_id, each.amount, merchant)]
    return _entry(HAND_OVER, purchase, purchase.title or "Purchase", [*legs, *limits])


def complete(purchase: Purchase, returnable: AccountId, source: AccountId) -> EntryDraft:
    """All tenders have paid: so much may come back from now on."""
    return _entry(COMPLETE, purchase, "Purchase completed", [Posted(returnable, source, purchase.amount)])


def refund(purchase: Purchase, amount: Money, returnable: AccountId, source: AccountId) -> EntryDraft:
    """Some of a purchase is given back; refused when not so much is left."""
    return _entry(REFUND, purchase, "Purchase refunded", [Posted(source, returnable, amount)])


def give_back(purchase: Purchase, amount: Money, merchant: Bearing, customer: Taker) -> EntryDraft:
    """The merchant returns what a wallet paid. It is refused only when the merchant does not have it."""
    legs = _arriving(merchant.account, amount, customer)
    left = [] if merchant.is_pending else leaving_legs(merchant.wallet, amount)
    return _entry(GIVE_BACK, purchase, f"Refund: {purchase.title}", [*legs, *left])


def _arriving(payer: AccountId, amount: Money, taker: Taker) -> list[Posted]:
    """Money for a party: what it owes is repaid first, the rest is its wallet's; all of it waits for a settlement."""
    if taker.is_settled:
        return [Posted(payer, taker.wallet.pending_account, amount)]
    repaid = min(taker.repaid, amount)
    rest = amount - repaid
    limits = incoming_legs(taker.wallet, rest) if rest.minor else []
    return [
        Posted(payer, taker.debt, repaid),
        Posted(payer, taker.wallet.available_account, rest),
        *(replace(leg, remainder=taker.over) for leg in limits),
    ]


def _entry(recipe: Recipe, purchase: Purchase, title: str, legs: Sequence[Posted]) -> EntryDraft:
    return EntryDraft(
        recipe,
        [leg for leg in legs if leg.amount is not None and leg.amount.minor > 0],
        f"{title} ({purchase.reference})",
        is_fact=True,
        metadata={"purchase_id": str(purchase.id), "merchant_id": str(purchase.merchant_id)},
    )
