"""Settling a merchant: what is due, what is kept, what is recovered, and that nothing is settled twice."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from specie.settlement import service, store, terms_service
from specie.settlement.model import Settlement
from tests.settlement.desk import MONDAY, Desk
from tests.support.shop import IDR

pytestmark = pytest.mark.asyncio(loop_scope="session")

TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
FRIDAY = MONDAY + timedelta(days=4)
NYEPI = date(2027, 3, 8)


async def test_sales_up_to_the_cut_off_are_paid_over_after_the_delay_and_later_ones_wait(desk: Desk) -> None:
    await desk.agree(delay_days=1)
    await desk.at(MONDAY, 10).sell(100_000)
    await desk.at(MONDAY, 16, 59).sell(50_000)
    await desk.at(MONDAY, 17, 30).sell(7_000)
    assert await desk.at(MONDAY, 18).settle() is None
    settled = await desk.at(TUESDAY, 17).settle()
    assert settled is not None
    assert await desk.lines(settled) == {"sales": 150_000}
    assert settled.payout.minor == 150_000
    assert await desk.money() == (150_000, 7_000)
    assert [posting.amount.minor for posting in await desk.postings(settled)] == [100_000, 50_000]


async def test_settling_the_same_day_again_changes_nothing_however_many_race(desk: Desk) -> None:
    await desk.agree(delay_days=0)
    await desk.sell(100_000)
    desk.at(MONDAY, 17)
    made = await asyncio.gather(*(desk.settle() for _ in range(4)))
    assert len({each.id for each in made if each is not None}) == 1
    await desk.at(MONDAY, 18).sell(5_000)
    again = await desk.settle()
    assert again is not None
    assert made[0] is not None
    assert again.id == made[0].id
    assert await desk.money() == (100_000, 5_000)


async def test_refunds_are_taken_off_at_once_though_their_sales_are_not_due_yet(desk: Desk) -> None:
    await desk.agree(delay_days=1)
    await desk.at(MONDAY).sell(100_000)
    await desk.at(TUESDAY, 12).sell(40_000)
    await desk.at(TUESDAY, 13).give_back(30_000)
    settled = await desk.at(TUESDAY, 17).settle()
    assert settled is not None
    assert await desk.lines(settled) == {"sales": 100_000, "refunds": -30_000}
    assert await desk.money() == (70_000, 40_000)
    later = await desk.at(WEDNESDAY, 17).settle()
    assert later is not None
    assert await desk.lines(later) == {"sales": 40_000}
    assert await desk.money() == (110_000, 0)


async def test_what_is_below_the_minimum_or_below_zero_waits_and_is_settled_with_what_comes(desk: Desk) -> None:
    await desk.agree(delay_days=0, minimum_minor=50_000)
    await desk.at(MONDAY).sell(49_999)
    assert await desk.at(MONDAY, 17).settle() is None
    assert await desk.money() == (0, 49_999)
    await desk.at(TUESDAY).sell(20_000)
    settled = await desk.at(TUESDAY, 17).settle()
    assert settled is not None
    assert settled.payout.minor == 69_999


async def test_a_reserve_is_kept_and_released_when_its_days_are_over(desk: Desk) -> None:
    await desk.agree(delay_days=0, reserve_rate=Decimal("0.1"), reserve_days=3, fee_minor=1_000)
    await desk.at(MONDAY).sell(100_005)
    first = await desk.at(MONDAY, 17).settle()
    assert first is not None
    assert await desk.lines(first) == {"sales": 100_005, "reserve_kept": -10_001, "fee": -1_000}
    assert (first.payout.minor, first.reserve_until) == (89_004, MONDAY + timedelta(days=3))
    assert await desk.reserve() == 10_001
    await desk.at(TUESDAY).sell(10_000)
    second = await desk.at(TUESDAY, 17).settle()
    assert second is not None
    assert "reserve_released" not in await desk.lines(second)
    third = await desk.at(FRIDAY, 17).settle()
    assert third is not None
    assert await desk.lines(third) == {"reserve_released": 11_001, "fee": -1_000}
    assert await desk.reserve() == 0
    assert (await desk.money())[0] == first.payout.minor + second.payout.minor + third.payout.minor


async def test_a_debt_is_recovered_from_settlements_up_to_the_cap_as_a_line_of_its_own(desk: Desk) -> None:
    await desk.agree(delay_days=0, recovery_rate=Decimal("0.25"))
    await desk.owe(40_000)
    await desk.at(MONDAY).sell(100_001)
    first = await desk.at(MONDAY, 17).settle()
    assert first is not None
    assert await desk.lines(first) == {"sales": 100_001, "recovery": -25_000}
    assert await desk.debt() == 15_000
    await desk.at(TUESDAY).sell(100_000)
    second = await desk.at(TUESDAY, 17).settle()
    assert second is not None
    assert await desk.lines(second) == {"sales": 100_000, "recovery": -15_000}
    assert await desk.debt() == 0
    assert (await desk.money())[0] == 75_001 + 85_000


async def test_a_settlement_that_only_repays_a_debt_is_made_though_it_pays_nothing(desk: Desk) -> None:
    await desk.agree(delay_days=0, minimum_minor=10_000, fee_minor=500)
    await desk.owe(40_000)
    await desk.at(MONDAY).sell(30_000)
    settled = await desk.at(MONDAY, 17).settle()
    assert settled is not None
    assert await desk.lines(settled) == {"sales": 30_000, "recovery": -30_000}
    assert (settled.payout.minor, await desk.debt(), await desk.money()) == (0, 10_000, (0, 0))


async def test_terms_that_end_take_no_new_sales_and_pay_over_all_that_waits_until_nothing_is_left(desk: Desk) -> None:
    await desk.agree(delay_days=5, minimum_minor=50_000, fee_minor=1_000, reserve_rate=Decimal("0.1"), reserve_days=1)
    await desk.at(MONDAY).sell(30_000)
    async with desk.shop.db.begin(desk.scope) as uow:
        ended = await terms_service.end_terms(uow, desk.merchant, IDR)
        again = await terms_service.end_terms(uow, desk.merchant, IDR)
        assert await store.settled_parties(uow, [desk.merchant], IDR) == set()
    assert ended.ended_at is not None
    assert again == ended

    last = await desk.at(MONDAY, 17).settle()

    assert last is not None
    assert await desk.lines(last) == {"sales": 30_000}
    assert await desk.money() == (30_000, 0)
    async with desk.shop.db.begin(desk.at(TUESDAY, 17).scope) as uow:
        await terms_service.run(uow, desk.merchant, IDR, TUESDAY, ended.next_run_at)
        assert (await service.get_terms(uow, desk.merchant, IDR)).next_run_at == ended.next_run_at
    await desk.agree(delay_days=0)
    async with desk.shop.db.begin(desk.scope) as uow:
        assert await store.settled_parties(uow, [desk.merchant], IDR) == {desk.merchant}


async def test_holidays_and_weekends_are_no_business_days_and_put_the_due_day_off(desk: Desk) -> None:
    await desk.agree(delay_days=1)
    await desk.at(FRIDAY, 12).sell(100_000)
    # Saturday and Sunday, then Nyepi: Friday's sales are due on Tuesday, one business day later.
    assert await desk.at(FRIDAY, 17).settle() is None
    settled = await desk.at(NYEPI + timedelta(days=1), 17).settle()
    assert settled is not None
    assert settled.payout.minor == 100_000


async def test_the_database_refuses_a_line_too_many_and_a_settlement_that_does_not_tie_out(desk: Desk) -> None:
    await desk.agree(delay_days=0)
    await desk.sell(100_000)
    settled = await desk.at(MONDAY, 17).settle()
    assert settled is not None
    with pytest.raises(DBAPIError, match="its lines sum to 100001"):
        await _add_line(desk, settled)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with desk.shop.db.begin(desk.scope) as uow:
            await uow.execute(text("update specie.settlement set payout_minor = payout_minor + 1"))


async def _add_line(desk: Desk, settled: Settlement) -> None:
    statement = text(
        "insert into specie.settlement_line (tenant_id, settlement_id, cause, amount_minor, postings)"
        " values (:tenant, :settlement, 'other_credits', 1, 1)"
    )
    async with desk.shop.db.begin(desk.scope) as uow:
        await uow.execute(statement, {"tenant": desk.shop.tenant_id.uuid, "settlement": settled.id.uuid})
