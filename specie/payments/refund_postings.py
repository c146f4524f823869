"""The recipes of refunds: reserved at the request, paid or given back by the provider's answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, CallbackId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe, moving
from specie.payments.refund_model import RefundId

RESERVE = Recipe("payments.refund_reserve", 1, undo="it ends as the provider decides about the refund")
PAY = Recipe("payments.refund_pay", 1, undo="take a new payment")
GIVE_BACK = Recipe("payments.refund_give_back", 1, undo="refund the payment again")
OUTSIDE = Recipe("payments.refund_outside", 1, undo="take a new payment")
TAKE_BACK = Recipe("payments.refund_take_back", 1, undo="refund the payment again")

ledger.keep(
    "Payments",
    "liability:payments:refunds:*",
    "memo:payments:*:refundable",
    "memo:payments:*:collected",
    "memo:payments:over",
    instead="refund the payment",
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Somebody who bears a part: the account it is taken from, and where it goes when that cannot bear it."""

    account: AccountId
    amount: Money
    debt: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """The account of what may still be refunded, its other side, and the place for what a fact takes beyond it."""

    refundable: AccountId
    source: AccountId
    over: AccountId


def refund_account(refund_id: RefundId, currency: Currency) -> AccountSpec:
    """Money on its way back to a customer, until the provider has decided."""
    zero = Money.zero(currency)
    return AccountSpec(
        f"liability:payments:refunds:{refund_id}", AccountType.LIABILITY, currency, floor=zero, name="On its way back"
    )


def refundable_account(payment_id: PaymentId, currency: Currency) -> AccountSpec:
    """What may still be refunded of a payment; no request can take it below zero, however many race."""
    zero = Money.zero(currency)
    return AccountSpec(
        f"memo:payments:{payment_id}:refundable", AccountType.MEMO, currency, floor=zero, name="May still be refunded"
    )


def refundable_source(party_id: PartyId, currency: Currency) -> AccountSpec:
    """The other side of what may be refunded of a merchant's payments."""
    return AccountSpec(f"memo:payments:{party_id}:collected", AccountType.MEMO, currency, name="Collected, refundable")


def over_refunded_account(currency: Currency) -> AccountSpec:
    """Takes what providers gave back beyond what we knew to be refundable: a fact is never refused."""
    return AccountSpec("memo:payments:over", AccountType.MEMO, currency, name="Refunded beyond what was refundable")


def reserve(
    bearers: Sequence[Bearer], refund: AccountId, amount: Money, limit: Limit, more: Sequence[Leg], **told: Any
) -> EntryDraft:
    """A refund is wanted: its parts leave those who bear them, and the limit shrinks. Refused by any floor."""
    legs = [
        Leg(limit.source, limit.refundable, amount),
        *(Leg(bearer.account, refund, bearer.amount) for bearer in bearers),
        *more,
    ]
    return _entry(RESERVE, legs, is_fact=False, **told)


def pay(
    refund: AccountId, clearing: AccountId, provider_fee: AccountId, amount: Money, fee: Money, **told: Any
) -> EntryDraft:
    """The provider has given the money to the customer: it owes us that much less, and its fee for it."""
    return _entry(PAY, [Leg(refund, clearing, amount), Leg(provider_fee, clearing, fee)], is_fact=True, **told)


def give_back(
    bearers: Sequence[Bearer], refund: AccountId, amount: Money, limit: Limit, more: Sequence[Leg], **told: Any
) -> EntryDraft:
    """The provider certainly gave nothing: every part returns, and may be refunded again."""
    legs = [
        *(Leg(refund, bearer.account, bearer.amount) for bearer in bearers),
        Leg(limit.refundable, limit.source, amount),
        *more,
    ]
    return _entry(GIVE_BACK, legs, is_fact=True, **told)


def outside(
    bearers: Sequence[Bearer], clearing: AccountId, amount: Money, limit: Limit, more: Sequence[Leg], **told: Any
) -> EntryDraft:
    """The provider gave money back without us: all of it is posted; what its bearers lack becomes their debt."""
    legs = [
        Leg(limit.source, limit.refundable, amount, remainder=limit.over),
        *(Leg(bearer.account, clearing, bearer.amount, remainder=bearer.debt) for bearer in bearers),
        *more,
    ]
    return _entry(OUTSIDE, legs, is_fact=True, **told)


def take_back(
    bearers: Sequence[Bearer], clearing: AccountId, amount: Money, limit: Limit, more: Sequence[Leg], **told: Any
) -> EntryDraft:
    """A refund came back from the customer's bank: debts are repaid first, the rest is theirs again."""
    legs = [
        *(repaying(clearing, bearer.account, bearer.debt, bearer.amount) for bearer in bearers),
        Leg(limit.refundable, limit.source, amount),
        *more,
    ]
    return _entry(TAKE_BACK, legs, is_fact=True, **told)


def repaying(source: AccountId, account: AccountId, debt: AccountId | None, amount: Money) -> Leg:
    """Money for a party: first against what it owes, the rest to its account; decided under the lock."""
    return Leg(source, account, amount) if debt is None else Leg(source, debt, amount, remainder=account)


def _entry(
    recipe: Recipe,
    legs: Sequence[Leg],
    *,
    is_fact: bool,
    title: str,
    about: dict[str, Any],
    callback_id: CallbackId | None = None,
) -> EntryDraft:
    return EntryDraft(
        recipe=recipe,
        legs=moving(legs),
        description=title,
        is_fact=is_fact,
        callback_id=callback_id.uuid if callback_id else None,
        metadata=about,
    )
