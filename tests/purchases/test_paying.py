"""A purchase is paid by all of its tenders, or by none."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from specie import payments
from specie.cashback import OfferMissing as CashbackMissing
from specie.installments import CreditLineExceeded
from specie.kernel.errors import SpecieError
from specie.ledger import InsufficientFunds
from specie.payments.service import expire as expire_payment
from specie.platform.crashpoints import TrapSprung, install
from specie.providers import ChargeState
from specie.purchases import service
from specie.purchases.errors import NotCovered, PurchaseCannotMove, PurchaseReferenceTaken, TenderShort
from specie.purchases.model import PurchaseState
from tests.purchases.market import CASHBACK, CREDIT, WALLET, Market

FOUR = {"cashback": 20_000, "wallet": 50_000, "installments": 300_000, "provider": 130_000}
DOWN, START = 30_000, {"wallet": WALLET, "cashback": CASHBACK, "held": 0, "credit": CREDIT, "earned": 0}


def of_customer(has: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in has.items() if name != "merchant"}


async def test_everything_is_set_aside_until_the_provider_confirms_and_then_pays_in_one_commit(market: Market) -> None:
    before = (await market.has())["merchant"]
    held = await market.pay(await market.ask(500_000), **FOUR)

    assert held.state is PurchaseState.HELD
    assert {leg.kind.value: leg.amount.minor for leg in await market.legs(held)} == FOUR
    assert await market.has() == {
        "wallet": WALLET - 50_000 - DOWN,
        "cashback": CASHBACK - 20_000,
        "held": 20_000 + 50_000 + DOWN,
        "merchant": before,
        "credit": CREDIT - 270_000,
        "earned": 0,
    }

    await market.confirm(held)

    done = await market.look(held)
    assert done.state is PurchaseState.COMPLETED
    assert await market.has() == {
        "wallet": WALLET - 50_000 - DOWN,
        "cashback": CASHBACK - 20_000,
        "held": 0,
        "merchant": before + 500_000,
        "credit": CREDIT - 270_000,
        "earned": 25_000,
    }
    assert (await market.do(lambda uow: service.returnable(uow, done))).minor == 500_000
    # The provider's part is no purchase of its own that brings cashback once more.
    await market.shop.work()
    assert (await market.has())["earned"] == 25_000


async def test_without_a_provider_a_purchase_is_completed_at_once(market: Market) -> None:
    done = await market.pay(await market.ask(100_000), cashback=None, wallet=None)

    assert done.state is PurchaseState.COMPLETED
    legs = {leg.kind.value: leg.amount.minor for leg in await market.legs(done)}
    assert legs == {"cashback": CASHBACK, "wallet": 100_000 - CASHBACK}
    with pytest.raises(PurchaseCannotMove):
        await market.pay(done, wallet=None)


async def test_return_callback_and_poll_at_once_complete_it_once(market: Market) -> None:
    before = (await market.has())["merchant"]
    for _ in range(5):
        held = await market.pay(await market.ask(10_000), wallet=4_000, provider=6_000)
        payment_id = await market.order_at_provider(held)
        fact = await market.fact(payment_id)
        told = (market.tell(replace(fact, event_key=str(n))) for n in range(3))
        await asyncio.gather(payments.check(market.shop.context, payment_id), *told)
        assert (await market.look(held)).state is PurchaseState.COMPLETED

    has = await market.has()
    assert (has["wallet"], has["merchant"], has["held"]) == (WALLET - 20_000, before + 50_000, 0)


@pytest.mark.parametrize("state", [ChargeState.FAILED, ChargeState.EXPIRED])
async def test_a_payment_that_comes_to_nothing_gives_everything_back_and_can_be_tried_again(
    market: Market, state: ChargeState
) -> None:
    held = await market.pay(await market.ask(500_000), **FOUR)
    payment_id = await market.order_at_provider(held)
    await market.tell(await market.fact(payment_id, state))
    await market.shop.work()

    again = await market.look(held)
    assert again.state is PurchaseState.OPEN
    assert again.failure in {"payment_failed", "payment_expired"}
    assert of_customer(await market.has()) == START
    assert await market.shop.state(payment_id) in {"cancelled", "expired"}

    await market.confirm(await market.pay(again, **FOUR))
    assert (await market.look(held)).state is PurchaseState.COMPLETED


async def test_while_a_charge_may_still_arrive_everything_stays_set_aside(market: Market) -> None:
    held = await market.pay(await market.ask(100_000), wallet=40_000, provider=60_000)
    # The order arrives, its answer does not; then the time is over.
    await market.shop.lever("misbehave", mischief="error_after", times=1)
    payment_id = await market.payment(held)
    with suppress(payments.ChargeUnknown):
        await market.shop.pay(payment_id)
    clock = market.shop.scope.clock
    later = replace(market.shop.scope, clock=replace(clock, offset=clock.offset + timedelta(days=2)))
    async with market.shop.db.begin(later) as uow:
        await expire_payment(uow, payment_id)
    assert await market.shop.state(payment_id) == "expired"
    await market.shop.work()

    assert (await market.look(held)).state is PurchaseState.HELD
    assert (await market.has())["held"] == 40_000
    await market.tell(await market.fact(payment_id))
    assert (await market.look(held)).state is PurchaseState.COMPLETED


async def test_money_that_arrives_too_late_goes_back(market: Market) -> None:
    held = await market.pay(await market.ask(100_000), wallet=40_000, provider=60_000)
    payment_id = await market.order_at_provider(held)
    fact = await market.fact(payment_id)
    await market.tell(replace(fact, state=ChargeState.EXPIRED, raw_state="expired"))
    await market.shop.work()
    merchant = (await market.has())["merchant"]

    await market.tell(replace(fact, event_key="late"))
    await market.shop.work()

    assert (await market.look(held)).state is PurchaseState.OPEN
    assert (await market.has())["merchant"] == merchant
    async with market.shop.db.begin(market.shop.scope) as uow:
        [refund] = await payments.refunds_of(uow, payment_id)
    assert refund.amount.minor == 60_000


async def test_a_cancelled_purchase_gives_everything_back(market: Market) -> None:
    held = await market.pay(await market.ask(500_000), **FOUR)
    cancelled = await market.do(lambda uow: service.cancel(uow, held.id))

    assert cancelled.state is PurchaseState.CANCELLED
    assert of_customer(await market.has()) == START
    with pytest.raises(PurchaseCannotMove):
        await market.pay(cancelled, wallet=None, provider=None)


async def test_an_open_purchase_runs_out(market: Market) -> None:
    asked = await market.ask(1_000, valid_for=timedelta(seconds=0))
    await market.shop.sweep()
    await market.shop.work()

    assert (await market.look(asked)).state is PurchaseState.EXPIRED


@pytest.mark.parametrize(
    ("tenders", "refusal"),
    [
        ({"wallet": WALLET + 1, "provider": 1_000}, TenderShort),
        ({"cashback": None}, NotCovered),
        ({"installments": CREDIT + 1, "provider": 1_000}, TenderShort),
        # The wallet's part leaves nothing for the down payment.
        ({"cashback": CASHBACK, "wallet": WALLET, "installments": 300_000}, InsufficientFunds),
    ],
)
async def test_a_refused_purchase_sets_nothing_aside(
    market: Market, tenders: dict[str, int | None], refusal: type[SpecieError]
) -> None:
    before = await market.has()
    asked = await market.ask(sum(minor or 1_000_000 for minor in tenders.values()))
    with pytest.raises(refusal):
        await market.pay(asked, **tenders)

    assert await market.has() == before
    assert (await market.look(asked)).state is PurchaseState.OPEN


async def test_purchases_that_race_for_the_same_money_or_credit_never_get_it_twice(market: Market) -> None:
    money = [await market.ask(150_000) for _ in range(3)]
    credit = [await market.ask(900_000) for _ in range(3)]
    paid = await asyncio.gather(*(market.pay(one, wallet=150_000) for one in money), return_exceptions=True)
    begun = await asyncio.gather(*(market.pay(one, installments=900_000) for one in credit), return_exceptions=True)

    assert sum(not isinstance(each, BaseException) for each in paid) == 1
    refused = [each for each in [*paid, *begun] if isinstance(each, BaseException)]
    assert all(isinstance(each, InsufficientFunds | TenderShort | CreditLineExceeded) for each in refused)
    has = await market.has()
    assert (has["wallet"], has["held"], has["credit"]) == (50_000, 0, CREDIT)


async def test_a_reference_names_one_purchase_of_a_merchant(market: Market) -> None:
    first = await market.ask(1_000)
    command = service.OpenPurchase(market.merchant, market.customer, first.reference, first.amount)
    with pytest.raises(PurchaseReferenceTaken):
        await market.do(lambda uow: service.open_purchase(uow, command))


async def test_a_fault_of_an_offer_holds_up_no_payment_and_the_cashback_follows(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def faulty(*_: object) -> None:
        raise CashbackMissing("somebody has taken the offer away")

    with monkeypatch.context() as broken:
        broken.setattr(service.cashback, "earn", faulty)
        done = await market.buy(wallet=40_000, provider=60_000)
    assert done.state is PurchaseState.COMPLETED
    assert (await market.has())["earned"] == 0

    await market.shop.work()
    await market.shop.work()
    assert (await market.has())["earned"] == 5_000


POINTS = {
    "pay": [("purchases.tender.held", nth) for nth in (1, 2, 3, 4)],
    "confirm": [("purchases.tender.paid", 1), ("purchases.tender.paid", 4), ("purchases.completed", 1)],
    "fail": [("purchases.tender.released", 1), ("purchases.tender.released", 4)],
}


@pytest.mark.parametrize("step", list(POINTS))
async def test_killed_anywhere_a_purchase_is_whole_or_not_at_all_and_goes_on(market: Market, step: str) -> None:
    for point, nth in POINTS[step]:
        before = await market.has()
        asked = await market.ask(50_000)
        tenders = {"cashback": 2_000, "wallet": 5_000, "installments": 30_000, "provider": 13_000}
        if step == "pay":
            await crashed(market.pay(asked, **tenders), point, nth)
            assert await market.has() == before
        held = await market.pay(asked, **tenders)
        payment_id = await market.order_at_provider(held)
        set_aside = await market.has()
        fact = await market.fact(payment_id, ChargeState.FAILED if step == "fail" else ChargeState.PAID)
        if step == "confirm":
            await crashed(market.tell(fact), point, nth)
            assert await market.has() == set_aside
            assert await market.shop.state(payment_id) == "pending"
        await market.tell(fact)
        if step == "fail":
            await crashed(market.do(lambda uow, held=held: service.look(uow, held.id)), point, nth)
            assert await market.has() == set_aside
            await market.do(lambda uow, held=held: service.look(uow, held.id))
            assert await market.has() == before
            continue
        assert (await market.look(held)).state is PurchaseState.COMPLETED
        assert (await market.has())["merchant"] == before["merchant"] + 50_000


async def crashed(work: Awaitable[object], point: str, nth: int) -> None:
    """Run something that dies at the nth pass of a point."""
    passes = 0

    def trap(name: str) -> None:
        nonlocal passes
        passes += name == point
        if name == point and passes == nth:
            raise TrapSprung(name)

    install(trap)
    try:
        with pytest.raises(TrapSprung):
            await work
    finally:
        install(None)
