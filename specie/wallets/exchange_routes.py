"""Exchange rates, exchanges and revaluation over HTTP."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from specie.kernel.ids import WalletId
from specie.kernel.money import Currency, UnknownCurrency
from specie.kernel.permissions import Permission, Verification
from specie.ledger import InsufficientFunds, PeriodClosed
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Schema, refuses, requires
from specie.platform.wire import Amount, BusinessDay, CurrencyCode, PositiveAmount, id_text
from specie.wallets import errors, exchange, revaluation
from specie.wallets.exchange import Exchanged
from specie.wallets.exchange_model import Rate

router = ApiRouter(tags=["Exchange"])

_MOST = Decimal(10) ** 12


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != round(number, 12):
        raise PydanticCustomError("rate_invalid", "a rate is decimal text with at most 12 places")
    return number


def _rate(text: str) -> str:
    if not 0 < _decimal(text) < _MOST:
        raise PydanticCustomError("rate_invalid", "a rate is above zero and below 10^12")
    return text


def _spread(text: str) -> str:
    number = _decimal(text)
    if not 0 <= number < 1 or number != round(number, 8):
        raise PydanticCustomError("rate_invalid", "a spread is a part of one with at most 8 places, such as 0.005")
    return text


class RateIn(Schema):
    """The rate from now on: one unit of the base buys so many units of the quote."""

    rate: Annotated[str, Field(max_length=30, examples=["15850.25"]), AfterValidator(_rate)]
    spread: Annotated[str, Field(max_length=12, examples=["0.005"]), AfterValidator(_spread)] = "0"


class RateOut(Schema):
    """A rate in force; the house keeps `spread` (a part of one) of what is bought."""

    base: str
    quote: str
    rate: str
    spread: str
    actor: str
    at: datetime

    @classmethod
    def of(cls, rate: Rate) -> "RateOut":
        """The wire form."""
        return cls(
            base=rate.base.code,
            quote=rate.quote.code,
            rate=f"{rate.rate:f}",
            spread=f"{rate.spread:f}",
            actor=rate.actor,
            at=rate.at,
        )


class ExchangeIn(Schema):
    """Sell an amount of one wallet for the currency of another wallet of the same party."""

    from_wallet_id: str
    to_wallet_id: str
    amount: PositiveAmount
    at_least: PositiveAmount | None = Field(None, description="Refused when the rate gives less than this")


class ExchangeOut(Schema):
    """An exchange that was made, or would be."""

    entry_id: str
    from_wallet_id: str
    to_wallet_id: str
    sold: Amount
    bought: Amount
    rate: RateOut


class RevaluationIn(Schema):
    """Value the open positions as of the end of a business date."""

    currency: CurrencyCode
    day: Annotated[BusinessDay, Field(examples=["2026-10-31"])]


class RevaluationOut(Schema):
    """The entry that posted the gain or loss; null when there was none."""

    entry_id: str | None


@router.get("/exchange-rates", response_model=list[RateOut])
async def list_rates(edge: Edge = requires(Permission.WALLETS_READ)) -> list[RateOut]:
    """The rate in force of every pair."""
    return [RateOut.of(rate) for rate in await edge.read(exchange.recorded_rates)]


@router.put("/exchange-rates/{base}/{quote}", response_model=RateOut)
@refuses(errors.WalletCurrency, UnknownCurrency)
async def set_rate(
    base: Annotated[str, Path(pattern="^[A-Z]{3}$")],
    quote: Annotated[str, Path(pattern="^[A-Z]{3}$")],
    body: RateIn,
    edge: Edge = requires(Permission.LEDGER_ADMIN),
) -> Response:
    """Put a rate in force from now on; earlier ones stay on record."""
    pair = (Currency.of(base), Currency.of(quote))
    rate, spread = Decimal(body.rate), Decimal(body.spread)
    return await edge.write(lambda uow: exchange.set_rate(uow, *pair, rate, spread), RateOut.of)


@router.post("/exchanges", status_code=201, response_model=ExchangeOut)
@refuses(
    errors.WalletMissing,
    errors.OtherOwner,
    errors.WalletCurrency,
    errors.RateMissing,
    errors.RateMoved,
    errors.AmountTooSmall,
    errors.LimitExceeded,
    errors.WalletFrozen,
    InsufficientFunds,
)
async def make_exchange(
    body: ExchangeIn, edge: Edge = requires(Permission.TRANSFERS_CREATE, verification=Verification.ANY)
) -> Response:
    """Exchange money between two wallets of one party at the rate in force."""
    seller = id_text(WalletId, body.from_wallet_id, "from_wallet_id")
    buyer = id_text(WalletId, body.to_wallet_id, "to_wallet_id")
    at_least = body.at_least.money() if body.at_least else None

    def shown(made: Exchanged) -> ExchangeOut:
        return ExchangeOut(
            entry_id=str(made.entry.id),
            from_wallet_id=str(seller),
            to_wallet_id=str(buyer),
            sold=Amount.of(made.sold),
            bought=Amount.of(made.bought),
            rate=RateOut.of(made.rate),
        )

    return await edge.money(lambda uow: exchange.exchange(uow, seller, buyer, body.amount.money(), at_least), shown)


@router.post("/ledger/revaluations", status_code=201, response_model=RevaluationOut)
@refuses(errors.DayNotOver, errors.RateMissing, PeriodClosed)
async def revalue(body: RevaluationIn, edge: Edge = requires(Permission.LEDGER_POST)) -> Response:
    """Post what the positions in other currencies have gained or lost by the end of a day; again posts nothing."""
    home = Currency.of(body.currency)

    async def work(uow: UnitOfWork) -> RevaluationOut:
        entry = await revaluation.revalue(uow, home, body.day)
        return RevaluationOut(entry_id=str(entry.id) if entry else None)

    return await edge.money(work, lambda shown: shown)
