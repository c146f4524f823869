"""Orders from offer to booking: the books say what was shown, and every refusal leaves them as they were."""

import asyncio
import json
from decimal import Decimal

import pytest

from specie.audit.model import AuditFilter
from specie.audit.service import find as find_audit
from specie.installments import orders, paying, standing
from specie.installments.errors import (
    CostChanged,
    CreditLineBlocked,
    CreditLineExceeded,
    OfferExpired,
    OrderCannotMove,
    OrderMissing,
    OrderReferenceTaken,
    PlanEnded,
)
from specie.installments.model import Interest, OrderState, Terms
from specie.ledger import InsufficientFunds
from specie.platform.db import Database, UnitOfWork
from tests.installments.shop import open_shop

TERMS = Terms(
    4,
    down_payment=Decimal("0.2"),
    interest=Interest.FLAT,
    annual_rate=Decimal("0.12"),
    fee_minor=500,
    merchant_fee_rate=Decimal("0.03"),
)


@pytest.mark.parametrize("currency", ["IDR", "JPY", "KWD"])
async def test_an_accepted_order_is_booked_as_it_was_shown(database: Database, currency: str) -> None:
    shop = await open_shop(database, funds=50_000, currency=currency)
    order = await shop.offered(TERMS, 100_000)
    assert await shop.has() == (0, 50_000)
    shown = await shop.run(lambda uow: orders.preview(uow, order.plan_id, order.amount))
    begun = await shop.accepted(order)
    assert list(begun.lines) == list(shown.lines)
    assert (begun.left.principal, begun.left.interest, begun.left.fee) == (80_000, shown.interest, shown.fee)
    assert shown.interest == 3_200
    # The merchant has its money at once, less three per cent; the customer paid a fifth.
    assert await shop.has() == (97_000, 30_000)
    assert await shop.books("income:installments:merchant_fees") == 3_000
    assert await shop.books("income:installments:fees") == 500
    assert begun.unearned == 3_200
    assert begun.order.state is OrderState.ACTIVE
    assert begun.order.consent is not None
    assert begun.order.consent["fingerprint"] == shown.fingerprint
    line = await shop.run(lambda uow: orders.line_of(uow, shop.customer.party_id, shop.customer.currency))
    assert line is not None
    assert line.used.minor == 80_000
    assert [len(await shop.told(kind)) for kind in ("offered", "accepted")] == [1, 1]


async def test_orders_that_race_for_one_credit_line_take_no_more_than_it_has(database: Database) -> None:
    shop = await open_shop(database, line=250_000)
    offers = [await shop.offered(Terms(3), 100_000, f"order-{n}") for n in range(4)]
    outcomes = await asyncio.gather(*(shop.accepted(each) for each in offers), return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, CreditLineExceeded)]
    assert len(refused) == 2
    assert refused[0].facts["left"] == 50_000
    assert await shop.has() == (200_000, 0)
    states = [(await shop.look(each.id)).order.state for each in offers]
    assert sorted(states) == [OrderState.ACTIVE] * 2 + [OrderState.OFFERED] * 2


async def test_without_a_line_or_with_a_blocked_one_nothing_begins(database: Database) -> None:
    shop = await open_shop(database, line=None)
    order = await shop.offered(Terms(3), 100_000)
    with pytest.raises(CreditLineExceeded):
        await shop.accepted(order)
    await shop.line(10**6, is_blocked=True)
    with pytest.raises(CreditLineBlocked):
        await shop.accepted(order)
    assert await shop.has() == (0, 0)
    await shop.line(10**6)
    await shop.accepted(order)
    assert await shop.has() == (100_000, 0)


async def test_a_down_payment_that_is_not_there_stops_the_whole_order(database: Database) -> None:
    shop = await open_shop(database, funds=19_999)
    order = await shop.offered(TERMS, 100_000)
    with pytest.raises(InsufficientFunds):
        await shop.accepted(order)
    assert await shop.has() == (0, 19_999)
    line = await shop.run(lambda uow: orders.line_of(uow, shop.customer.party_id, shop.customer.currency))
    assert line is not None
    assert line.used.minor == 0


async def test_consent_is_the_customers_own_to_the_cost_of_the_day(database: Database) -> None:
    shop = await open_shop(database)
    order = await shop.offered(Terms(3), 90_000)
    cost = orders.cost_of(order.terms, order.amount, shop.day)
    with pytest.raises(OrderMissing):
        await shop.run(lambda uow: orders.accept(uow, order.id, cost.fingerprint), party=shop.merchant.party_id)
    await shop.pass_days(1)
    # A day later the parts are due a day later: what was shown is no longer what would be booked.
    with pytest.raises(CostChanged):
        await shop.run(lambda uow: orders.accept(uow, order.id, cost.fingerprint))
    await shop.accepted(order)
    with pytest.raises(OrderCannotMove):
        await shop.accepted(order)
    assert await shop.has() == (90_000, 0)


async def test_an_offer_ends_with_its_time_its_cancelling_or_its_plan(database: Database) -> None:
    shop = await open_shop(database)
    late, gone = await shop.offered(Terms(3), 300, "late"), await shop.offered(Terms(3), 300, "gone")
    await shop.run(lambda uow: orders.cancel(uow, gone.id))
    with pytest.raises(OrderCannotMove):
        await shop.accepted(gone)
    with pytest.raises(OrderReferenceTaken):
        await shop.offered(Terms(3), 300, "late")
    await shop.run(lambda uow: orders.end_plan(uow, late.plan_id))
    with pytest.raises(PlanEnded):
        await shop.run(lambda uow: orders.preview(uow, late.plan_id, late.amount))
    await shop.pass_days(8)
    with pytest.raises(OfferExpired):
        await shop.accepted(late)
    assert await shop.has() == (0, 0)


async def test_whoever_still_pays_or_has_sold_in_parts_is_not_forgotten(database: Database) -> None:
    shop = await open_shop(database, funds=300)
    begun = await shop.bought(Terms(1), 300)
    both = (shop.customer.party_id, shop.merchant.party_id)
    assert [await shop.run(lambda uow, one=one: orders.still_runs(uow, one)) for one in both] == [
        "an installment order is still running"
    ] * 2
    await shop.run(lambda uow: paying.pay(uow, begun.order.id, None))
    assert [await shop.run(lambda uow, one=one: orders.still_runs(uow, one)) for one in both] == [None, None]


async def test_a_stranger_finds_no_order(database: Database) -> None:
    shop, other = await open_shop(database), await open_shop(database)
    begun = await shop.bought(Terms(3), 300)
    for reader, party in ((shop, other.customer.party_id), (other, None)):
        with pytest.raises(OrderMissing):
            await reader.run(lambda uow: standing.load(uow, begun.order.id), party=party)


async def test_who_raised_or_lowered_a_credit_line_and_why_is_kept(database: Database) -> None:
    shop = await open_shop(database)
    party = shop.customer.party_id
    await shop.run(lambda uow: orders.set_line(uow, party, shop.money(5_000), is_blocked=False, reason="paid on time"))
    await shop.run(lambda uow: orders.set_line(uow, party, shop.money(2_000), is_blocked=True, reason="moved away"))

    async def decided(uow: UnitOfWork) -> list[tuple[int, int, bool, str | None]]:
        wanted = AuditFilter("credit_line.set", "credit_line", f"{party}/IDR")
        rows = (await find_audit(uow, wanted, None, 10)).items
        both = [(json.loads(row.before or "null"), json.loads(row.after or "null"), row.reason) for row in rows]
        return [(b["limit"]["amount"], a["limit"]["amount"], a["is_blocked"], why) for b, a, why in both if b]

    assert (await shop.run(decided))[:2] == [(5_000, 2_000, True, "moved away"), (10**9, 5_000, False, "paid on time")]
