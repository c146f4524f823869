"""Cashback from the purchase to its end: on its way, available, spent, run out, taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from specie.cashback import maturing, merchants, offers, purchases, reversing, spending, store, summaries
from specie.cashback.errors import (
    AccrualCannotMove,
    MerchantInactive,
    PurchaseCannotMove,
    PurchaseDiffers,
    PurchaseInvalid,
    PurchaseMissing,
    ReturnDiffers,
    ReturnTooLarge,
)
from specie.cashback.model import AccrualState, Clawback, PurchaseState, Stacking
from specie.kernel.ids import PartyId
from specie.kernel.money import Money
from specie.ledger import InsufficientFunds
from specie.parties import PartyMissing
from specie.platform.db import Database
from specie.wallets import WalletFrozen, ensure_wallet, transfer
from tests.cashback.stalls import IDR, JPY, KWD, Stall, open_stall


async def told(stall: Stall, kind: str) -> int:
    """How many events of a kind there are."""
    async with stall.database.begin(stall.now()) as uow:
        rows = await (await uow.raw()).execute("select count(*) from specie.event where type = %s", [kind])
        found = await rows.fetchone()
    return int(found[0]) if found else 0


async def test_cashback_is_on_its_way_then_available_after_the_return_window(stall: Stall) -> None:
    offer = await stall.offer("0.05", budget=100_000, return_days=14)
    customer = await stall.customer()
    made = await stall.buy(customer, 99_99, is_confirmed=False)
    [accrual] = made.accruals
    assert (accrual.state, accrual.granted.minor, accrual.rule_version) == (AccrualState.PENDING, 4_99, 1)
    assert accrual.working[0] == {"step": "rate", "rate": "0.05", "of": 99_99, "gives": 4_99}
    assert await stall.left(offer.id) == 100_000 - 4_99
    await stall.wait(15)
    assert (await stall.accruals(made.purchase.id))[0].state is AccrualState.PENDING
    await stall.do(lambda uow: purchases.confirm(uow, made.purchase.id))
    await stall.wait(0)
    [available] = await stall.accruals(made.purchase.id)
    assert (available.state, await stall.purse(customer)) == (AccrualState.AVAILABLE, 4_99)
    assert await stall.left(offer.id) == 100_000 - 4_99


async def test_confirmed_cashback_waits_for_the_whole_window_unless_it_is_released(stall: Stall) -> None:
    await stall.offer(return_days=10)
    customer = await stall.customer()
    early, late = await stall.buy(customer, 1_000), await stall.buy(customer, 2_000)
    await stall.wait(9.9)
    assert await stall.purse(customer) == 0
    await stall.do(lambda uow: maturing.release(uow, early.accruals[0].id, "a good customer"))
    assert await stall.purse(customer) == 100
    with pytest.raises(AccrualCannotMove):
        await stall.do(lambda uow: maturing.release(uow, early.accruals[0].id, "again"))
    await stall.wait(0.2)
    assert (await stall.purse(customer), await told(stall, "cashback.available")) == (300, 2)
    assert (await stall.accruals(late.purchase.id))[0].state is AccrualState.AVAILABLE


async def test_the_same_external_id_gives_once_and_another_purchase_under_it_is_refused(stall: Stall) -> None:
    offer = await stall.offer()
    customer = await stall.customer()
    first = await stall.buy(customer, 1_000, external_id="order-1")
    again = await stall.buy(customer, 1_000, external_id="order-1")
    assert (first.is_new, again.is_new, again.accruals) == (True, False, first.accruals)
    with pytest.raises(PurchaseDiffers):
        await stall.buy(customer, 1_001, external_id="order-1")
    assert await stall.left(offer.id) == 1_000_000 - 100


async def test_purchases_that_cannot_have_happened_are_refused(stall: Stall) -> None:
    offer = await stall.offer()
    customer = await stall.customer()
    with pytest.raises(PurchaseInvalid):
        await stall.buy(customer, 1_000, occurred_at=stall.moment(1))
    with pytest.raises(PurchaseInvalid):
        await stall.buy(stall.merchant, 1_000)
    with pytest.raises(PartyMissing):
        await stall.buy(PartyId.new(), 1_000)
    await stall.do(lambda uow: merchants.suspend(uow, stall.merchant, "under review"))
    with pytest.raises(MerchantInactive):
        await stall.buy(customer, 1_000)
    assert await stall.left(offer.id) == 1_000_000


async def test_only_offers_of_that_day_and_amount_give(stall: Stall) -> None:
    await stall.offer(starts_at=stall.moment(-5), ends_at=stall.moment(-2), minimum=Money(500, IDR))
    customer = await stall.customer()
    within = await stall.buy(customer, 500, occurred_at=stall.moment(-3))
    assert [each.granted.minor for each in within.accruals] == [50]
    for minor, days in ((499, -3), (500, -6), (500, -1)):
        assert (await stall.buy(customer, minor, occurred_at=stall.moment(days))).accruals == []


async def test_offers_stack_in_their_order_and_one_with_nothing_left_lets_others_give(stall: Stall) -> None:
    both = {"stacking": Stacking.STACKABLE}
    small = await stall.offer("0.5", budget=30, priority=1, **both)
    await stall.offer("0.1", priority=2, **both)
    await stall.offer("0.9", priority=3)
    customer = await stall.customer()
    first, second = await stall.buy(customer, 100), await stall.buy(customer, 100)
    assert [each.granted.minor for each in first.accruals] == [30, 10]
    assert [each.granted.minor for each in second.accruals] == [10]
    assert await stall.left(small.id) == 0


async def test_a_rejected_purchase_gives_everything_back(stall: Stall) -> None:
    offer = await stall.offer(cap_user=Money(100, IDR))
    customer = await stall.customer()
    made = await stall.buy(customer, 1_000, is_confirmed=False)
    await stall.do(lambda uow: purchases.reject(uow, made.purchase.id, "paid with a stolen card"))
    [accrual] = await stall.accruals(made.purchase.id)
    assert (accrual.state, accrual.kept.minor, await stall.left(offer.id)) == (AccrualState.REVERSED, 0, 1_000_000)
    with pytest.raises(PurchaseCannotMove):
        await stall.do(lambda uow: purchases.confirm(uow, made.purchase.id))
    # The cap has its room again.
    assert [each.granted.minor for each in (await stall.buy(customer, 1_000)).accruals] == [100]


async def test_a_part_return_leaves_what_the_rest_would_have_brought(stall: Stall) -> None:
    offer = await stall.offer("0.1", minimum=Money(500, IDR))
    customer = await stall.customer()
    made = await stall.buy(customer, 1_000)
    await stall.give_back(made.purchase.id, 333, "r-1")
    await stall.give_back(made.purchase.id, 333, "r-1")
    [accrual] = await stall.accruals(made.purchase.id)
    assert (accrual.kept.minor, await stall.left(offer.id)) == (66, 1_000_000 - 66)
    with pytest.raises(ReturnDiffers):
        await stall.give_back(made.purchase.id, 334, "r-1")
    with pytest.raises(ReturnTooLarge):
        await stall.give_back(made.purchase.id, 668)
    # What is left lies below the minimum now.
    after = await stall.give_back(made.purchase.id, 200)
    [accrual] = await stall.accruals(made.purchase.id)
    assert (after.state, accrual.state) == (PurchaseState.CONFIRMED, AccrualState.REVERSED)
    assert await stall.left(offer.id) == 1_000_000
    assert (await stall.give_back(made.purchase.id, 467)).state is PurchaseState.REVERSED
    with pytest.raises(PurchaseCannotMove):
        await stall.give_back(made.purchase.id, 1)


async def test_spent_cashback_of_returned_goods_becomes_a_debt_that_the_next_repays(stall: Stall) -> None:
    offer = await stall.offer("0.1", return_days=0)
    customer = await stall.customer()
    made = await stall.buy(customer, 1_000)
    await stall.wait(0)
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(60, IDR), ""))
    await stall.give_back(made.purchase.id, 1_000)
    assert (await stall.purse(customer), await stall.debt(customer)) == (0, 60)
    assert await stall.left(offer.id) == 1_000_000
    await stall.buy(customer, 800)
    await stall.wait(0)
    assert (await stall.purse(customer), await stall.debt(customer)) == (20, 0)


async def test_under_the_floor_policy_the_offer_bears_what_was_spent(stall: Stall) -> None:
    offer = await stall.offer("0.1", return_days=0, clawback=Clawback.FLOOR)
    customer = await stall.customer()
    made = await stall.buy(customer, 1_000)
    await stall.wait(0)
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(60, IDR), ""))
    await stall.give_back(made.purchase.id, 1_000)
    assert (await stall.purse(customer), await stall.debt(customer)) == (0, 0)
    assert await stall.left(offer.id) == 1_000_000 - 60
    standing = await stall.do(lambda uow: offers.standings(uow, [offer]))
    assert standing[offer.id].given.minor == 60


async def test_cashback_pays_any_amount_before_money_of_ones_own(stall: Stall) -> None:
    await stall.offer("0.1", return_days=0)
    customer = await stall.customer(minor=10_000)
    await stall.buy(customer, 1_239)
    await stall.wait(0)
    spent = await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(100, IDR), "a cup"))
    assert [(each.wallet.purpose, each.amount.minor) for each in spent.draws] == [("cashback", 100)]
    spent = await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(1_001, IDR), ""))
    assert [(each.wallet.purpose, each.amount.minor) for each in spent.draws] == [("cashback", 23), ("main", 978)]
    own = f"liability:wallets:{customer}:main:available"
    assert await stall.balance(own) == 10_000 - 978
    with pytest.raises(InsufficientFunds):
        await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(9_023, IDR), ""))
    assert (await stall.balance(own), await stall.purse(customer)) == (10_000 - 978, 0)


async def test_money_of_ones_own_does_not_go_into_the_purse(stall: Stall) -> None:
    await stall.offer("0.1", return_days=0)
    customer = await stall.customer(minor=500)
    await stall.buy(customer, 100)
    await stall.wait(0)
    [summary] = await stall.do(lambda uow: summaries.of_party(uow, customer))
    own = await stall.do(lambda uow: ensure_wallet(uow, customer, IDR))
    assert summary.purse is not None
    purse = summary.purse.id
    with pytest.raises(WalletFrozen):
        await stall.do(lambda uow: transfer(uow, own.id, purse, Money(5, IDR)))
    await stall.do(lambda uow: transfer(uow, purse, own.id, Money(7, IDR)))
    assert (await stall.purse(customer), await stall.balance(f"liability:wallets:{customer}:main:available")) == (
        3,
        507,
    )


async def test_what_is_not_spent_runs_out_after_a_warning_and_is_income(stall: Stall) -> None:
    await stall.offer("0.1", return_days=0, expiry_days=30)
    customer = await stall.customer()
    first = await stall.buy(customer, 1_000)
    await stall.wait(0)
    await stall.wait(10)
    second = await stall.buy(customer, 500)
    await stall.wait(0)
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(40, IDR), ""))
    await stall.wait(13)
    assert (await told(stall, "cashback.expiring"), await stall.purse(customer)) == (1, 110)
    [summary] = await stall.do(lambda uow: summaries.of_party(uow, customer))
    assert [left.minor for _, left in summary.lots] == [60, 50]
    assert (summary.expiring.minor, summary.spent.minor) == (110, 40)
    await stall.wait(7)
    [expired], [waiting] = await stall.accruals(first.purchase.id), await stall.accruals(second.purchase.id)
    assert (expired.state, expired.expired.minor, waiting.state) == (AccrualState.EXPIRED, 60, AccrualState.AVAILABLE)
    assert (await stall.purse(customer), await stall.balance("income:cashback:breakage")) == (50, 60)
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(50, IDR), ""))
    await stall.wait(10)
    assert (await stall.accruals(second.purchase.id))[0].state is AccrualState.PAID
    assert await stall.balance("income:cashback:breakage") == 60


async def test_cashback_that_comes_after_something_was_spent_runs_out_all_the_same(stall: Stall) -> None:
    lasting = await stall.offer("0.1", return_days=0)
    customer = await stall.customer()
    await stall.buy(customer, 3_000)
    await stall.wait(0)
    # Two thirds of what lasts are spent before there is anything that does not.
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(200, IDR), ""))
    await stall.do(lambda uow: offers.pause(uow, lasting.id))
    await stall.offer("0.1", return_days=0, expiry_days=10)
    brief = await stall.buy(customer, 1_000)
    await stall.wait(0)
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(30, IDR), ""))
    [summary] = await stall.do(lambda uow: summaries.of_party(uow, customer))
    assert ([left.minor for _, left in summary.lots], summary.expiring.minor) == ([70, 100], 70)
    await stall.wait(10)
    [over] = await stall.accruals(brief.purchase.id)
    assert (over.state, over.expired.minor) == (AccrualState.EXPIRED, 70)
    assert (await stall.purse(customer), await stall.balance("income:cashback:breakage")) == (100, 70)
    [summary] = await stall.do(lambda uow: summaries.of_party(uow, customer))
    assert [left.minor for _, left in summary.lots] == [100]


async def test_goods_that_come_back_after_the_cashback_ran_out_take_the_income_first(stall: Stall) -> None:
    offer = await stall.offer("0.1", return_days=0, expiry_days=5)
    customer = await stall.customer()
    made = await stall.buy(customer, 1_000)
    await stall.wait(0)
    await stall.do(lambda uow: spending.pay(uow, customer, stall.merchant, Money(30, IDR), ""))
    await stall.wait(5)
    assert await stall.balance("income:cashback:breakage") == 70
    await stall.give_back(made.purchase.id, 1_000)
    assert (await stall.balance("income:cashback:breakage"), await stall.debt(customer)) == (0, 30)
    assert await stall.left(offer.id) == 1_000_000


@pytest.mark.parametrize(("currency", "minor", "given"), [(JPY, 999, 14), (KWD, 12_345, 185)])
async def test_currencies_without_cents_and_with_three_places_are_met_exactly(
    database: Database, currency: object, minor: int, given: int
) -> None:
    stall = await open_stall(database, currency)  # type: ignore[arg-type]
    await stall.offer("0.015", currency=currency, return_days=0)
    customer = await stall.customer()
    made = await stall.buy(customer, minor, currency)  # type: ignore[arg-type]
    await stall.wait(0)
    assert made.accruals[0].granted.minor == given
    assert await stall.purse(customer, currency) == given  # type: ignore[arg-type]


async def test_new_terms_count_for_new_purchases_only(stall: Stall) -> None:
    offer = await stall.offer("0.1", cap_user=Money(150, IDR))
    customer = await stall.customer()
    old = await stall.buy(customer, 1_000)
    await stall.do(lambda uow: offers.pause(uow, offer.id))
    better = stall.terms("0.5", cap_user=Money(300, IDR))
    await stall.do(lambda uow: offers.change(uow, offer.id, "Better", better))
    await stall.do(lambda uow: offers.activate(uow, offer.id))
    new = await stall.buy(customer, 1_000)
    assert [(each.rule_version, each.granted.minor) for each in (*old.accruals, *new.accruals)] == [(1, 100), (2, 200)]
    await stall.give_back(old.purchase.id, 500)
    assert (await stall.accruals(old.purchase.id))[0].kept.minor == 50


async def test_a_customer_sees_its_own_and_only_the_merchant_tells_of_returns(stall: Stall) -> None:
    await stall.offer()
    customer, stranger = await stall.customer(), await stall.customer()
    made = await stall.buy(customer, 1_000)
    async with stall.database.begin(replace(stall.now(), party_id=customer)) as uow:
        assert (await purchases.get(uow, made.purchase.id)).id == made.purchase.id
        page = await store.list_accruals(uow, store.AccrualFilter(), after=None, limit=10)
        assert [each.id for each in page.items] == [made.accruals[0].id]
        with pytest.raises(PurchaseMissing):
            await reversing.return_goods(uow, made.purchase.id, "r", Money(1, IDR))
    async with stall.database.begin(replace(stall.now(), party_id=stranger)) as uow:
        with pytest.raises(PurchaseMissing):
            await purchases.get(uow, made.purchase.id)
        assert (await store.list_accruals(uow, store.AccrualFilter(), after=None, limit=10)).items == []
    assert made.accruals[0].matures_at == made.purchase.occurred_at + timedelta(days=14)
