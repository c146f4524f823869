"""How the demo's merchant is settled in yen on business days, of late to its bank account; rupiah it has at once."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from specie import payouts, settlement
from specie.app.demo_people import Cast
from specie.app.wiring import Services
from specie.kernel.money import Currency
from specie.kernel.scope import Scope
from specie.payouts import BeneficiaryId
from specie.platform.crashpoints import crash_point
from specie.platform.db import UnitOfWork
from specie.platform.jobs import JobContext
from specie.settlement import NewTerms, Settlement, Terms

JPY = Currency.of("JPY")
AGREED = 85
TO_THE_BANK = range(1, 31)
"""Days ago on which a settlement leaves for the merchant's account."""
_ACCOUNT = ("014", "7890")

At = Callable[[timedelta], Scope]


async def day(services: Services, at: At, cast: Cast, ago: int) -> None:
    """What was agreed or settled on one day; today is left to the platform's own run."""
    scope = at(timedelta(days=ago))
    if ago in (AGREED, 0):
        async with services.db.begin(scope) as uow:
            await _agree(uow, cast, await _account(uow, cast) if ago == 0 else None)
            crash_point("demo.settlement.agreed")
    elif ago < AGREED:
        await _settle(services, scope, cast, ago)


async def _settle(services: Services, scope: Scope, cast: Cast, ago: int) -> None:
    context = JobContext(services.db, scope, services.by_name())
    async with services.db.begin(scope) as uow:
        today = uow.now.astimezone(scope.clock.zone).date()
        made = await _made(uow, cast, today, to_the_bank=ago in TO_THE_BANK)
        crash_point("demo.settlement.made")
    if made is None:
        return
    async with services.db.begin(scope) as uow:
        paid = await settlement.payouts_of(uow, made.id)
    for payout_id in paid:
        if await payouts.send(context, payout_id):
            await payouts.check(context, payout_id)


async def _made(uow: UnitOfWork, cast: Cast, today: date, *, to_the_bank: bool) -> Settlement | None:
    terms = await settlement.get_terms(uow, cast.merchant, JPY)
    if not terms.calendar.is_business_day(today):
        return None
    if to_the_bank and terms.beneficiary_id is None:
        await _agree(uow, cast, await _account(uow, cast))
    return await settlement.settle(uow, cast.merchant, JPY, today)


async def _account(uow: UnitOfWork, cast: Cast) -> BeneficiaryId:
    book = await payouts.book_of(uow, cast.merchant)
    return next(each.id for each in book if (each.bank_code, each.hint[-4:]) == _ACCOUNT)


async def _agree(uow: UnitOfWork, cast: Cast, to: BeneficiaryId | None) -> Terms:
    new = NewTerms(
        cast.merchant,
        JPY,
        delay_days=1,
        country="ID",
        minimum_minor=1_000,
        fee_minor=200,
        reserve_rate=Decimal("0.05"),
        reserve_days=14,
        recovery_rate=Decimal("0.5"),
        beneficiary_id=to,
    )
    return await settlement.set_terms(uow, new)
