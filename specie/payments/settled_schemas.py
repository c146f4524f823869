"""Wire shapes of what modules above add to a payment about where its money is: they hand plain values over."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field

from specie.kernel.ids import PartyId
from specie.platform.http import Schema
from specie.platform.wire import Amount


class ProviderMoneyOut(Schema):
    """What an entry changed about what a provider owes, and when and whether that has come. Below zero: given back."""

    connection_id: str
    connection_name: str
    entry_id: str
    amount: Amount = Field(description="After the provider's own fee")
    collected_at: datetime
    expected_on: date | None = Field(description="Null while the connection does not say when it pays over")
    status: str = Field(description="expected, confirmed (by the provider), arrived, written_off or untracked")
    overdue: bool


class SettledLineOut(Schema):
    """What a settlement took in of a payment: below zero it was taken off."""

    cause: str
    amount: Amount
    entry_id: str
    recorded_at: datetime


class TakenLineOut(Schema):
    """What was taken from a settlement as a whole."""

    cause: str
    amount: Amount


class PaymentSettlementOut(Schema):
    """When and how a merchant was paid over its money from a payment. The lines sum to `amount`."""

    settlement_id: str
    merchant_id: str
    merchant_name: str | None
    day: date = Field(description="The business day that was settled")
    made_at: datetime
    status: str = Field(description="in_wallet, not_paid_out, paying_out or paid_out")
    payout_id: str | None = Field(description="The last payout made of the settlement")
    amount: Amount = Field(description="What the settlement paid over of this payment, after the platform's fee")
    lines: list[SettledLineOut]
    taken_from_whole: list[TakenLineOut] = Field(
        description="What was kept in reserve, taken as a fee or repaid, of all that was settled; not of one payment"
    )

    @classmethod
    def named(cls, told: Mapping[str, Any], names: Mapping[PartyId, str]) -> "PaymentSettlementOut":
        """The wire form of what settlement tells."""
        return cls(**told, merchant_name=names.get(PartyId.parse(told["merchant_id"])))
