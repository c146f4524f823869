"""What the hosted page shows, decided from a payment and its attempts. No I/O, no clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from specie.checkout.errors import AmountUnreadable
from specie.kernel.ids import CheckoutId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payments import Attempt, AttemptState, Payment, PaymentState
from specie.providers import ChargeKind

KEPT_AFTER_EXPIRY = timedelta(days=7)
_GROUP = 3
_WHOLE = re.compile(r"[0-9]{1,20}|[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3}){0,5}")
_DIGITS = re.compile("[0-9]*")


class Stage(StrEnum):
    """What the customer sees."""

    CHOOSE = "choose"
    WAITING = "waiting"
    CONFIRMING = "confirming"
    """An order whose answer is missing: nothing may be started again until the provider has told."""
    DECLINED = "declined"
    REVIEW = "review"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment's hosted page."""

    id: CheckoutId
    payment_id: PaymentId
    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where it is, below this installation's address."""
        return f"/checkout/{self.token}"


@dataclass(frozen=True, slots=True)
class Brand:
    """Who asks for the money, and in which colour."""

    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Glance:
    """How a payment stands, in three values."""

    stage: Stage
    version: int
    seconds_left: int


@dataclass(frozen=True, slots=True)
class View:
    """Everything a page needs."""

    checkout: Checkout
    payment: Payment
    stage: Stage
    attempt: Attempt | None
    methods: Sequence[ChargeKind]
    brand: Brand
    is_test: bool
    now: datetime
    return_link: str | None
    order_path: str | None
    """The page of the purchase that the payment pays a part of."""

    @property
    def seconds_left(self) -> int:
        """Until the payment expires, by the tenant's own clock."""
        return max(0, int((self.payment.expires_at - self.now).total_seconds()))


_BY_STATE = {
    PaymentState.PAID: Stage.PAID,
    PaymentState.AUTHORIZED: Stage.PAID,
    PaymentState.PARTLY_CAPTURED: Stage.PAID,
    PaymentState.EXPIRED: Stage.EXPIRED,
    PaymentState.CANCELLED: Stage.CANCELLED,
}


def stage_of(payment: Payment, attempts: Sequence[Attempt], now: datetime) -> Stage:
    """What to show. Money that has arrived comes first, then what is still under way, then time."""
    if payment.state is PaymentState.PAID:
        return Stage.PAID
    if any(attempt.is_in_review for attempt in attempts):
        return Stage.REVIEW
    if payment.state in _BY_STATE:
        return _BY_STATE[payment.state]
    live = next((attempt for attempt in attempts if attempt.is_live), None)
    if live is not None and live.state is not AttemptState.PENDING:
        return Stage.CONFIRMING
    if payment.expires_at <= now:
        return Stage.EXPIRED
    if live is not None:
        return Stage.WAITING
    return Stage.DECLINED if payment.state is PaymentState.FAILED else Stage.CHOOSE


def read_amount(text: str, currency: Currency) -> Money:
    """An amount as people type it: `15000`, `15.000`, `15,000.50`. Raises AmountUnreadable or AmountOutOfRange.

    A separator before exactly three digits groups thousands, unless the currency itself has three decimals.
    """
    typed = text.strip().replace(" ", "").replace("\u00a0", "")
    whole, fraction = typed, ""
    last = max(typed.rfind("."), typed.rfind(","))
    decimals = len(typed) - last - 1
    if last > 0 and decimals <= currency.exponent and (decimals != _GROUP or currency.exponent == _GROUP):
        whole, fraction = typed[:last], typed[last + 1 :]
    if not _WHOLE.fullmatch(whole) or not _DIGITS.fullmatch(fraction):
        raise AmountUnreadable("type digits, for example 15000", param="amount")
    digits = whole.replace(".", "").replace(",", "") + fraction.ljust(currency.exponent, "0")
    return Money(int(digits), currency)
