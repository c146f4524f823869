"""Purchases paid by several tenders in the demo: one partly returned, one half paid, one that waits; and statements."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from specie import installments, purchases, statements
from specie.app.demo_people import Cast
from specie.app.wiring import Services
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.purchases import Line, LineBack, OpenPurchase, PurchaseFilter, TenderKind, WantedRefund, Wish
from specie.statements import WantedStatement

IDR = Currency.of("IDR")
BOUGHT, RETURNED = 7, 3
PLAN = "Three easy parts"

At = Callable[[timedelta], Scope]


async def day(services: Services, at: At, cast: Cast, ago: int) -> None:
    """What was bought and returned on one day; on the last one, what still waits, and the statements."""
    scope = at(timedelta(days=ago, hours=0.5))
    if ago == BOUGHT:
        await _buy(services, scope, cast)
    if ago == RETURNED:
        await _return(services, scope)
    if ago == 0:
        await _wait(services, scope, cast)
        await _state(services, scope, cast)


async def _buy(services: Services, scope: Scope, cast: Cast) -> None:
    async with services.db.begin(scope) as uow:
        goods = [Line(1, "Espresso machine", 1, _idr(540_000_00)), Line(2, "Grinder", 2, _idr(360_000_00))]
        bought = await _ask(uow, cast, "budi", "Espresso corner for the office", "order-3001", 900_000_00, goods)
        in_parts = Money(600_000_00, IDR)
        plans = await installments.plans_of(uow, cast.merchant, 20)
        plan = next(one for one in plans if one.name == PLAN)
        cost = await installments.preview(uow, plan.id, in_parts)
        wishes = [
            Wish(TenderKind.CASHBACK),
            Wish(TenderKind.WALLET),
            Wish(TenderKind.INSTALLMENTS, in_parts, plan.id, cost.fingerprint),
        ]
        await purchases.pay(uow, services.vault, bought, wishes)
        crash_point("demo.purchases.bought")


async def _return(services: Services, scope: Scope) -> None:
    async with services.db.begin(scope) as uow:
        page = await purchases.find(uow, PurchaseFilter("completed"), None, 1)
        wanted = WantedRefund(page.items[0].id, None, "The second grinder was not needed", [LineBack(2, 1)])
        await purchases.request_refund(uow, services.toolbox, wanted)
        crash_point("demo.purchases.returned")


async def _wait(services: Services, scope: Scope, cast: Cast) -> None:
    async with services.db.begin(scope) as uow:
        half = await _ask(uow, cast, "sari", "Tasting set, four origins", "order-3002", 260_000_00)
        wishes = [Wish(TenderKind.WALLET, Money(60_000_00, IDR)), Wish(TenderKind.PROVIDER)]
        await purchases.pay(uow, services.vault, half, wishes)
        await _ask(uow, cast, "budi", "Filter holder and 2 kg beans", "order-3003", 420_000_00)
        crash_point("demo.purchases.waiting")


async def _ask(
    uow: UnitOfWork,
    cast: Cast,
    player: str,
    title: str,
    reference: str,
    minor: int,
    goods: Sequence[Line] = (),
) -> purchases.PurchaseId:
    command = OpenPurchase(cast.merchant, cast.parties[player], reference, _idr(minor), title, lines=goods)
    return (await purchases.open_purchase(uow, command)).id


def _idr(minor: int) -> Money:
    return Money(minor, IDR)


async def _state(services: Services, scope: Scope, cast: Cast) -> None:
    today = scope.clock.business_date(scope.clock.now())
    first = today.replace(day=1)
    periods = [(_month_before(first), first - timedelta(days=1))]
    periods += [(first, today - timedelta(days=1))] if today > first else []
    async with services.db.begin(scope) as uow:
        for player in ("budi", "merchant"):
            for from_day, through_day in periods:
                await statements.make(
                    uow, services.vault, WantedStatement(cast.parties[player], IDR, from_day, through_day)
                )
        crash_point("demo.purchases.stated")


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)
