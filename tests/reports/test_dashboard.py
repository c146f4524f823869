"""The dashboard is what the books say, for whom it concerns, found by indexes."""

from dataclasses import replace
from datetime import timedelta

import psycopg

from specie.kernel.ids import PartyId
from specie.platform.db import Database
from specie.reports import dashboard
from specie.reports.dashboard import Dashboard
from tests.support.scopes import fresh_scope
from tests.support.shop import Shop, rupiah

_OPEN = ["requested", "approved", "sent", "unknown"]


async def _read(shop: Shop, party: PartyId | None = None) -> Dashboard:
    async with shop.db.begin(replace(shop.scope, party_id=party)) as uow:
        return await dashboard.read(uow, _OPEN)


async def _paid(shop: Shop, minor: int) -> None:
    payment_id = await shop.payment("success", minor=minor)
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")


async def test_an_organisation_without_business_has_an_empty_dashboard(database: Database) -> None:
    async with database.begin(fresh_scope()) as uow:
        found = await dashboard.read(uow, _OPEN)
    assert (found.today, found.week, found.balances, found.next_payout, found.ended) == ([], [], [], None, [])


async def test_collected_is_what_customers_paid_and_balances_are_those_of_the_wallets(shop: Shop) -> None:
    await _paid(shop, 1_500_000)
    await _paid(shop, 500_000)
    found = await _read(shop)
    assert [(each.amount, each.payments) for each in found.today] == [(rupiah(2_000_000), 2)]
    assert found.week == found.today
    available, pending = await shop.wallet()
    assert [(each.available.minor, each.pending.minor) for each in found.balances] == [(available, pending)]
    assert available + pending > 0


async def test_a_declined_charge_lowers_the_rate_of_its_provider_in_its_hour(shop: Shop) -> None:
    await _paid(shop, 1_500_000)
    declined = await shop.payment("decline")
    await shop.pay(declined)
    await shop.settled(declined, "failed")
    found = await _read(shop)
    assert sum(hour.succeeded for hour in found.ended) == 1
    assert sum(hour.ended for hour in found.ended) == 2
    assert {hour.provider for hour in found.ended} == {"simulator"}
    assert [each.payments for each in found.today] == [1]


async def test_a_merchant_sees_nothing_of_another(shop: Shop) -> None:
    await _paid(shop, 1_500_000)
    stranger = await _read(shop, PartyId.new())
    assert (stranger.today, stranger.balances, stranger.ended) == ([], [], [])
    own = await _read(shop, shop.merchant)
    assert [each.payments for each in own.today] == [1]


async def test_yesterday_is_in_the_week_and_not_in_today(shop: Shop, superuser_connection: psycopg.Connection) -> None:
    await _paid(shop, 1_500_000)
    tomorrow = replace(shop.scope.clock, offset=shop.scope.clock.offset + timedelta(days=1))
    async with shop.db.begin(replace(shop.scope, clock=tomorrow)) as uow:
        found = await dashboard.read(uow, _OPEN)
    assert found.today == []
    assert [each.payments for each in found.week] == [1]
    assert found.ended == []
