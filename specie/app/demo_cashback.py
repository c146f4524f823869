"""Cashback in the demo: offers in every state, and cashback that waits, is spent, has run out or came back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from specie.app.demo_people import Cast
from specie.app.wiring import Services
from specie.cashback import maturing, merchants, offers, purchases, reversing, spending, store
from specie.cashback.model import AccrualState, FundedBy, OfferId, Reward, RewardKind, Stacking, Terms, Tier
from specie.cashback.offers import NewOffer
from specie.cashback.purchases import NewPurchase
from specie.cashback.store import AccrualFilter
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.scope import Scope
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork

At = Callable[[timedelta], Scope]
IDR = Currency.of("IDR")
OPENED = 56
_LATEST = 100


@dataclass(frozen=True, slots=True)
class Bought:
    """One purchase of the story, so many days ago; `back` comes back two days later."""

    ago: int
    login: str
    minor: int
    back: int = 0
    is_rejected: bool = False


STORY = (
    Bought(54, "budi", 85_000_00),
    Bought(51, "sari", 120_000_00),
    Bought(40, "budi", 64_500_00),
    Bought(33, "sari", 310_000_00, back=310_000_00),
    Bought(26, "budi", 240_000_00, back=90_000_00),
    Bought(19, "sari", 45_000_00),
    Bought(14, "budi", 132_750_00),
    Bought(9, "sari", 198_000_00),
    Bought(6, "budi", 57_500_00, is_rejected=True),
    Bought(4, "budi", 176_250_00),
    Bought(2, "sari", 89_900_00),
    Bought(1, "budi", 99_990_00),
)
SPENT = {17: 12_345_00}


async def day(services: Services, at: At, cast: Cast, ago: int) -> None:
    """What happened with cashback on one day."""
    scope = at(timedelta(days=ago))
    if ago == OPENED:
        async with services.db.begin(scope) as uow:
            await _open(uow, cast.merchant)
            crash_point("demo.cashback.opened")
    if ago > OPENED:
        return
    async with services.db.begin(scope) as uow:
        await _let_time_pass(uow)
        for number, bought in enumerate(STORY):
            await _on_day(uow, cast, number, bought, ago)
        if ago in SPENT:
            await spending.pay(uow, cast.parties["budi"], cast.merchant, Money(SPENT[ago], IDR), "Two cups to go")
        crash_point("demo.cashback.day")


async def _open(uow: UnitOfWork, merchant: PartyId) -> None:
    await merchants.apply_for(uow, merchant)
    await merchants.activate(uow, merchant, "Known since the first day")
    await _offer(uow, merchant, "Every cup counts", _percent(uow.now, "0.05"), 300_000_00)
    await _offer(uow, merchant, "First cup on us", _first_cup(uow.now), 750_000_00, FundedBy.HOUSE)
    slow = await _offer(uow, merchant, "Slow Tuesdays", _percent(uow.now, "0.1", priority=30), 50_000_00)
    await offers.pause(uow, slow)
    over = await _offer(uow, merchant, "Opening week", _percent(uow.now, "0.2", priority=40), 25_000_00)
    await offers.end(uow, over)
    await offers.draft(uow, NewOffer(merchant, "The more, the merrier", FundedBy.MERCHANT, _tiers(uow.now)))


async def _offer(
    uow: UnitOfWork, merchant: PartyId, name: str, terms: Terms, budget: int, funded_by: FundedBy = FundedBy.MERCHANT
) -> OfferId:
    offer = await offers.draft(uow, NewOffer(merchant, name, funded_by, terms))
    await offers.fund(uow, offer.id, Money(budget, IDR))
    await offers.activate(uow, offer.id)
    return offer.id


def _percent(now: datetime, rate: str, priority: int = 10) -> Terms:
    return Terms(
        IDR,
        Reward(RewardKind.PERCENT, rate=Decimal(rate)),
        Money(20_000_00, IDR),
        now,
        cap_purchase=Money(12_500_00, IDR),
        priority=priority,
        stacking=Stacking.STACKABLE,
        return_days=7,
        expiry_days=60,
    )


def _first_cup(now: datetime) -> Terms:
    cup = Money(15_000_00, IDR)
    return Terms(
        IDR,
        Reward(RewardKind.FIXED, fixed=cup),
        Money(50_000_00, IDR),
        now,
        cap_user=cup,
        priority=20,
        stacking=Stacking.STACKABLE,
        return_days=3,
        expiry_days=21,
    )


def _tiers(now: datetime) -> Terms:
    steps = ((50_000_00, "0.02"), (150_000_00, "0.04"), (500_000_00, "0.075"))
    tiers = tuple(Tier(Money(since, IDR), Decimal(rate)) for since, rate in steps)
    return Terms(IDR, Reward(RewardKind.TIERS, tiers=tiers), Money.zero(IDR), now, cap_total=Money(5_000_000_00, IDR))


async def _let_time_pass(uow: UnitOfWork) -> None:
    """What the worker would have done on that day; the rows that are due then find it done."""
    page = await store.list_accruals(uow, AccrualFilter(), after=None, limit=_LATEST)
    for accrual in reversed(page.items):
        if accrual.state is AccrualState.CONFIRMED and accrual.matures_at <= uow.now:
            await maturing.mature(uow, accrual.id)
        ends = accrual.expires_at if accrual.state is AccrualState.AVAILABLE else None
        if ends is not None and ends <= uow.now:
            await maturing.expire(uow, accrual.id)


async def _on_day(uow: UnitOfWork, cast: Cast, number: int, bought: Bought, ago: int) -> None:
    external_id = f"till-{2001 + number}"
    if bought.ago == ago:
        # The last one still waits for the shop to confirm it.
        confirmed = not bought.is_rejected and ago > 1
        new = NewPurchase(
            cast.merchant, cast.parties[bought.login], external_id, Money(bought.minor, IDR), is_confirmed=confirmed
        )
        await purchases.record(uow, new)
    if bought.ago != ago + 2 or not (bought.is_rejected or bought.back):
        return
    told = await store.purchase_told(uow, cast.merchant, purchases.FEED, external_id)
    if told is None:
        return
    if bought.is_rejected:
        await purchases.reject(uow, told.id, "Paid with a voucher")
    if bought.back:
        await reversing.return_goods(uow, told.id, f"return-{number}", Money(bought.back, IDR))
