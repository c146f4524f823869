"""Purchases in parts in the demo: plans of the shop, and orders in every state, one waiting for its customer's yes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from specie import installments
from specie.app.demo_people import Cast
from specie.app.wiring import Services
from specie.installments import Interest, Interval, OfferOrder, OrderId, PlanId, Terms, daily, store
from specie.kernel.errors import SpecieError
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.platform.crashpoints import crash_point

IDR = Currency.of("IDR")
LINE = Money(5_000_000_00, IDR)
PLANS = {
    "Three easy parts": Terms(3, merchant_fee_rate=Decimal("0.03"), late_fee_minor=25_000_00),
    "Every two weeks": Terms(4, interval=Interval.FORTNIGHTLY, merchant_fee_rate=Decimal("0.025")),
    "A year, on what is owed": Terms(
        12,
        down_payment=Decimal("0.2"),
        interest=Interest.DECLINING,
        annual_rate=Decimal("0.18"),
        late_fee_minor=25_000_00,
        late_fee_cap_minor=100_000_00,
    ),
    "Six weeks, flat": Terms(
        6, interval=Interval.WEEKLY, interest=Interest.FLAT, annual_rate=Decimal("0.26"), late_fee_minor=10_000_00
    ),
}
OPENED = 78
# By days ago: plan, customer, what, and for how much.
BOUGHT = {
    75: ("Three easy parts", "budi", "Espresso machine, used", 600_000_00),
    64: ("Every two weeks", "sari", "Hand grinder", 400_000_00),
    50: ("A year, on what is owed", "budi", "Barista course", 1_200_000_00),
    38: ("Three easy parts", "dewi", "Home roaster", 750_000_00),
    24: ("Six weeks, flat", "sari", "Cold brew set", 300_000_00),
    0: ("Three easy parts", "budi", "Gift boxes, 20 pieces", 450_000_00),
}
RETURNED = {12: ("Cold brew set", 90_000_00)}

At = Callable[[timedelta], Scope]


async def day(services: Services, at: At, cast: Cast, ago: int) -> None:
    """What was bought, returned and collected on one day; the last one plans the days to come."""
    scope = at(timedelta(days=ago, hours=1))
    if ago == OPENED:
        await _open(services, scope, cast)
    await _run(services, scope, is_last=ago == 0)
    if ago in BOUGHT:
        await _buy(services, scope, cast, ago)
    if ago in RETURNED:
        await _return(services, scope, ago)


async def _open(services: Services, scope: Scope, cast: Cast) -> None:
    async with services.db.begin(scope) as uow:
        for name, terms in PLANS.items():
            await installments.create_plan(uow, cast.parties["merchant"], name, IDR, terms)
        for player in ("budi", "sari", "dewi"):
            await installments.set_line(uow, cast.parties[player], LINE, is_blocked=False)
        crash_point("demo.installments.opened")


async def _buy(services: Services, scope: Scope, cast: Cast, ago: int) -> None:
    plan, player, title, minor = BOUGHT[ago]
    async with services.db.begin(scope) as uow:
        offered = (await store.plans(uow, cast.parties["merchant"], active=True, before=None, limit=100)).items
        plan_id = next(each.id for each in offered if each.name == plan)
        wanted = OfferOrder(plan_id, Money(minor, IDR), f"order-{2000 - ago}", title, cast.parties[player])
        order = await installments.offer(uow, wanted)
        crash_point("demo.installments.offered")
    if ago:
        await _accept(services, scope, order.id, plan_id, Money(minor, IDR))


async def _accept(services: Services, scope: Scope, order_id: OrderId, plan_id: PlanId, amount: Money) -> None:
    try:
        async with services.db.begin(scope) as uow:
            cost = await installments.preview(uow, plan_id, amount)
            await installments.accept(uow, order_id, cost.fingerprint)
            crash_point("demo.installments.accepted")
    except SpecieError:
        # Whoever cannot pay the down payment that day does not buy.
        return


async def _return(services: Services, scope: Scope, ago: int) -> None:
    title, minor = RETURNED[ago]
    async with services.db.begin(scope) as uow:
        found = (await store.orders(uow, store.OrderFilter(), before=None, limit=100)).items
        order = next(each for each in found if each.title == title)
        await installments.take_back(uow, order.id, Money(minor, IDR), "One bottle was cracked")
        crash_point("demo.installments.returned")


async def _run(services: Services, scope: Scope, *, is_last: bool) -> None:
    today = scope.clock.business_date(scope.clock.now())
    while await services.db.run(scope, lambda uow: daily.run_page(uow, today), label="demo.installments"):
        crash_point("demo.installments.day")
    if is_last:
        await services.db.run(scope, lambda uow: daily.finish_day(uow, today), label="demo.installments.finish")
