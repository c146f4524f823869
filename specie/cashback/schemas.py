"""Wire shapes of purchases, cashback, summaries and payments from the purses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from specie.cashback.model import Accrual, Purchase
from specie.cashback.offer_schemas import WorkingStepOut, amount_of
from specie.cashback.purchases import NewPurchase, Recorded
from specie.cashback.spending import Spent
from specie.cashback.summaries import Summary
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, Note, PositiveAmount, id_text

ExternalId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$", examples=["order-1234"])]
MOST_AT_ONCE = 1000


class PurchaseIn(Schema):
    """A purchase, as the merchant tells it. Say who bought by `party_id` or by `customer_email`."""

    external_id: ExternalId
    amount: PositiveAmount
    party_id: str | None = None
    customer_email: Annotated[str, Field(max_length=254)] | None = None
    merchant_id: str | None = Field(None, description="Needed unless the caller is limited to a party")
    occurred_at: AwareMoment | None = Field(None, description="Now, when it is left out")
    status: Literal["pending", "confirmed"] = "pending"

    @model_validator(mode="after")
    def _one_customer(self) -> "PurchaseIn":
        if (self.party_id is None) is (self.customer_email is None):
            raise PydanticCustomError("customer_missing", "say who bought: party_id or customer_email")
        return self

    def command(self, party_id: PartyId) -> NewPurchase:
        """What the service takes; `party_id` is who bought."""
        return NewPurchase(
            merchant_id=id_text(PartyId, self.merchant_id, "merchant_id") if self.merchant_id else None,
            party_id=party_id,
            external_id=self.external_id,
            amount=self.amount.money(),
            occurred_at=self.occurred_at,
            is_confirmed=self.status == "confirmed",
        )


class PurchasesIn(Schema):
    """Up to a thousand purchases, each decided by itself."""

    purchases: Annotated[list[PurchaseIn], Field(min_length=1, max_length=MOST_AT_ONCE)]


class GoodsReturnIn(Schema):
    """Goods that came back, under an id of the merchant's own."""

    external_id: ExternalId
    amount: PositiveAmount


@dataclass(frozen=True, slots=True)
class ShownAccrual:
    """Cashback with the names and the purchase that its answers tell."""

    accrual: Accrual
    customer_name: str | None
    offer_name: str | None
    merchant_name: str | None
    purchase: Purchase | None
    left: Money | None


class AccrualOut(Schema):
    """What one offer gives for one purchase, and why this much."""

    id: str
    status: str
    purchase_id: str
    external_id: str | None
    purchase_amount: Amount | None
    offer_id: str
    offer_name: str | None
    rule_version: int
    party_id: str
    customer_name: str | None = Field(description="Enough to recognise somebody by, for the merchant")
    merchant_id: str
    merchant_name: str | None
    granted: Amount
    kept: Amount
    left: Amount | None = Field(description="What is unspent of available cashback")
    expired: Amount
    working: list[WorkingStepOut]
    created_at: datetime
    matures_at: datetime
    matured_at: datetime | None
    expires_at: datetime | None
    version: int

    @classmethod
    def of(cls, shown: ShownAccrual) -> "AccrualOut":
        """The wire form."""
        accrual, purchase = shown.accrual, shown.purchase
        return cls(
            id=str(accrual.id),
            status=accrual.state.value,
            purchase_id=str(accrual.purchase_id),
            external_id=purchase.external_id if purchase else None,
            purchase_amount=Amount.of(purchase.amount) if purchase else None,
            offer_id=str(accrual.offer_id),
            offer_name=shown.offer_name,
            rule_version=accrual.rule_version,
            party_id=str(accrual.party_id),
            customer_name=shown.customer_name,
            merchant_id=str(accrual.merchant_id),
            merchant_name=shown.merchant_name,
            granted=Amount.of(accrual.granted),
            kept=Amount.of(accrual.kept),
            left=amount_of(shown.left),
            expired=Amount.of(accrual.expired),
            working=[WorkingStepOut.read(step, accrual.granted.currency) for step in accrual.working],
            created_at=accrual.created_at,
            matures_at=accrual.matures_at,
            matured_at=accrual.matured_at,
            expires_at=accrual.expires_at,
            version=accrual.version,
        )


class AccruedOut(Schema):
    """What one offer gives for a purchase."""

    id: str
    offer_id: str
    status: str
    amount: Amount
    matures_at: datetime


class PurchaseOut(Schema):
    """A purchase with the cashback it brings; `is_new` is false when it had been told before."""

    id: str
    external_id: str
    merchant_id: str
    party_id: str
    status: str
    source: str
    amount: Amount
    returned: Amount
    occurred_at: datetime
    created_at: datetime
    reason: str
    version: int
    is_new: bool
    cashback: list[AccruedOut]

    @classmethod
    def of(cls, recorded: Recorded) -> "PurchaseOut":
        """The wire form."""
        purchase = recorded.purchase
        given = [
            AccruedOut(
                id=str(each.id),
                offer_id=str(each.offer_id),
                status=each.state.value,
                amount=Amount.of(each.kept),
                matures_at=each.matures_at,
            )
            for each in recorded.accruals
        ]
        return cls(
            id=str(purchase.id),
            external_id=purchase.external_id,
            merchant_id=str(purchase.merchant_id),
            party_id=str(purchase.party_id),
            status=purchase.state.value,
            source=purchase.source,
            amount=Amount.of(purchase.amount),
            returned=Amount.of(purchase.returned),
            occurred_at=purchase.occurred_at,
            created_at=purchase.created_at,
            reason=purchase.reason,
            version=purchase.version,
            is_new=recorded.is_new,
            cashback=given,
        )


class PurchaseListed(Schema):
    """A purchase in a list."""

    id: str
    external_id: str
    merchant_id: str
    party_id: str
    status: str
    source: str
    amount: Amount
    returned: Amount
    occurred_at: datetime

    @classmethod
    def of(cls, purchase: Purchase) -> "PurchaseListed":
        """The wire form."""
        return cls(
            id=str(purchase.id),
            external_id=purchase.external_id,
            merchant_id=str(purchase.merchant_id),
            party_id=str(purchase.party_id),
            status=purchase.state.value,
            source=purchase.source,
            amount=Amount.of(purchase.amount),
            returned=Amount.of(purchase.returned),
            occurred_at=purchase.occurred_at,
        )


class PurchaseOutcomeOut(Schema):
    """What became of one purchase of a batch: recorded, known before, or refused with a code."""

    external_id: str
    outcome: Literal["recorded", "known", "refused"]
    purchase: PurchaseOut | None
    code: str | None
    detail: str | None

    @classmethod
    def of(cls, external_id: str, result: Recorded | SpecieError) -> "PurchaseOutcomeOut":
        """The wire form."""
        if isinstance(result, SpecieError):
            return cls(
                external_id=external_id, outcome="refused", purchase=None, code=result.code, detail=result.detail
            )
        return cls(
            external_id=external_id,
            outcome="recorded" if result.is_new else "known",
            purchase=PurchaseOut.of(result),
            code=None,
            detail=None,
        )


class PurchaseOutcomesOut(Schema):
    """What became of each purchase of a batch, in its order."""

    data: list[PurchaseOutcomeOut]


class CashbackLotOut(Schema):
    """Available cashback that is not spent."""

    id: str
    left: Amount
    expires_at: datetime | None


class CashbackSummaryOut(Schema):
    """A customer's cashback in one currency; `expiring` is what runs out within thirty days."""

    currency: str
    wallet_id: str | None
    pending: Amount
    available: Amount
    expiring: Amount
    spent: Amount
    expired: Amount
    owed: Amount
    lots: list[CashbackLotOut]

    @classmethod
    def of(cls, summary: Summary) -> "CashbackSummaryOut":
        """The wire form."""
        lots = [
            CashbackLotOut(id=str(lot.id), left=Amount.of(left), expires_at=lot.expires_at)
            for lot, left in summary.lots
            if left.minor > 0
        ]
        return cls(
            currency=summary.currency.code,
            wallet_id=str(summary.purse.id) if summary.purse else None,
            pending=Amount.of(summary.pending),
            available=Amount.of(summary.available),
            expiring=Amount.of(summary.expiring),
            spent=Amount.of(summary.spent),
            expired=Amount.of(summary.expired),
            owed=Amount.of(summary.owed),
            lots=lots,
        )


class CashbackSummariesOut(Schema):
    """A customer's cashback, by currency."""

    data: list[CashbackSummaryOut]

    @classmethod
    def of(cls, summaries: Sequence[Summary]) -> "CashbackSummariesOut":
        """The wire form."""
        return cls(data=[CashbackSummaryOut.of(each) for each in summaries])


class PursePaymentIn(Schema):
    """Pay a merchant from the purses, cashback first."""

    merchant_id: str
    amount: PositiveAmount
    party_id: str | None = Field(None, description="Who pays; needed unless the caller is limited to a party")
    note: Note = ""


class PursePartOut(Schema):
    """What one purse paid."""

    wallet_id: str
    purpose: str
    amount: Amount


class PursePaymentOut(Schema):
    """A payment from the purses."""

    entry_id: str
    party_id: str
    merchant_id: str
    amount: Amount
    parts: list[PursePartOut]

    @classmethod
    def of(cls, spent: Spent) -> "PursePaymentOut":
        """The wire form."""
        return cls(
            entry_id=str(spent.entry_id),
            party_id=str(spent.party_id),
            merchant_id=str(spent.merchant_id),
            amount=Amount.of(spent.amount),
            parts=[
                PursePartOut(wallet_id=str(each.wallet.id), purpose=each.wallet.purpose, amount=Amount.of(each.amount))
                for each in spent.draws
            ],
        )
