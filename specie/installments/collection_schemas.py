"""Wire shape of collections that were charged to saved ways to pay."""

from datetime import date

from pydantic import Field

from specie.installments.collecting_store import Collection
from specie.kernel.money import Currency, Money
from specie.platform.http import Schema
from specie.platform.wire import Amount


class CollectionOut(Schema):
    """What was charged to the customer's saved method because the wallet had too little."""

    day: date
    payment_id: str
    amount: Amount
    status: str = Field(description="open, collected or missed")

    @classmethod
    def of(cls, found: Collection, currency: Currency) -> "CollectionOut":
        """The wire form."""
        amount = Amount.of(Money(found.amount_minor, currency))
        return cls(day=found.day, payment_id=str(found.payment_id), amount=amount, status=found.state)
