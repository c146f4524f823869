"""Wire shapes of plans, orders, schedules, quotes, credit lines and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.installments.collecting_store import Collection
from specie.installments.collection_schemas import CollectionOut
from specie.installments.model import Ahead, Order, Plan, PlanId, Quote, QuoteId, Terms
from specie.installments.orders import Cost, OfferOrder
from specie.installments.position import OpenLine, due_minor, next_due
from specie.installments.standing import Standing
from specie.installments.store import Version
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.http import Schema
from specie.platform.wire import Amount, BusinessDay, CurrencyCode, PositiveAmount, id_text

Minor = Annotated[int, Field(ge=0, le=2**53 - 1)]
Rate = Annotated[str, Field(pattern=r"^(0(\.\d{1,8})?|1(\.0{1,8})?)$", examples=["0.12"])]
Days = Annotated[int, Field(ge=0, le=365)]
Steps = Annotated[list[Annotated[int, Field(ge=1, le=3650)]], Field(max_length=12)]
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Reference = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$", examples=["order-1234"])]
Kind = Literal["penalty", "fee", "interest", "principal"]
AheadText = Literal["next", "last", "spread"]


class TermsIn(Schema):
    """What a customer agrees to. Amounts are minor units of the plan's currency; rates are fractions of one."""

    parts: Annotated[int, Field(ge=1, le=120)]
    interval: Literal["weekly", "fortnightly", "monthly"] = "monthly"
    down_payment: Annotated[str, Field(pattern=r"^0(\.\d{1,4})?$", examples=["0.2"])] = "0"
    month_end: Literal["clamp", "stick"] = "clamp"
    holiday_rule: Literal["keep", "next", "previous", "next_in_month"] = "keep"
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["ID"])] | None = None
    interest: Literal["none", "flat", "declining"] = "none"
    annual_rate: Rate = "0"
    cents: Literal["first", "last", "even"] = "last"
    unit_minor: Annotated[int, Field(ge=1, le=10**9)] = 1
    fee_rate: Rate = "0"
    fee_minor: Minor = 0
    fee_timing: Literal["first", "each"] = "first"
    merchant_fee_rate: Rate = "0"
    merchant_fee_minor: Minor = 0
    grace_days: Days = 3
    late_fee_minor: Minor = 0
    late_fee_rate: Rate = "0"
    late_fee_cap_minor: Minor | None = None
    min_minor: Annotated[int, Field(ge=1, le=2**53 - 1)] = 1
    max_minor: Minor | None = None
    buckets: Annotated[list[Annotated[int, Field(ge=1, le=3650)]], Field(min_length=1, max_length=12)] = Field(
        [1, 30, 60, 90]
    )
    retry_days: Steps = Field([1, 3, 7])
    remind_days: Steps = Field([3, 1])
    allocation: Annotated[list[Kind], Field(min_length=4, max_length=4)] | None = Field(
        None, description="In which order a payment pays what is owed; without one, the merchant's usual order"
    )
    ahead: AheadText = Field("next", description="What money paid early does: next parts, fewer parts, lower parts")
    returns: Literal["spread", "last"] = "spread"

    def terms(self) -> Terms:
        """The value."""
        said = self.model_dump() | {"annual_rate": str(Decimal(self.annual_rate).normalize() + 0)}
        return Terms.from_json({name: value for name, value in said.items() if (name, value) != ("allocation", None)})

    @classmethod
    def of(cls, terms: Terms) -> "TermsIn":
        """The wire form."""
        return cls(**terms.to_json())


class PlanIn(Schema):
    """A plan a merchant offers."""

    merchant_id: str | None = Field(None, description="Needed unless the caller is limited to a merchant")
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$", examples=["Four easy parts"])]
    currency: CurrencyCode
    terms: TermsIn

    def merchant(self) -> PartyId | None:
        """Whose plan."""
        return id_text(PartyId, self.merchant_id, "merchant_id") if self.merchant_id else None


class PlanOut(Schema):
    """A plan."""

    id: str
    merchant_id: str
    merchant_name: str | None
    name: str
    currency: str
    terms: TermsIn
    is_active: bool
    version: int
    created_at: datetime

    @classmethod
    def of(cls, plan: Plan, names: Mapping[PartyId, str] | None = None) -> "PlanOut":
        """The wire form."""
        return cls(
            id=str(plan.id),
            merchant_id=str(plan.merchant_id),
            merchant_name=(names or {}).get(plan.merchant_id),
            name=plan.name,
            currency=plan.currency.code,
            terms=TermsIn.of(plan.terms),
            is_active=plan.is_active,
            version=plan.version,
            created_at=plan.created_at,
        )


class PreviewIn(Schema):
    """An amount and how it would be paid: by a plan, or by terms that are being written."""

    amount: PositiveAmount
    plan_id: str | None = None
    terms: TermsIn | None = None


class LineOut(Schema):
    """What is due on one day."""

    n: int
    kind: str
    due_on: date
    principal: int
    interest: int
    fee: int
    total: int
    open: int
    status: Literal["paid", "part_paid", "due", "late", "coming"]

    @classmethod
    def of(cls, opened: OpenLine, day: date) -> "LineOut":
        """The wire form on a day."""
        line = opened.line
        return cls(
            n=line.n,
            kind=line.kind.value,
            due_on=line.due_on,
            principal=line.principal,
            interest=line.interest,
            fee=line.fee,
            total=line.total,
            open=opened.total,
            status=_status(opened, day),
        )


def _status(opened: OpenLine, day: date) -> Literal["paid", "part_paid", "due", "late", "coming"]:
    if not opened.total:
        return "paid"
    if opened.line.due_on < day:
        return "late"
    if opened.line.due_on == day:
        return "due"
    return "part_paid" if opened.total < opened.line.total else "coming"


class CostOut(Schema):
    """What an amount costs in parts. Consent to it is given by its fingerprint."""

    amount: Amount
    down_payment: Amount
    interest: Amount
    fee: Amount
    cost: Amount = Field(description="Interest and fee: what paying in parts costs beyond the price")
    total: Amount
    fingerprint: str
    lines: list[LineOut]

    @classmethod
    def of(cls, cost: Cost, day: date) -> "CostOut":
        """The wire form."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=cost.amount.currency.code)

        opened = [OpenLine(line, line.principal, line.interest, line.fee) for line in cost.lines]
        return cls(
            amount=Amount.of(cost.amount),
            down_payment=amount(cost.down_payment),
            interest=amount(cost.interest),
            fee=amount(cost.fee),
            cost=amount(cost.interest + cost.fee),
            total=amount(cost.total),
            fingerprint=cost.fingerprint,
            lines=[LineOut.of(each, day) for each in opened],
        )


class OrderIn(Schema):
    """A purchase that is to be paid by a plan, once its customer agrees."""

    plan_id: str
    amount: PositiveAmount
    reference: Reference
    title: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")] = ""
    customer_id: str | None = Field(None, description="Needed unless the caller is the customer")
    valid_for_days: Annotated[int, Field(ge=1, le=90)] = 7

    def command(self) -> OfferOrder:
        """The value."""
        return OfferOrder(
            plan_id=id_text(PlanId, self.plan_id, "plan_id"),
            amount=self.amount.money(),
            reference=self.reference,
            title=self.title,
            customer_id=id_text(PartyId, self.customer_id, "customer_id") if self.customer_id else None,
            valid_for=timedelta(days=self.valid_for_days),
        )


class OpenOut(Schema):
    """What is owed, by kind, in minor units."""

    principal: int
    interest: int
    fee: int
    penalty: int
    total: int


def order_fields(order: Order) -> dict[str, Any]:
    """What every shape of an order shows."""
    return {
        "id": str(order.id),
        "plan_id": str(order.plan_id),
        "merchant_id": str(order.merchant_id),
        "customer_id": str(order.customer_id),
        "reference": order.reference,
        "title": order.title,
        "amount": Amount.of(order.amount),
        "state": order.state.value,
        "version": order.version,
        "schedule": order.schedule,
        "created_at": order.created_at,
        "expires_at": order.expires_at,
        "bucket": order.bucket,
        "tries": order.tries,
        "paused_until": order.paused_until,
        "ended_at": order.ended_at,
    }


class OrderRef(Schema):
    """An order as it was offered or called off."""

    id: str
    plan_id: str
    merchant_id: str
    customer_id: str
    reference: str
    title: str
    amount: Amount
    state: Literal["offered", "reserved", "active", "paid", "cancelled", "expired", "charged_off"]
    version: int
    schedule: int
    created_at: datetime
    expires_at: datetime
    bucket: int = Field(description="The step of lateness reached, from 1; 0 is not late")
    tries: int = Field(description="Failed collections since the oldest open part fell due")
    paused_until: date | None
    ended_at: datetime | None

    @classmethod
    def of_order(cls, order: Order) -> "OrderRef":
        """The wire form."""
        return cls(**order_fields(order))


class NextOut(Schema):
    """The next part to come."""

    due_on: date
    amount: Amount


class OrderOut(OrderRef):
    """An order as it stands: what is open and what is due, as the ledger has it."""

    open: OpenOut
    due: Amount = Field(description="What has to be paid by now")
    paid_share: int = Field(description="Hundredths of the schedule that are paid")
    next: NextOut | None
    merchant_name: str | None
    customer_name: str | None

    @classmethod
    def of(cls, found: Standing, day: date, names: Mapping[PartyId, str] | None = None) -> "OrderOut":
        """The wire form on a day."""
        return cls(**standing_fields(found, day, names))


def standing_fields(found: Standing, day: date, names: Mapping[PartyId, str] | None) -> dict[str, Any]:
    """What every shape of a standing shows."""
    order, left, opened, known = found.order, found.left, found.opened, names or {}
    total, code = sum(line.total for line in found.lines), order.currency.code
    coming = next_due(opened, day)
    open_now = sum(each.total for each in opened)
    return order_fields(order) | {
        "open": OpenOut(
            principal=left.principal, interest=left.interest, fee=left.fee, penalty=left.penalty, total=left.total
        ),
        "due": Amount(amount=due_minor(opened, left.penalty, day), currency=code),
        "paid_share": (total - open_now) * 100 // total if total else 0,
        "next": NextOut(due_on=coming.line.due_on, amount=Amount(amount=coming.total, currency=code))
        if coming
        else None,
        "merchant_name": known.get(order.merchant_id),
        "customer_name": known.get(order.customer_id),
    }


class VersionOut(Schema):
    """One version of the schedule."""

    schedule: int
    reason: str
    made_at: datetime


class LateFeeOut(Schema):
    """A late fee."""

    due_on: date
    amount: Amount
    charged_on: date


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything there is to one order."""

    found: Standing
    day: date
    names: Mapping[PartyId, str]
    plan: Plan
    versions: Sequence[Version]
    late_fees: Sequence[tuple[date, int, date]]
    collections: Sequence[Collection]
    entries: Sequence[Mapping[str, Any]]
    offer: Cost | None
    shows_merchant_fee: bool


class OrderDetail(OrderOut):
    """An order with its schedule, its versions, late fees and postings; while it is offered, with its cost today."""

    plan_name: str
    terms: TermsIn
    lines: list[LineOut]
    versions: list[VersionOut]
    late_fees: list[LateFeeOut]
    collections: list[CollectionOut]
    entries: list[dict[str, Any]]
    consent: dict[str, Any] | None
    offer: CostOut | None

    @classmethod
    def opened(cls, detail: Detail) -> "OrderDetail":
        """The wire form."""
        order = detail.found.order
        terms = TermsIn.of(order.terms)
        if not detail.shows_merchant_fee:
            terms = terms.model_copy(update={"merchant_fee_rate": "0", "merchant_fee_minor": 0})
        return cls(
            **standing_fields(detail.found, detail.day, detail.names),
            plan_name=detail.plan.name,
            terms=terms,
            lines=[LineOut.of(each, detail.day) for each in detail.found.opened],
            versions=[VersionOut(schedule=v.schedule, reason=v.reason, made_at=v.made_at) for v in detail.versions],
            late_fees=[
                LateFeeOut(due_on=due, amount=Amount.of(Money(minor, order.currency)), charged_on=charged)
                for due, minor, charged in detail.late_fees
            ],
            collections=[CollectionOut.of(each, order.currency) for each in detail.collections],
            entries=[dict(entry) for entry in detail.entries],
            consent=dict(order.consent) if order.consent else None,
            offer=CostOut.of(detail.offer, detail.day) if detail.offer else None,
        )


class AcceptIn(Schema):
    """Consent to the cost that was shown."""

    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class PayIn(Schema):
    """What to pay; without an amount everything due, or the next part when nothing is."""

    amount: PositiveAmount | None = None
    ahead: AheadText | None = Field(None, description="What is paid early does; otherwise as the plan says")

    def money(self) -> Money | None:
        """The amount."""
        return self.amount.money() if self.amount else None

    def early(self) -> Ahead | None:
        """What an early payment does."""
        return Ahead(self.ahead) if self.ahead else None


class PayoffIn(Schema):
    """The quote to pay."""

    quote_id: str

    def quote(self) -> QuoteId:
        """Its id."""
        return id_text(QuoteId, self.quote_id, "quote_id")


class QuoteOut(Schema):
    """What paying everything off costs until the business day ends."""

    id: str
    order_id: str
    valid_on: date
    principal: Amount
    interest: Amount
    fee: Amount
    penalty: Amount
    total: Amount
    saves: Amount = Field(description="Interest that is no longer owed")

    @classmethod
    def of(cls, quote: Quote, currency: Currency) -> "QuoteOut":
        """The wire form."""

        def amount(minor: int) -> Amount:
            return Amount(amount=minor, currency=currency.code)

        pays = quote.pays
        return cls(
            id=str(quote.id),
            order_id=str(quote.order_id),
            valid_on=quote.valid_on,
            principal=amount(pays.principal),
            interest=amount(pays.interest),
            fee=amount(pays.fee),
            penalty=amount(pays.penalty),
            total=amount(pays.total),
            saves=amount(quote.rebate_minor + quote.given_back_minor),
        )


class AmountIn(Schema):
    """An amount and why."""

    amount: PositiveAmount
    reason: Reason


class RecoverIn(Schema):
    """What is paid after a charge-off."""

    amount: PositiveAmount


class RescheduleIn(Schema):
    """Into how many parts what is open is divided anew."""

    parts: Annotated[int, Field(ge=1, le=120)]
    reason: Reason


class PauseIn(Schema):
    """Until when an order is left alone."""

    until: BusinessDay
    reason: Reason


class ReasonIn(Schema):
    """Why."""

    reason: Reason
