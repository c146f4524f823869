"""Wire shapes of payment terms."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from specie.kernel.money import Money, currencies
from specie.payments.model import Terms
from specie.payments.schemas import Seconds
from specie.platform.http import Schema


def _rate(text: str) -> str:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(-1)
    if not rate.is_finite() or not 0 <= rate <= 1 or rate != round(rate, 8):
        raise PydanticCustomError("rate_invalid", "a rate is decimal text from 0 to 1 with at most 8 places")
    return text


def _known_currencies(amounts: dict[str, int]) -> dict[str, int]:
    if any(code not in currencies() or not 0 <= minor <= Money.MAX_MINOR for code, minor in amounts.items()):
        raise PydanticCustomError("field_invalid", "minor units from 0 by known currency code")
    return amounts


RateText = Annotated[str, Field(max_length=12, examples=["0.015"]), AfterValidator(_rate)]
FixedFees = Annotated[dict[str, Annotated[int, Field(strict=True)]], AfterValidator(_known_currencies)]


class TermsIn(Schema):
    """Terms to set; what is left out stays. Without a merchant they are the tenant's."""

    merchant_id: str | None = None
    fee_rate: RateText | None = None
    fee_fixed: FixedFees | None = Field(None, description="Minor units by currency", examples=[{"IDR": 100000}])
    rounding: Literal["ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_UP", "ROUND_DOWN"] | None = None
    hold_days: Annotated[int, Field(ge=0, le=365)] | None = None
    accept_late: bool | None = None
    return_urls: list[Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=2000)]] | None = Field(
        None, max_length=50
    )
    display_name: Annotated[str, Field(max_length=100)] | None = None
    accent_colour: Annotated[str, Field(pattern="^#[0-9a-f]{6}$")] | None = None
    expiry_seconds: Seconds | None = None
    refund_fee: Literal["keep", "return"] | None = Field(
        None, description="Whether the platform's fee stays with it when a payment is refunded, or goes back"
    )
    methods_off: list[Literal["qr", "virtual_account", "ewallet", "card"]] | None = Field(
        None, description="Ways to pay that are not wanted"
    )

    def wanted(self) -> dict[str, Any]:
        """Columns to set."""
        given = self.model_dump(exclude={"merchant_id"}, exclude_none=True)
        if self.fee_rate is not None:
            given["fee_rate"] = Decimal(self.fee_rate)
        return given


class TermsOut(Schema):
    """The terms in force."""

    fee_rate: str
    fee_fixed: dict[str, int]
    rounding: str
    hold_days: int
    accept_late: bool
    return_urls: list[str]
    display_name: str
    accent_colour: str
    expiry_seconds: int
    refund_fee: str
    methods_off: list[str]

    @classmethod
    def of(cls, terms: Terms) -> "TermsOut":
        """The wire form."""
        return cls(
            fee_rate=f"{terms.fee_rate.normalize():f}",
            fee_fixed=dict(terms.fee_fixed),
            rounding=terms.rounding,
            hold_days=terms.hold_days,
            accept_late=terms.accept_late,
            return_urls=list(terms.return_urls),
            display_name=terms.display_name,
            accent_colour=terms.accent_colour,
            expiry_seconds=terms.expiry_seconds,
            refund_fee=terms.refund_fee,
            methods_off=list(terms.methods_off),
        )


class ReturnKeyIn(Schema):
    """Whose key; without a merchant the tenant's."""

    merchant_id: str | None = None


class ReturnKeyOut(Schema):
    """The key, shown this once; null when the request is repeated."""

    return_key: str | None
