"""The flows that are tried against each other. Each is made ready for a trial and returns its unit of work."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

from specie import billing, catalogue, payments, payouts, sales, stock, wallets
from specie.billing import receiving
from specie.billing.model import Invoice, LineDraft, Method
from specie.catalogue import Particulars, ProductId, ProductKind
from specie.installments import orders, paying
from specie.kernel.ids import PaymentId, RequestId, UserId
from specie.kernel.money import Money
from specie.kernel.quantity import Quantity
from specie.kernel.scope import Actor, ActorKind
from specie.payments import refund_approval
from specie.payouts import PayoutId, RequestPayout
from specie.payouts import store as payout_store
from specie.payouts.model import reference_of
from specie.platform.db import UnitOfWork
from specie.providers import ChargeState, PayoutFact, PayoutState, ProviderFact, Trust
from specie.purchases import service as purchases
from specie.purchases.model import TenderKind, Wish
from specie.sales.model import Order
from specie.stock import DeliverLine, Occasion
from specie.wallets import Hold
from tests.interleavings.trade import ON_SHELF, SPENDS, Act, Trade
from tests.support.shop import IDR, rupiah

Prepare = Callable[[Trade], Awaitable[Act]]


async def transfer(trade: Trade) -> Act:
    """The customer sends most of what is there."""
    return lambda uow: wallets.transfer(uow, trade.own.id, trade.friend.id, rupiah(SPENDS))


async def hold(trade: Trade) -> Act:
    """Most of what the customer has is set aside."""
    return lambda uow: wallets.place_hold(uow, trade.own.id, rupiah(SPENDS), reason="a table")


async def capture(trade: Trade) -> Act:
    """What was set aside is taken."""
    held = await _held(trade)
    return lambda uow: wallets.capture_hold(uow, held.id, trade.sold.available_account)


async def release(trade: Trade) -> Act:
    """The same is given back."""
    held = await _held(trade)
    return lambda uow: wallets.release_hold(uow, held.id)


async def payment(trade: Trade) -> Act:
    """The provider says that the merchant's payment was made."""
    fact = await _charge_fact(trade)
    return lambda uow: payments.apply(uow, fact)


async def payment_cancelled(trade: Trade) -> Act:
    """The merchant calls off the same payment."""
    fact = await _charge_fact(trade)
    assert fact
    payment_id: PaymentId = trade.made["waiting"]
    return lambda uow: payments.cancel(uow, payment_id)


async def refund(trade: Trade) -> Act:
    """The merchant gives most of another payment back."""
    payment_id: PaymentId = await trade.share("paid", lambda: _paid(trade))
    toolbox = trade.market.shop.services["providers"]
    return lambda uow: refund_approval.request(uow, toolbox, payment_id, rupiah(SPENDS), "a test")


async def payout(trade: Trade) -> Act:
    """The merchant asks for most of what is there."""
    command = _payout_of(trade)
    return lambda uow: payouts.request(uow, command)


async def payout_done(trade: Trade) -> Act:
    """The provider says that an earlier payout arrived."""
    return await _told_of_payout(trade, PayoutState.SUCCEEDED)


async def payout_failed(trade: Trade) -> Act:
    """The provider says that the same payout came to nothing."""
    return await _told_of_payout(trade, PayoutState.FAILED)


async def cashback(trade: Trade) -> Act:
    """The customer pays a purchase with most of the cashback there is."""
    minor = 18_000
    purchase = await trade.market.ask(minor)
    wishes = [Wish(TenderKind.CASHBACK, rupiah(minor))]
    ring = trade.market.shop.services["vault"]
    return lambda uow: purchases.pay(uow, ring, purchase.id, wishes)


async def purchase(trade: Trade) -> Act:
    """The customer pays one purchase from the wallet; two of these flows are a double click."""
    asked = await trade.share("purchase", lambda: trade.market.ask(SPENDS))
    wishes = [Wish(TenderKind.WALLET, rupiah(SPENDS))]
    ring = trade.market.shop.services["vault"]
    return lambda uow: purchases.pay(uow, ring, asked.id, wishes)


async def installment(trade: Trade) -> Act:
    """The customer pays a part of an order."""
    order_id = await trade.share("order", lambda: _ordered(trade))
    return lambda uow: paying.pay(uow, order_id, rupiah(SPENDS))


async def invoice(trade: Trade) -> Act:
    """Money comes in for all of one invoice."""
    owed: Invoice = await trade.share("invoice", lambda: _invoiced(trade))
    command = receiving.Receive(
        trade.market.customer, rupiah(SPENDS), Method.BANK, "transfer", [(owed.id, rupiah(SPENDS))]
    )
    return lambda uow: receiving.receive(uow, command)


async def sale(trade: Trade) -> Act:
    """Most of what lies on the shelf is delivered."""
    goods = DeliverLine(trade.product, Quantity.of(ON_SHELF - 4))
    return lambda uow: stock.deliver(uow, trade.warehouse.id, [goods], Occasion())


async def charge(trade: Trade) -> Act:
    """An order of goods is charged; nothing of it has left."""
    order = await _goods_ordered(trade)
    ring = trade.market.shop.services["vault"]
    return lambda uow: sales.invoice(uow, ring, order.id)


async def credit(trade: Trade) -> Act:
    """Another order of the same goods was charged, and that is taken back."""
    order = await _goods_ordered(trade)
    ring = trade.market.shop.services["vault"]
    charged: Invoice = await trade.do(lambda uow: sales.invoice(uow, ring, order.id))
    return lambda uow: billing.credit(uow, ring, charged.id, "a test")


FLOWS: dict[str, Prepare] = {
    flow.__name__: flow
    for flow in (
        *(transfer, hold, capture, release, payment, payment_cancelled, refund),
        *(payout, payout_done, payout_failed, cashback, purchase, installment, invoice, sale),
        *(charge, credit),
    )
}


async def _held(trade: Trade) -> Hold:
    async def make() -> Hold:
        return await trade.do(lambda uow: wallets.place_hold(uow, trade.own.id, rupiah(SPENDS), reason="a table"))  # type: ignore[no-any-return]

    return await trade.share("hold", make)  # type: ignore[no-any-return]


async def _charge_fact(trade: Trade) -> ProviderFact:
    async def make() -> ProviderFact:
        payment_id = await trade.market.shop.payment("lost", minor=SPENDS)
        trade.made["waiting"] = payment_id
        await trade.market.shop.pay(payment_id)
        return await trade.market.fact(payment_id)

    return await trade.share("fact", make)  # type: ignore[no-any-return]


async def _paid(trade: Trade) -> PaymentId:
    payment_id = await trade.market.shop.payment("lost", minor=SPENDS + 1_000)
    await trade.market.shop.pay(payment_id)
    await trade.market.tell(await trade.market.fact(payment_id, ChargeState.PAID))
    return payment_id


def _payout_of(trade: Trade) -> RequestPayout:
    return RequestPayout(
        trade.till.beneficiary, str(RequestId.new()), Money(SPENDS, IDR), party_id=trade.market.merchant
    )


async def _told_of_payout(trade: Trade, state: PayoutState) -> Act:
    payout_id: PayoutId = await trade.share("payout", lambda: _sent(trade))
    [attempt] = await trade.do(lambda uow: payout_store.attempts_of(uow, payout_id))
    assert trade.market.shop.connection_id
    fact = PayoutFact(
        connection_id=trade.market.shop.connection_id,
        reference=reference_of(attempt.id),
        provider_ref=attempt.provider_ref or "out_1",
        event_key="e",
        state=state,
        raw_state=state.value,
        amount=rupiah(SPENDS),
        fee=None,
        occurred_at=None,
        trust=Trust.SIGNED,
        must_requery=False,
    )
    return lambda uow: payouts.apply(uow, fact)


async def _sent(trade: Trade) -> PayoutId:
    asker = replace(trade.market.shop.scope, actor=Actor(ActorKind.USER, str(UserId.new())))
    command = replace(_payout_of(trade), metadata={"simulator": "lost"})
    async with trade.market.shop.db.begin(asker) as uow:
        made = await payouts.request(uow, command)
    await trade.till.send(made.id)
    return made.id


async def _ordered(trade: Trade) -> object:
    """An order of three parts; its customer has agreed to it."""
    market = trade.market

    async def offer(uow: UnitOfWork) -> object:
        wanted = orders.OfferOrder(market.plan.id, rupiah(30_000), str(RequestId.new()), customer_id=market.customer)
        offered = await orders.offer(uow, wanted)
        cost = orders.cost_of(offered.terms, offered.amount, uow.business_date)
        await orders.accept(uow, offered.id, cost.fingerprint)
        return offered.id

    return await trade.do(offer)


async def _invoiced(trade: Trade) -> Invoice:
    command = billing.WriteInvoice(trade.market.customer, IDR, [LineDraft("Lesson", Decimal(1), SPENDS)])
    ring = trade.market.shop.services["vault"]
    written: Invoice = await trade.do(lambda uow: billing.draft(uow, command))
    issued: Invoice = await trade.do(lambda uow: billing.issue(uow, ring, written.id))
    return issued


async def _goods_ordered(trade: Trade) -> Order:
    """An order of a product that waits for it; the shelf is others'."""
    product = await trade.share("tea", lambda: trade.do(_tea))
    command = sales.WriteOrder(trade.market.customer, IDR, [LineDraft("Tea", Decimal(2), 1_000, product_id=product)])
    ordered: Order = await trade.do(lambda uow: sales.create(uow, command))
    return ordered


async def _tea(uow: UnitOfWork) -> ProductId:
    said = Particulars.checked(kind=ProductKind.PRODUCT, name="Tea", sku=str(RequestId.new()), unit="bag")
    return (await catalogue.add_product(uow, said)).id
