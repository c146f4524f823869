"""Plans, orders and what moves them; no I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from specie.installments.errors import OrderCannotMove, TermsInvalid
from specie.kernel.ids import AccountId, PartyId, PrefixedId
from specie.kernel.money import Currency, Money


class PlanId(PrefixedId, prefix="ipl"):
    """What a merchant offers: how an amount may be paid in parts."""


class OrderId(PrefixedId, prefix="ino"):
    """One purchase that is paid in parts."""


class QuoteId(PrefixedId, prefix="iqt"):
    """What paying an order off costs on one day."""


class Interval(StrEnum):
    """How far apart the parts are due."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


class Interest(StrEnum):
    """What interest is worked out on: nothing, the amount financed, or what is still owed."""

    NONE = "none"
    FLAT = "flat"
    DECLINING = "declining"


class MonthEnd(StrEnum):
    """What follows a first due date on the last day of a short month: its day number, or always the last day."""

    CLAMP = "clamp"
    STICK = "stick"


class HolidayRule(StrEnum):
    """Where a due date moves that is not a working day."""

    KEEP = "keep"
    NEXT = "next"
    PREVIOUS = "previous"
    NEXT_IN_MONTH = "next_in_month"


class Cents(StrEnum):
    """Which part takes the minor units that do not divide."""

    FIRST = "first"
    LAST = "last"
    EVEN = "even"


class FeeTiming(StrEnum):
    """Whether the customer's fee is due with the first part or a share of it with each."""

    FIRST = "first"
    EACH = "each"


class Component(StrEnum):
    """What a customer owes, by kind; each is an account of the order."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class Ahead(StrEnum):
    """What money paid before it is due does: pays the next parts, shortens from the last, or lowers all."""

    NEXT = "next"
    LAST = "last"
    SPREAD = "spread"


class ReturnPolicy(StrEnum):
    """Which parts a return lowers."""

    SPREAD = "spread"
    LAST = "last"


USUAL = (Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
"""In which order a payment pays what is owed, where nobody has said otherwise."""


def require_complete(allocation: tuple[Component, ...]) -> tuple[Component, ...]:
    """An order that names each kind once. Raises TermsInvalid."""
    if set(allocation) != set(Component) or len(allocation) != len(Component):
        raise TermsInvalid("name each of penalty, fee, interest and principal once", param="allocation")
    return allocation


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer agrees to. Amounts are minor units of the plan's currency, rates are fractions of one."""

    parts: int
    interval: Interval = Interval.MONTHLY
    down_payment: Decimal = Decimal(0)
    month_end: MonthEnd = MonthEnd.CLAMP
    holiday_rule: HolidayRule = HolidayRule.KEEP
    country: str | None = None
    interest: Interest = Interest.NONE
    annual_rate: Decimal = Decimal(0)
    cents: Cents = Cents.LAST
    unit_minor: int = 1
    fee_rate: Decimal = Decimal(0)
    fee_minor: int = 0
    fee_timing: FeeTiming = FeeTiming.FIRST
    merchant_fee_rate: Decimal = Decimal(0)
    merchant_fee_minor: int = 0
    grace_days: int = 3
    late_fee_minor: int = 0
    late_fee_rate: Decimal = Decimal(0)
    late_fee_cap_minor: int | None = None
    min_minor: int = 1
    max_minor: int | None = None
    buckets: tuple[int, ...] = (1, 30, 60, 90)
    retry_days: tuple[int, ...] = (1, 3, 7)
    remind_days: tuple[int, ...] = (3, 1)
    allocation: tuple[Component, ...] = USUAL
    ahead: Ahead = Ahead.NEXT
    returns: ReturnPolicy = ReturnPolicy.SPREAD

    def to_json(self) -> dict[str, Any]:
        """The form in which an order keeps what was agreed."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Terms":
        """Read what `to_json` wrote."""
        return cls(**{name: _READ.get(name, _same)(value) for name, value in kept.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def _same(value: Any) -> Any:
    return value


_READ: dict[str, Any] = {
    "interval": Interval,
    "down_payment": Decimal,
    "month_end": MonthEnd,
    "holiday_rule": HolidayRule,
    "interest": Interest,
    "annual_rate": Decimal,
    "cents": Cents,
    "fee_rate": Decimal,
    "fee_timing": FeeTiming,
    "merchant_fee_rate": Decimal,
    "late_fee_rate": Decimal,
    "buckets": tuple,
    "retry_days": tuple,
    "remind_days": tuple,
    "allocation": lambda value: tuple(Component(each) for each in value),
    "ahead": Ahead,
    "returns": ReturnPolicy,
}


def require_sound(terms: Terms) -> Terms:
    """The terms, if a schedule can be made from them. Raises TermsInvalid that names the field."""
    if terms.interest is Interest.DECLINING and terms.cents is not Cents.LAST:
        raise TermsInvalid("with declining interest the last part takes the remainder", param="cents")
    if (terms.interest is Interest.NONE) != (terms.annual_rate == 0):
        raise TermsInvalid("a rate belongs to flat and declining interest", param="annual_rate")
    if terms.holiday_rule is not HolidayRule.KEEP and terms.country is None:
        raise TermsInvalid("say whose holidays move a due date", param="country")
    require_complete(terms.allocation)
    for name in ("buckets", "retry_days"):
        steps = getattr(terms, name)
        if list(steps) != sorted(set(steps)) or any(step < 1 for step in steps):
            raise TermsInvalid("give rising numbers of days, from one on", param=name)
    if terms.max_minor is not None and terms.max_minor < terms.min_minor:
        raise TermsInvalid("the largest amount is below the smallest", param="max_minor")
    return terms


@dataclass(frozen=True, slots=True)
class Plan:
    """One way of paying in parts that a merchant offers in one currency. Its terms never change; it can be ended."""

    id: PlanId
    merchant_id: PartyId
    name: str
    currency: Currency
    terms: Terms
    is_active: bool
    version: int
    created_at: datetime


class OrderState(StrEnum):
    """Where an order can be."""

    OFFERED = "offered"
    RESERVED = "reserved"
    """Consented to as a part of a larger purchase that is not decided yet; its credit is set aside."""
    ACTIVE = "active"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    CHARGED_OFF = "charged_off"


class OrderEvent(StrEnum):
    """What can happen to an order."""

    ACCEPT = "accept"
    RESERVE = "reserve"
    BEGIN = "begin"
    LET_GO = "let_go"
    CANCEL = "cancel"
    EXPIRE = "expire"
    CHANGE = "change"
    PAY_ALL = "pay_all"
    CHARGE_OFF = "charge_off"
    RECOVER = "recover"


ORDER_NEXT: dict[tuple[OrderState, OrderEvent], OrderState] = {
    (OrderState.OFFERED, OrderEvent.ACCEPT): OrderState.ACTIVE,
    (OrderState.OFFERED, OrderEvent.CANCEL): OrderState.CANCELLED,
    (OrderState.OFFERED, OrderEvent.EXPIRE): OrderState.EXPIRED,
    (OrderState.OFFERED, OrderEvent.RESERVE): OrderState.RESERVED,
    (OrderState.RESERVED, OrderEvent.BEGIN): OrderState.ACTIVE,
    (OrderState.RESERVED, OrderEvent.LET_GO): OrderState.CANCELLED,
    (OrderState.ACTIVE, OrderEvent.CHANGE): OrderState.ACTIVE,
    (OrderState.ACTIVE, OrderEvent.PAY_ALL): OrderState.PAID,
    (OrderState.ACTIVE, OrderEvent.CHARGE_OFF): OrderState.CHARGED_OFF,
    # Goods may come back after the last part was paid, and what was charged off may still be paid.
    (OrderState.PAID, OrderEvent.CHANGE): OrderState.PAID,
    (OrderState.CHARGED_OFF, OrderEvent.RECOVER): OrderState.CHARGED_OFF,
}


@dataclass(frozen=True, slots=True)
class OrderAccounts:
    """The accounts of one running order. What is open of it is the balance of the first four.

    `unearned` is interest that has been promised and not yet run. `line` and `source` are the customer's memo
    accounts; `returnable` is how much of the purchase may still come back, `written_off` what may still be recovered.
    """

    principal: AccountId
    interest: AccountId
    fee: AccountId
    penalty: AccountId
    unearned: AccountId
    line: AccountId
    source: AccountId
    returnable: AccountId
    written_off: AccountId

    def receivable(self, component: Component) -> AccountId:
        """The account of what is owed of one kind."""
        return {
            Component.PRINCIPAL: self.principal,
            Component.INTEREST: self.interest,
            Component.FEE: self.fee,
            Component.PENALTY: self.penalty,
        }[component]


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase paid in parts. `schedule` is the version of its lines in force.

    `earned_through` is the last day whose interest is in the books; `act_on` the next day on which something is due
    to happen; `tries` counts failed collections since the oldest open part fell due; `bucket` is how late it is, as
    the step of the plan's buckets it has reached (0: not late).
    """

    id: OrderId
    plan_id: PlanId
    merchant_id: PartyId
    customer_id: PartyId
    reference: str
    title: str
    amount: Money
    terms: Terms
    state: OrderState
    version: int
    schedule: int
    created_at: datetime
    expires_at: datetime
    starts_on: date | None = None
    accounts: OrderAccounts | None = None
    consent: Mapping[str, Any] | None = None
    earned_through: date | None = None
    act_on: date | None = None
    paused_until: date | None = None
    tries: int = 0
    bucket: int = 0
    ended_at: datetime | None = None

    @property
    def currency(self) -> Currency:
        """The currency of everything in it."""
        return self.amount.currency

    def after(self, event: OrderEvent, **changes: Any) -> "Order":
        """The order after an event, with other changes. Raises OrderCannotMove."""
        state = ORDER_NEXT.get((self.state, event))
        if state is None:
            raise OrderCannotMove(f"{self.id} is {self.state}", state=self.state.value)
        return replace(self, state=state, version=self.version + 1, **changes)

    def running(self) -> OrderAccounts:
        """Its accounts. Raises OrderCannotMove while nobody has accepted it."""
        if self.accounts is None:
            raise OrderCannotMove(f"{self.id} is {self.state}", state=self.state.value)
        return self.accounts


@dataclass(frozen=True, slots=True)
class Open:
    """What is owed of an order by kind, in minor units: the balances of its accounts."""

    principal: int
    interest: int
    fee: int
    penalty: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.fee + self.penalty


@dataclass(frozen=True, slots=True)
class Quote:
    """What paying an order off costs through one business day, and what is saved by it. Minor units by kind."""

    id: QuoteId
    order_id: OrderId
    order_version: int
    valid_on: date
    pays: Open
    rebate_minor: int
    given_back_minor: int

    @property
    def total_minor(self) -> int:
        """What the customer pays."""
        return self.pays.total


@dataclass(frozen=True, slots=True)
class CreditLine:
    """How much a customer may owe at the same time, and how much is taken up."""

    party_id: PartyId
    limit: Money
    used: Money
    is_blocked: bool

    @property
    def left(self) -> Money:
        """What may still be bought in parts."""
        return self.limit - self.used

    def told(self) -> dict[str, Any]:
        """What was decided about it, for the audit log."""
        return {"limit": self.limit.as_json(), "used": self.used.as_json(), "is_blocked": self.is_blocked}
