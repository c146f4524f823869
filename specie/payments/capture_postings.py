"""The recipes around an authorisation: what may be captured is an account that no request can overdraw."""

from typing import Any

from specie import ledger
from specie.kernel.ids import AccountId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg, Recipe

AUTHORIZE = Recipe("payments.authorize", 1, undo="void the payment")
DRAW = Recipe("payments.capture_draw", 1, undo="it ends as the provider decides about the capture")
RETURN = Recipe("payments.capture_return", 1, undo="capture the payment again")
LET_GO = Recipe("payments.authorization_end", 1, undo="take a new payment")

ledger.keep(
    "Payments",
    "memo:payments:*:capturable",
    "memo:payments:*:authorized",
    instead="capture the payment or let it go",
)


def capturable_account(payment_id: PaymentId, currency: Currency) -> AccountSpec:
    """What may still be captured of an authorised payment."""
    zero = Money.zero(currency)
    return AccountSpec(
        f"memo:payments:{payment_id}:capturable", AccountType.MEMO, currency, floor=zero, name="May still be captured"
    )


def capturable_source(party_id: PartyId, currency: Currency) -> AccountSpec:
    """The other side of what may be captured of a merchant's payments."""
    return AccountSpec(f"memo:payments:{party_id}:authorized", AccountType.MEMO, currency, name="Authorized")


def authorize(capturable: AccountId, source: AccountId, amount: Money, *, about: dict[str, Any]) -> EntryDraft:
    """The customer has agreed: so much may be captured."""
    return EntryDraft(AUTHORIZE, [Leg(capturable, source, amount)], "Authorized", is_fact=True, metadata=about)


def draw(capturable: AccountId, source: AccountId, amount: Money, *, about: dict[str, Any]) -> EntryDraft:
    """A capture was asked for. Refused by the floor when more is asked than is left."""
    return EntryDraft(DRAW, [Leg(source, capturable, amount)], "Capture asked for", metadata=about)


def give_back(capturable: AccountId, source: AccountId, amount: Money, *, about: dict[str, Any]) -> EntryDraft:
    """A capture failed: it may be tried again."""
    return EntryDraft(RETURN, [Leg(capturable, source, amount)], "Capture failed", is_fact=True, metadata=about)


def let_go(capturable: AccountId, source: AccountId, amount: Money, *, about: dict[str, Any]) -> EntryDraft:
    """Nothing more will be captured: what is left is given up."""
    return EntryDraft(LET_GO, [Leg(source, capturable, amount)], "Authorization over", is_fact=True, metadata=about)
