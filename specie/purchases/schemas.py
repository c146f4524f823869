"""Wire shapes of purchases, their tenders and refunds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from specie.approvals import Approval
from specie.cashback import Accrual
from specie.installments import Plan, PlanId
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.http import Schema
from specie.platform.wire import Amount, PositiveAmount, id_text
from specie.purchases.detail import Detail, Possible, Preview, ShownLeg, ShownRefund
from specie.purchases.line_schemas import (
    LineBackIn,
    PurchaseGoodsIn,
    PurchaseGoodsOut,
    PurchaseLineIn,
    PurchaseLineOut,
    ReturnedLineOut,
    ReturnedStockOut,
    lines_in,
)
from specie.purchases.model import Purchase, TenderKind, Wish
from specie.purchases.service import OpenPurchase

Kind = Literal["cashback", "wallet", "installments", "provider"]
Reference = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$", examples=["order-1234"])]
Names = Mapping[PartyId, str]
Told = Sequence[dict[str, Any]]
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class OpenPurchaseIn(Schema):
    """A purchase to be paid by tenders of its customer's choice."""

    merchant_id: str | None = Field(None, description="Needed unless the caller is limited to a party")
    customer_id: str | None = Field(None, description="Without one, whoever signs in on its page and pays it first")
    reference: Reference
    amount: PositiveAmount | None = Field(None, description="Needed unless `goods` says what it comes to")
    title: Text = ""
    valid_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 24 * 7
    lines: Annotated[list[PurchaseLineIn], Field(max_length=200)] = Field(
        default_factory=list, description="The goods; together they cost the amount. Needed to return by lines"
    )
    goods: PurchaseGoodsIn | None = Field(
        None,
        description="In place of amount and lines: products of the business's own catalogue. "
        "Paying them issues the invoice and moves the stock",
    )
    tenders: Annotated[list[Kind], Field(min_length=1, max_length=4)] = Field(
        default_factory=lambda: [kind.value for kind in TenderKind], description="What the customer may pay with"
    )

    def command(self) -> OpenPurchase:
        """What the service takes."""
        return OpenPurchase(
            merchant_id=id_text(PartyId, self.merchant_id, "merchant_id") if self.merchant_id else None,
            customer_id=id_text(PartyId, self.customer_id, "customer_id") if self.customer_id else None,
            reference=self.reference,
            amount=self.amount.money() if self.amount else None,
            title=self.title,
            valid_for=timedelta(hours=self.valid_hours),
            lines=lines_in(self.lines),
            tenders=[TenderKind(kind) for kind in self.tenders],
            goods=self.goods.goods() if self.goods else None,
            currency=Currency.of(self.goods.currency) if self.goods else None,
        )


class TenderIn(Schema):
    """A tender to pay with. Without an amount it gives as much as it can and is needed."""

    kind: Kind
    amount: PositiveAmount | None = None
    plan_id: str | None = Field(None, description="The plan, for installments")
    fingerprint: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="The cost the customer agrees to, as the preview names it; for installments"
    )

    def wish(self) -> Wish:
        """What the service takes."""
        return Wish(
            TenderKind(self.kind),
            self.amount.money() if self.amount else None,
            id_text(PlanId, self.plan_id, "plan_id") if self.plan_id else None,
            self.fingerprint,
        )


class TendersIn(Schema):
    """The tenders that pay a purchase together; each kind once."""

    tenders: Annotated[list[TenderIn], Field(min_length=1, max_length=4)]

    def wishes(self) -> list[Wish]:
        """What the service takes."""
        return [tender.wish() for tender in self.tenders]


class PossiblePlanOut(Schema):
    """A plan of the merchant."""

    id: str
    name: str
    parts: int

    @classmethod
    def of(cls, plan: Plan) -> "PossiblePlanOut":
        """The wire form."""
        return cls(id=str(plan.id), name=plan.name, parts=plan.terms.parts)


class PossibleTenderOut(Schema):
    """A tender the customer could choose."""

    kind: Kind
    most: Amount | None = Field(description="The most it can give now; null when there is no end to it")
    plans: list[PossiblePlanOut]

    @classmethod
    def of(cls, found: Possible) -> "PossibleTenderOut":
        """The wire form."""
        most = Amount.of(found.most) if found.most is not None else None
        return cls(kind=found.kind.value, most=most, plans=[PossiblePlanOut.of(plan) for plan in found.plans])


class PossibleTendersOut(Schema):
    """What a purchase could be paid with, in the order in which tenders pay."""

    data: list[PossibleTenderOut]

    @classmethod
    def of(cls, found: Sequence[Possible]) -> "PossibleTendersOut":
        """The wire form."""
        return cls(data=[PossibleTenderOut.of(each) for each in found])


class ShareOut(Schema):
    """What one tender would pay."""

    kind: Kind
    amount: Amount


class TenderCostOut(Schema):
    """What the part in installments costs; consent to it by its fingerprint."""

    fingerprint: str
    down_payment: Amount
    interest: Amount
    fee: Amount
    total: Amount
    lines: list[dict[str, Any]]


class TenderPlanOut(Schema):
    """Who would pay how much; the shares add up to the purchase."""

    shares: list[ShareOut]
    cost: TenderCostOut | None

    @classmethod
    def of(cls, found: Preview) -> "TenderPlanOut":
        """The wire form."""
        shares = [ShareOut(kind=each.wish.kind.value, amount=Amount.of(each.amount)) for each in found.shares]
        cost = found.cost
        if cost is None:
            return cls(shares=shares, cost=None)

        def amount(minor: int) -> Amount:
            return Amount.of(Money(minor, cost.amount.currency))

        shown = TenderCostOut(
            fingerprint=cost.fingerprint,
            down_payment=amount(cost.down_payment),
            interest=amount(cost.interest),
            fee=amount(cost.fee),
            total=amount(cost.total),
            lines=[{"due_on": line.due_on.isoformat(), "total": line.total} for line in cost.lines],
        )
        return cls(shares=shares, cost=shown)


class PurchaseListedOut(Schema):
    """A purchase in a list."""

    id: str
    merchant_id: str
    merchant_name: str | None
    customer_id: str | None = Field(description="Null while nobody has taken on a purchase that named nobody")
    customer_name: str | None
    reference: str
    title: str
    amount: Amount
    status: str = Field(description="open, held, completed, cancelled or expired")
    failure: str | None = Field(description="Why what had been set aside was given back the last time")
    version: int
    created_at: datetime
    expires_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, purchase: Purchase, names: Names) -> "PurchaseListedOut":
        """The wire form."""
        return cls(**_fields(purchase, names))


class PurchaseLegOut(Schema):
    """What one tender pays, and what has gone back by it."""

    n: int
    kind: Kind
    amount: Amount
    returned: Amount
    wallet_id: str | None
    order_id: str | None
    payment_id: str | None
    entry_id: str | None
    checkout_url: str | None = Field(description="Where the customer pays the provider's part while it is missing")


class PurchaseRefundLegOut(Schema):
    """What went back by one leg."""

    n: int
    kind: Kind
    amount: Amount
    entry_id: str
    payment_refund_id: str | None
    status: str = Field(description="done, or for the provider's part the state of its refund")


class PurchaseRefundOut(Schema):
    """Some of a purchase that was given back, or in a dry run would be. Its legs add up to its amount."""

    id: str
    amount: Amount
    reason: str
    created_at: datetime
    created_by: str
    entry_id: str
    cashback_taken_back: Amount
    legs: list[PurchaseRefundLegOut]
    lines: list[ReturnedLineOut]
    credit_note_id: str | None = Field(description="What took back this part of the invoice")
    stock: list[ReturnedStockOut] = Field(description="What comes into the warehouse again; not to the customer")
    entries: list[dict[str, Any]] = Field(description="What is posted; not to the customer")


class EarnedOut(Schema):
    """Cashback the purchase has brought, as it stands now."""

    id: str
    status: str
    granted: Amount
    kept: Amount
    available_from: datetime

    @classmethod
    def of(cls, accrual: Accrual) -> "EarnedOut":
        """The wire form."""
        return cls(
            id=str(accrual.id),
            status=accrual.state.value,
            granted=Amount.of(accrual.granted),
            kept=Amount.of(accrual.kept),
            available_from=accrual.matures_at,
        )


class TenderedPurchaseOut(PurchaseListedOut):
    """A purchase with its legs, its refunds and the cashback it has brought."""

    tenders: list[Kind] = Field(description="What the merchant takes, in the order in which tenders pay")
    page_url: str | None = Field(description="Where the customer, signed in, chooses tenders and pays")
    lines: list[PurchaseLineOut]
    sells_goods: bool = Field(description="Of the business's own catalogue; then refunds name lines")
    goods: PurchaseGoodsOut | None = Field(description="The invoice and delivery it made; null before it is completed")
    legs: list[PurchaseLegOut]
    refunds: list[PurchaseRefundOut]
    earned: list[EarnedOut]
    returnable: Amount
    entries: list[dict[str, Any]] = Field(description="What was posted; not to the customer")

    @classmethod
    def told(cls, found: Detail, names: Names, public_url: str) -> "TenderedPurchaseOut":
        """The wire form."""
        kinds = {each.leg.n: each.leg.kind for each in found.legs}
        return cls(
            **_fields(found.purchase, names),
            tenders=[kind.value for kind in found.purchase.tenders],
            page_url=f"{public_url}{found.page_path}" if found.page_path else None,
            lines=[PurchaseLineOut.of(line, returned) for line, returned in found.lines],
            sells_goods=found.purchase.sells_goods,
            goods=PurchaseGoodsOut.of(found.goods) if found.goods else None,
            legs=[_leg(each, public_url) for each in found.legs],
            refunds=[refund_out(each, kinds, found.entries) for each in found.refunds],
            earned=[EarnedOut.of(each) for each in found.earned],
            returnable=Amount.of(found.returnable),
            entries=list(found.entries),
        )


class PurchaseRefundIn(Schema):
    """A refund to make: an amount, or goods by lines. Without either, everything that is left."""

    amount: PositiveAmount | None = None
    lines: Annotated[list[LineBackIn], Field(max_length=200)] = Field(default_factory=list)
    reason: Text = ""


class PurchaseRefundAsked(Schema):
    """A refund that a second person decides; nothing has moved, and there is no refund yet."""

    approval_id: str
    status: Literal["needs_approval"]
    amount: Amount
    expires_at: datetime

    @classmethod
    def of(cls, approval: Approval, currency: Currency) -> "PurchaseRefundAsked":
        """The wire form."""
        return cls(
            approval_id=str(approval.id),
            status="needs_approval",
            amount=Amount.of(approval.amount if approval.amount is not None else Money.zero(currency)),
            expires_at=approval.expires_at,
        )


def refund_out(found: ShownRefund, kinds: dict[int, TenderKind], entries: Told = ()) -> PurchaseRefundOut:
    """The wire form of a refund, given the kinds of the purchase's legs."""
    refund = found.refund
    return PurchaseRefundOut(
        id=str(refund.id),
        amount=Amount.of(refund.amount),
        reason=refund.reason,
        created_at=refund.created_at,
        created_by=refund.created_by,
        entry_id=str(refund.entry_id),
        cashback_taken_back=Amount.of(refund.taken_back),
        legs=[
            PurchaseRefundLegOut(
                n=leg.n,
                kind=kinds[leg.n].value,
                amount=Amount.of(leg.amount),
                entry_id=str(leg.entry_id),
                payment_refund_id=str(leg.payment_refund_id) if leg.payment_refund_id else None,
                status=found.at_provider.state.value if leg.payment_refund_id and found.at_provider else "done",
            )
            for leg in refund.legs
        ],
        lines=[ReturnedLineOut.of(each) for each in found.lines],
        credit_note_id=_text(refund.credit_note_id),
        stock=[ReturnedStockOut.of(n, each) for n, each in sorted(found.stock.items())],
        entries=[each for each in entries if each["entry_id"] in _entries(found)],
    )


def _entries(found: ShownRefund) -> set[str]:
    return {str(each) for each in (*(leg.entry_id for leg in found.refund.legs), *found.entries)}


def _leg(shown: ShownLeg, public_url: str) -> PurchaseLegOut:
    leg = shown.leg
    return PurchaseLegOut(
        n=leg.n,
        kind=leg.kind.value,
        amount=Amount.of(leg.amount),
        returned=Amount.of(shown.returned),
        wallet_id=_text(leg.wallet_id),
        order_id=_text(leg.order_id),
        payment_id=_text(leg.payment_id),
        entry_id=_text(leg.entry_id),
        checkout_url=f"{public_url}{shown.checkout_path}" if shown.checkout_path else None,
    )


def _text(value: object | None) -> str | None:
    return str(value) if value is not None else None


def _fields(purchase: Purchase, names: Names) -> dict[str, Any]:
    return {
        "id": str(purchase.id),
        "merchant_id": str(purchase.merchant_id),
        "merchant_name": names.get(purchase.merchant_id),
        "customer_id": str(purchase.customer_id) if purchase.customer_id else None,
        "customer_name": names.get(purchase.customer_id) if purchase.customer_id else None,
        "reference": purchase.reference,
        "title": purchase.title,
        "amount": Amount.of(purchase.amount),
        "status": purchase.state.value,
        "failure": purchase.failure,
        "version": purchase.version,
        "created_at": purchase.created_at,
        "expires_at": purchase.expires_at,
        "completed_at": purchase.completed_at,
    }
