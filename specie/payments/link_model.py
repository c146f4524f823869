"""Payment links: a public address that makes payments. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime

from specie.kernel.ids import PartyId, PaymentLinkId
from specie.kernel.money import Currency, Money
from specie.payments.errors import LinkAmount


@dataclass(frozen=True, slots=True)
class PaymentLink:
    """A link with a fixed amount, or an open one between bounds; single or reusable. `token` is its public secret."""

    id: PaymentLinkId
    party_id: PartyId
    token: str
    description: str
    currency: Currency
    amount: Money | None
    minimum: Money | None
    maximum: Money | None
    is_reusable: bool
    is_active: bool
    expires_at: datetime | None
    uses: int
    created_at: datetime
    updated_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and now >= self.expires_at

    def chosen(self, offered: Money | None) -> Money:
        """The amount to pay. Raises LinkAmount when a fixed one is changed or an open one is out of bounds."""
        if self.amount is not None:
            if offered is not None and offered != self.amount:
                raise LinkAmount("this link has a fixed amount", param="amount")
            return self.amount
        if offered is None or offered.currency.code != self.currency.code or offered.minor <= 0:
            raise LinkAmount(f"say how much, in {self.currency}", param="amount")
        if (self.minimum is not None and offered < self.minimum) or (
            self.maximum is not None and offered > self.maximum
        ):
            raise LinkAmount("the amount is outside the link's bounds", param="amount")
        return offered
