"""Wire shapes of payment links."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.payments.link_model import PaymentLink
from specie.payments.links import CreateLink
from specie.payments.schemas import amount_out
from specie.platform.http import Schema
from specie.platform.wire import Amount, AwareMoment, CurrencyCode, PositiveAmount, id_text


class LinkIn(Schema):
    """A link to make: a fixed amount, or an open one between bounds."""

    merchant_id: str | None = None
    currency: CurrencyCode
    description: Annotated[str, Field(min_length=1, max_length=200)]
    amount: PositiveAmount | None = Field(None, description="Left out: the customer says how much")
    minimum: PositiveAmount | None = None
    maximum: PositiveAmount | None = None
    reusable: bool = False
    expires_at: AwareMoment | None = None

    def command(self) -> CreateLink:
        """The use case's input. Raises MixedCurrencies."""
        amounts = [part.money() if part else None for part in (self.amount, self.minimum, self.maximum)]
        for part in amounts:
            if part is not None:
                _ = part + Money.of(0, self.currency)
        zero = Money.of(0, self.currency)
        return CreateLink(
            party_id=id_text(PartyId, self.merchant_id, "merchant_id") if self.merchant_id else None,
            currency=zero.currency,
            description=self.description,
            amount=amounts[0],
            minimum=amounts[1],
            maximum=amounts[2],
            is_reusable=self.reusable,
            expires_at=self.expires_at,
        )


class LinkChange(Schema):
    """What to change; what is left out stays."""

    active: bool | None = None
    description: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    expires_at: AwareMoment | None = None

    def wanted(self) -> dict[str, Any]:
        """Columns to set."""
        given = self.model_dump(exclude_unset=True)
        names = {"active": "is_active"}
        return {names.get(name, name): value for name, value in given.items() if value is not None}


class LinkOut(Schema):
    """A payment link with its public address."""

    id: str
    merchant_id: str
    url: str
    description: str
    currency: str
    amount: Amount | None
    minimum: Amount | None
    maximum: Amount | None
    reusable: bool
    active: bool
    expires_at: datetime | None
    uses: int
    created_at: datetime

    @classmethod
    def at(cls, link: PaymentLink, public_url: str) -> "LinkOut":
        """The wire form, with an address at this installation."""
        return cls(
            id=str(link.id),
            merchant_id=str(link.party_id),
            url=f"{public_url}/pay/{link.token}",
            description=link.description,
            currency=link.currency.code,
            amount=amount_out(link.amount),
            minimum=amount_out(link.minimum),
            maximum=amount_out(link.maximum),
            reusable=link.is_reusable,
            active=link.is_active,
            expires_at=link.expires_at,
            uses=link.uses,
            created_at=link.created_at,
        )
