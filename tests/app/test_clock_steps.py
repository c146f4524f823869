"""A sandbox's clock that goes ninety days at once does what ninety steps of a day do: the same books, the same feed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from specie import billing, events, installments, settlement
from specie.app.wiring import build
from specie.billing import LineDraft, Recur, Rhythm, Unit
from specie.events import EventFilter
from specie.identity import scopes, service
from specie.identity.model import Tenant
from specie.identity.service import NewTenant
from specie.kernel.clock import machine_now
from specie.kernel.ids import RequestId
from specie.kernel.scope import Scope
from specie.platform import due
from specie.platform.config import Settings
from specie.platform.db import Database, UnitOfWork
from specie.settlement import NewTerms
from tests.app.test_sandbox_clock import Caller
from tests.purchases.market import Market, open_market
from tests.support.shop import IDR

DAYS, A_DAY = 90, 86_400
BEGINS = datetime(2027, 3, 1, 10, tzinfo=ZoneInfo("Asia/Jakarta"))
# What was made at ten falls due at ten, whatever the seconds: the clock rests in the afternoon.
FIRST_SECONDS = 6 * 3600
_POSTED = text("""
    select p.business_date, split_part(e.recipe, '@', 1) as recipe, d.code as debit, c.code as credit, p.amount_minor
      from specie.posting p
      join specie.journal_entry e on e.tenant_id = p.tenant_id and e.id = p.entry_id
      join specie.account d on d.tenant_id = p.tenant_id and d.id = p.debit_account_id
      join specie.account c on c.tenant_id = p.tenant_id and c.id = p.credit_account_id
     where p.tenant_id = :tenant
""")


@dataclass
class Sandbox:
    """One sandbox with everything in play that time moves, and the names of its parties."""

    database: Database
    tenant: Tenant
    market: Market

    async def scope(self) -> Scope:
        return await scopes.scope_for_job(self.database, self.tenant.id, "test", RequestId.new())

    def plain(self, told: object) -> str:
        """Without ids, which differ, and without times of day, which differ by seconds."""
        known = str(told).replace(self.tenant.slug, "tenant").replace(str(self.market.merchant), "merchant")
        known = known.replace(str(self.market.customer), "customer")
        known = re.sub(r"\b([a-z]{2,5})_[0-9a-hjkmnp-tv-z]{26}\b", r"\1", known)
        known = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", "uuid", known)
        return re.sub(r"(\d{4}-\d\d-\d\d)[T ][0-9:.+Z]+", r"\1", known)

    async def books(self) -> list[str]:
        async with self.database.begin(await self.scope()) as uow:
            rows = (await uow.execute(_POSTED, {"tenant": self.tenant.id.uuid})).all()
        return sorted(self.plain(" ".join(map(str, row))) for row in rows)

    async def feed(self) -> list[str]:
        async with self.database.system() as uow:
            await events.number_pending(uow, 100_000)
        async with self.database.begin(await self.scope()) as uow:
            told = await events.after(uow, self.tenant.id, 0, 10_000, EventFilter())
        return [self.plain(f"{each.type} {sorted(each.data.items())}") for each in told]


@pytest.fixture
def app_of(app: FastAPI, client: httpx2.Client) -> Iterator[FastAPI]:
    before = app.state.authenticator
    yield app
    app.state.authenticator = before


async def open_sandbox(settings: Settings, database: Database, name: str) -> Sandbox:
    services = build(settings)
    async with services.db.begin(None) as uow:
        _, tenant = await service.create_tenant(uow, NewTenant(name, name.lower(), "Asia/Jakarta"))
    scope = await scopes.scope_for_job(database, tenant.id, "test", RequestId.new())
    async with database.begin(scope) as uow:
        await due.move_clock(uow, BEGINS - machine_now())
    shop: Any = SimpleNamespace(
        db=database,
        scope=await scopes.scope_for_job(database, tenant.id, "test", RequestId.new()),
        services={"vault": services.vault},
        merchant=None,
    )
    market = await open_market(shop)
    await market.do(lambda uow: _put_in_play(uow, market))
    # Paid by wallet and cashback, and in parts of which the last finds the purse empty.
    await market.buy(cashback=20_000, wallet=90_000)
    await market.buy(installments=240_000)
    await services.db.close()
    return Sandbox(database, tenant, market)


async def _put_in_play(uow: UnitOfWork, market: Market) -> None:
    terms = NewTerms(market.merchant, IDR, delay_days=1, country="ID", reserve_rate=Decimal("0.1"), reserve_days=30)
    await settlement.set_terms(uow, terms)
    late = replace(market.plan.terms, late_fee_minor=2_500, late_fee_cap_minor=5_000)
    market.plan = await installments.create_plan(uow, market.merchant, "With late fees", IDR, late)
    lines = [LineDraft("Rent", Decimal(1), 70_000)]
    rhythm = Rhythm(Unit.MONTH, 1, uow.business_date + timedelta(days=2))
    await billing.begin_recurring(uow, Recur(market.customer, IDR, rhythm, billing.Terms(lines)))


async def test_ninety_days_at_once_and_a_day_at_a_time_leave_the_same_books_and_feed(
    app_of: FastAPI, client: httpx2.Client, settings: Settings, database: Database
) -> None:
    at_once = await open_sandbox(settings, database, "Leap")
    by_day = await open_sandbox(settings, database, "Walk")

    def advance(sandbox: Sandbox, seconds: int) -> int:
        app_of.state.authenticator = Caller(app_of.state.db, sandbox.tenant)
        answer = client.post("/api/v1/sandbox/clock/advance", json={"seconds": seconds})
        assert answer.status_code == 200, answer.text
        done: int = answer.json()["done"]
        return done

    for sandbox in (at_once, by_day):
        advance(sandbox, FIRST_SECONDS)
    leapt = advance(at_once, DAYS * A_DAY)
    walked = sum(advance(by_day, A_DAY) for _ in range(DAYS))

    assert leapt == walked
    books, feed = await at_once.books(), await at_once.feed()
    assert books == await by_day.books()
    assert feed == await by_day.feed()
    # Everything was in play: nothing is the same because nothing happened.
    recipes = {line.split()[1] for line in books}
    assert recipes >= {
        "settlement.settle",
        "installments.collect",
        "installments.late_fee",
        "cashback.mature",
        "billing.issue",
    }
    assert sum("billing.issue" in line and "income:billing:sales" in line for line in books) == 3
