"""Installments over HTTP: what happens to one order."""

from starlette.responses import Response

from specie import ledger, wallets
from specie.installments import changing, errors, orders, paying
from specie.installments.model import OrderId
from specie.installments.routes import shown
from specie.installments.schemas import (
    AcceptIn,
    AmountIn,
    OrderOut,
    OrderRef,
    PauseIn,
    PayIn,
    PayoffIn,
    QuoteOut,
    ReasonIn,
    RecoverIn,
    RescheduleIn,
)
from specie.installments.standing import Standing
from specie.kernel.permissions import Permission, Verification
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, Work, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/installments/orders/{order_id}", tags=["Installments"])

_MOVES = (errors.OrderMissing, errors.OrderCannotMove)
_WALLET = (ledger.InsufficientFunds, wallets.LimitExceeded, wallets.WalletFrozen)
_PAYS = (*_MOVES, *_WALLET, wallets.WalletCurrency, errors.NothingOwed)


def _id(order_id: str) -> OrderId:
    return id_text(OrderId, order_id, "order_id")


@router.post("/accept", status_code=200, response_model=OrderOut)
@refuses(
    *_MOVES,
    *_WALLET,
    errors.OfferExpired,
    errors.OfferStale,
    errors.CostChanged,
    errors.CreditLineExceeded,
    errors.CreditLineBlocked,
    errors.AmountOutsidePlan,
)
async def accept_order(
    order_id: str, body: AcceptIn, edge: Edge = requires(Permission.INSTALLMENTS_PAY, verification=Verification.ANY)
) -> Response:
    """The customer agrees to the cost shown: the merchant is paid, the schedule begins, all at once or not at all."""
    wanted = _id(order_id)
    return await edge.money(
        lambda uow: orders.accept(uow, wanted, body.fingerprint), lambda found: shown(found, edge), status=200
    )


@router.post("/cancel", response_model=OrderRef)
@refuses(*_MOVES)
async def cancel_order(order_id: str, edge: Edge = requires(Permission.INSTALLMENTS_CREATE)) -> Response:
    """Call an offer off before it is accepted."""
    wanted = _id(order_id)
    return await edge.write(lambda uow: orders.cancel(uow, wanted), OrderRef.of_order)


@router.post("/pay", response_model=OrderOut)
@refuses(*_PAYS, errors.PaysTooMuch)
async def pay_order(
    order_id: str, body: PayIn, edge: Edge = requires(Permission.INSTALLMENTS_PAY, verification=Verification.ANY)
) -> Response:
    """Pay from the customer's wallet: what is due first, the rest ahead of time."""
    wanted = _id(order_id)
    return await edge.money(
        lambda uow: paying.pay(uow, wanted, body.money(), body.early()), lambda found: shown(found, edge), status=200
    )


@router.post("/quote", status_code=201, response_model=QuoteOut)
@refuses(*_MOVES, errors.NothingOwed)
async def quote_payoff(order_id: str, edge: Edge = requires(Permission.INSTALLMENTS_PAY)) -> Response:
    """What paying everything off costs today, and what it saves; it holds until the day ends or the order changes."""
    wanted = _id(order_id)

    async def work(uow: UnitOfWork) -> QuoteOut:
        quote = await paying.quote(uow, wanted)
        return QuoteOut.of(quote, (await paying.order_of(uow, wanted)).currency)

    return await edge.write(work, lambda quote: quote, status=201)


@router.post("/payoff", response_model=OrderOut)
@refuses(*_PAYS, errors.QuoteMissing, errors.QuoteStale)
async def pay_off_order(
    order_id: str, body: PayoffIn, edge: Edge = requires(Permission.INSTALLMENTS_PAY, verification=Verification.ANY)
) -> Response:
    """Pay everything at a quoted price; the order ends."""
    wanted, quote = _id(order_id), body.quote()
    return await edge.money(
        lambda uow: paying.pay_off(uow, wanted, quote), lambda found: shown(found, edge), status=200
    )


@router.post("/returns", status_code=200, response_model=OrderOut)
@refuses(*_PAYS, errors.OrderKept, errors.ReturnTooLarge)
async def return_goods(
    order_id: str,
    body: AmountIn,
    edge: Edge = requires(Permission.INSTALLMENTS_CREATE, verification=Verification.ANY),
) -> Response:
    """Goods came back: the merchant pays, the plan is lowered, and what was paid beyond goes to the wallet.

    An order that pays a part of a purchase comes back with the purchase.
    """
    wanted, amount = _id(order_id), body.amount.money()
    return await _moved(edge, lambda uow: changing.return_goods(uow, wanted, amount, body.reason))


@router.post("/reschedule", response_model=OrderOut)
@refuses(*_MOVES)
async def reschedule_order(
    order_id: str, body: RescheduleIn, edge: Edge = requires(Permission.INSTALLMENTS_MANAGE)
) -> Response:
    """Divide what is open anew from today; the schedule's next version."""
    wanted = _id(order_id)
    return await _moved(edge, lambda uow: changing.reschedule(uow, wanted, body.parts, body.reason))


@router.post("/pause", response_model=OrderOut)
@refuses(*_MOVES, errors.PauseInPast)
async def pause_order(order_id: str, body: PauseIn, edge: Edge = requires(Permission.INSTALLMENTS_MANAGE)) -> Response:
    """Leave an order alone until a day; the days do not count as late."""
    wanted = _id(order_id)
    return await edge.write(
        lambda uow: changing.pause(uow, wanted, body.until, body.reason), lambda found: shown(found, edge)
    )


@router.post("/waive", response_model=OrderOut)
@refuses(*_PAYS)
async def waive_late_fee(
    order_id: str, body: AmountIn, edge: Edge = requires(Permission.INSTALLMENTS_MANAGE)
) -> Response:
    """Give up late fees."""
    wanted, amount = _id(order_id), body.amount.money()
    return await _moved(edge, lambda uow: changing.waive(uow, wanted, amount, body.reason))


@router.post("/charge-off", response_model=OrderOut)
@refuses(*_MOVES)
async def charge_off_order(
    order_id: str, body: ReasonIn, edge: Edge = requires(Permission.INSTALLMENTS_MANAGE, step_up=True)
) -> Response:
    """Expect nothing more of the customer: what is owed is a loss, and its credit line is blocked."""
    wanted = _id(order_id)
    return await _moved(edge, lambda uow: changing.charge_off(uow, wanted, body.reason))


@router.post("/recover", response_model=OrderOut)
@refuses(*_PAYS)
async def recover_order(
    order_id: str, body: RecoverIn, edge: Edge = requires(Permission.INSTALLMENTS_MANAGE)
) -> Response:
    """Take some of what was charged off from the customer's wallet after all."""
    wanted, amount = _id(order_id), body.amount.money()
    return await _moved(edge, lambda uow: paying.recover(uow, wanted, amount))


async def _moved(edge: Edge, work: Work[Standing]) -> Response:
    return await edge.money(work, lambda found: shown(found, edge), status=200)
