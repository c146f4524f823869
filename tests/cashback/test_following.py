"""A payment that Specie collects for a merchant of cashback is a purchase by itself, and its refunds are returns."""

import pytest

from specie import cashback, parties, payments
from specie.cashback import jobs as cashback_jobs
from specie.cashback import merchants, offers, store
from specie.cashback.model import AccrualState, FundedBy, Reward, RewardKind, Terms
from specie.cashback.offers import NewOffer
from specie.cashback.purchases import Recorded
from specie.kernel.ids import PaymentId
from specie.kernel.money import Money
from specie.parties import PartyKind
from specie.parties import store as party_store
from specie.platform.db import UnitOfWork
from tests.support.shop import IDR, Shop
from tests.support.shop_fixtures import running, shop

__all__ = ["running", "shop"]
assert cashback_jobs
EMAIL = "rini@example.com"


@pytest.fixture
async def open_shop(shop: Shop) -> Shop:
    """A shop whose merchant gives five percent of everything, and a customer who is known by e-mail."""
    payments.follow(cashback.payment_settled)
    ring = shop.services["vault"]

    async def work(uow: UnitOfWork) -> None:
        new = {"kind": PartyKind.PERSON, "roles": ["customer"]}
        merchant = await parties.create_party(uow, ring, **new, known={"name": "Kedai Senja"})
        await parties.create_party(uow, ring, **new, known={"name": "Rini", "email": EMAIL})
        await party_store.update_party(uow, merchant.id, kyc_state="approved")
        shop.merchant = merchant.id
        await merchants.apply_for(uow, merchant.id)
        await merchants.activate(uow, merchant.id, "known")
        terms = Terms(IDR, Reward(RewardKind.FIXED, fixed=Money(75_000, IDR)), Money(200_000, IDR), uow.now)
        offer = await offers.draft(uow, NewOffer(merchant.id, "Thank you", FundedBy.HOUSE, terms))
        await offers.fund(uow, offer.id, Money(1_000_000, IDR))
        await offers.activate(uow, offer.id)

    async with shop.db.begin(shop.scope) as uow:
        await work(uow)
    return shop


async def bought(shop: Shop, payment_id: PaymentId) -> Recorded | None:
    """What the feed knows of a payment."""
    await shop.work()
    async with shop.db.begin(shop.scope) as uow:
        found = await store.purchase_told(uow, shop.merchant, "payment", str(payment_id))
        return Recorded(found, await store.accruals_of(uow, found.id), is_new=False) if found else None


async def test_a_paid_payment_brings_cashback_and_its_refund_takes_it_back(open_shop: Shop) -> None:
    shop = open_shop
    payment_id = await shop.payment("success", minor=300_000, customer={"name": "Rini", "email": EMAIL})
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    told = await bought(shop, payment_id)
    assert told is not None
    assert [(each.state, each.kept.minor) for each in told.accruals] == [(AccrualState.CONFIRMED, 75_000)]
    async with shop.db.begin(shop.scope) as uow:
        made = await payments.request_refund(
            uow, shop.services["providers"], payment_id, Money(150_000, IDR), "one bag was missing"
        )
    await payments.send_refund(shop.context, made.refund.id)
    for _ in range(200):
        told = await bought(shop, payment_id)
        assert told is not None
        if told.purchase.returned.minor:
            break
    assert told.purchase.returned.minor == 150_000
    assert [(each.state, each.kept.minor) for each in told.accruals] == [(AccrualState.REVERSED, 0)]


async def test_a_payment_of_somebody_unknown_is_no_purchase(open_shop: Shop) -> None:
    shop = open_shop
    payment_id = await shop.payment("success", minor=300_000, customer={"name": "Who", "email": "who@example.com"})
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    assert await bought(shop, payment_id) is None
