"""The contract of every dialect, over real HTTP: our platform on one side, the simulator speaking it on the other."""

from dataclasses import replace

import pytest

from specie import payments, providers
from specie.kernel.money import Money
from specie.providers import Accepted, Offered, Rejected, Service, Unknown, perform
from specie.providers.dialect import Environment
from specie.providers.simulator.rules import Signing
from tests.providers.counter import BY_NAME, PRICE, Counter, all_dialects
from tests.providers.dialects import DIALECTS, Told
from tests.support.shop import Shop, new_tenant


def test_every_adapter_is_under_contract() -> None:
    # Piro cannot collect, so there is nothing to hold it to but its balance.
    assert {dialect.name for dialect in providers.dialects()} == {*BY_NAME, "piro"}


@pytest.mark.parametrize("told", DIALECTS, ids=lambda told: told.provider)
def test_what_a_dialect_offers_beside_charges_is_under_contract(told: Told) -> None:
    [dialect] = [each for each in providers.dialects() if each.name == told.provider]
    offered = {service for service in providers.Service if dialect.offer(service).offered is not Offered.NO}

    held_to = {
        Service.REFUNDS: told.refunds,
        Service.PAYOUTS: told.pays_out,
        Service.INQUIRY: told.asks_holders,
        Service.BALANCE: told.tells_balance,
        Service.STATEMENT: told.lists,
        # Of a charge-back Midtrans tells the end alone, which has a test of its own.
        Service.DISPUTES: told.disputes or told.provider == "midtrans",
        Service.ACCEPTANCE: told.accepts,
    }
    assert offered == {service for service, holds in held_to.items() if holds}


def test_what_is_not_confirmed_is_no_service_for_live_money() -> None:
    doubtful = [
        (dialect, service)
        for dialect in providers.dialects()
        for service in Service
        if dialect.offer(service).offered is Offered.NOT_LIVE
    ]

    assert doubtful
    for dialect, service in doubtful:
        assert dialect.offer(service).note
        assert dialect.serves(service, Environment.SANDBOX)
        assert not dialect.serves(service, Environment.LIVE)


@all_dialects()
async def test_what_the_customer_has_paid_arrives_once(counter: Counter) -> None:
    payment_id, _ = await counter.order("success")

    await counter.shop.settled(payment_id, "paid", seconds=20)

    assert await counter.shop.wallet() == (PRICE, 0)


@all_dialects()
async def test_the_customer_is_told_what_to_do(counter: Counter) -> None:
    _, attempt = await counter.order()

    assert attempt.state is payments.AttemptState.PENDING
    assert attempt.action is not None
    assert attempt.action.kind is not providers.ActionKind.NONE
    assert attempt.provider_ref


@pytest.mark.parametrize("counter", [told.provider for told in DIALECTS if "decline" in told.tells], indirect=True)
async def test_a_declined_charge_moves_nothing(counter: Counter) -> None:
    payment_id, _ = await counter.order("decline")
    await counter.shop.callbacks_answered(1)
    await counter.shop.work()

    [row] = await counter.inbox()
    assert row["facts"][0]["state"] in (counter.told.declines_as, "pending")
    assert await counter.shop.state(payment_id) != "paid"
    assert await counter.shop.wallet() == (0, 0)


@all_dialects(orders_by_page=False)
@pytest.mark.parametrize("lost", ["no_answer", "cut", "error_after"])
async def test_an_order_without_a_readable_answer_is_unknown_and_not_ordered_again(counter: Counter, lost: str) -> None:
    payment_id, attempt = await counter.order(f"{lost}+lost")
    again = await counter.shop.pay(payment_id, attempt.kind)

    assert attempt.state is payments.AttemptState.UNKNOWN
    assert again.id == attempt.id
    assert len(await counter.shop.book()) == 1
    assert await counter.shop.wallet() == (0, 0)


@all_dialects(orders_by_page=False, asks=True)
async def test_an_order_whose_answer_was_lost_is_asked_about(counter: Counter) -> None:
    payment_id, _ = await counter.order("error_after+lost")

    await counter.shop.post(f"/payments/{payment_id}/check")

    assert await counter.shop.state(payment_id) == "paid"
    assert await counter.shop.wallet() == (PRICE, 0)


@all_dialects(orders_by_page=False)
async def test_a_refused_order_is_rejected_and_nothing_was_made(counter: Counter) -> None:
    _, attempt = await counter.order("refuse")

    assert attempt.state is payments.AttemptState.FAILED
    assert await counter.shop.book() == []


@all_dialects(orders_by_page=False)
async def test_a_second_order_with_our_reference_is_never_a_second_charge(counter: Counter) -> None:
    _, attempt = await counter.order()
    link, charge = await counter.link(), await counter.charge()
    wanted = providers.ChargeRequest(
        reference=charge.reference,
        key=str(attempt.id),
        amount=Money.of(PRICE, "IDR"),
        kind=attempt.kind,
        expires_at=attempt.created_at.replace(year=attempt.created_at.year + 1),
        description="another",
        callback_url=link.callback_url,
    )
    await counter.shop.lever("forget")

    outcome = await perform(link, link.adapter.create_charge(wanted), counter.shop.services["outbound"])

    assert outcome == Unknown("duplicate")
    assert len(await counter.shop.book()) == 1


@all_dialects()
async def test_a_callback_that_comes_twice_at_once_pays_once(counter: Counter) -> None:
    payment_id, _ = await counter.order("doubled")
    await counter.shop.callbacks_answered(2)
    await counter.shop.settled(payment_id, "paid", seconds=20)
    await counter.shop.work()

    assert await counter.shop.wallet() == (PRICE, 0)


@all_dialects()
async def test_money_that_comes_after_the_end_of_the_charge_is_booked_once(counter: Counter) -> None:
    payment_id, _ = await counter.order("late")

    await counter.shop.settled(payment_id, "paid", seconds=30)

    assert await counter.shop.wallet() == (PRICE, 0)


@all_dialects()
async def test_an_older_message_after_the_payment_takes_nothing_back(counter: Counter) -> None:
    payment_id, _ = await counter.order("success")
    await counter.shop.settled(payment_id, "paid", seconds=20)
    if "decline" in counter.told.tells:
        await counter.send("declined")
        await counter.shop.work()

    assert await counter.shop.state(payment_id) == "paid"
    assert await counter.shop.wallet() == (PRICE, 0)


@all_dialects(signs=True)
@pytest.mark.parametrize("signing", [Signing.BAD, Signing.FOREIGN])
async def test_a_callback_signed_wrongly_or_by_another_leaves_nothing(counter: Counter, signing: Signing) -> None:
    payment_id, _ = await counter.order()

    foreign = "" if signing is Signing.BAD else "somebody else"
    status = await counter.send("paid", signing=signing, account=foreign)
    await counter.shop.work()

    assert status == 401
    assert await counter.inbox() == []
    assert await counter.shop.state(payment_id) == "pending"


@all_dialects(dates=True)
async def test_a_callback_signed_too_long_ago_is_refused(counter: Counter) -> None:
    payment_id, _ = await counter.order("stale_signature")
    sent = await counter.shop.callbacks_answered(1)

    assert sent[0]["last_status"] == 401
    assert await counter.shop.state(payment_id) == "pending"


@all_dialects()
async def test_a_paid_callback_about_an_unpaid_charge_counts_only_when_wholly_signed(counter: Counter) -> None:
    payment_id, _ = await counter.order()

    await counter.send("paid")
    await counter.shop.work()

    is_signed = (await counter.link()).adapter.capabilities().callback_trust is providers.Trust.SIGNED
    signed = is_signed or counter.told.provider == "gidi"
    assert await counter.shop.state(payment_id) == ("paid" if signed else "pending")
    assert await counter.shop.wallet() == (PRICE if signed else 0, 0)


@all_dialects()
async def test_another_amount_than_ordered_is_set_aside(counter: Counter) -> None:
    payment_id, _ = await counter.order("wrong_amount")
    await counter.shop.callbacks_answered(1)
    await counter.shop.work()

    assert await counter.shop.state(payment_id) != "paid"
    assert await counter.shop.wallet() == (0, 0)
    assert await kinds_of_exceptions(counter.shop) == ["amount_mismatch"]


@all_dialects(currency=True)
async def test_another_currency_than_ordered_is_set_aside(counter: Counter) -> None:
    payment_id, _ = await counter.order("wrong_currency")
    await counter.shop.callbacks_answered(1)
    await counter.shop.work()

    assert await counter.shop.state(payment_id) != "paid"
    assert await counter.shop.wallet() == (0, 0)
    assert await kinds_of_exceptions(counter.shop) == ["currency_mismatch"]


@all_dialects()
async def test_a_word_nobody_knows_posts_nothing(counter: Counter) -> None:
    payment_id, _ = await counter.order()
    await counter.send("under_review_by_unit_7")
    await counter.shop.work()

    [row] = await counter.inbox()
    # Where the provider is asked, its answer counts and the charge is simply still open.
    assert row["facts"][0]["state"] in ("unmapped", "pending")
    assert await counter.shop.state(payment_id) == "pending"
    assert await counter.shop.wallet() == (0, 0)


@all_dialects(knows_absence=True, asks=True)
async def test_a_reference_the_provider_never_heard_of_is_none(counter: Counter) -> None:
    link = await counter.link()

    answer = await perform(link, link.adapter.get_charge("0" * 32), counter.shop.services["outbound"])

    assert answer == Accepted(None)


@all_dialects()
async def test_the_connection_can_be_tried_without_moving_anything(counter: Counter) -> None:
    link = await counter.link()

    answer = await perform(link, link.adapter.probe(), counter.shop.services["outbound"])

    assert answer in (Accepted(None), Unknown("no_harmless_question"))
    assert await counter.shop.book() == []


@pytest.mark.parametrize(
    ("provider", "wrong"),
    [
        ("oy", {"username": "sim_x", "api_key": "wrong"}),
        ("xendit", {"secret_key": "xnd_development_other", "callback_token": "t"}),
        ("midtrans", {"server_key": "SB-Mid-server-other"}),
        ("stripe", {"secret_key": "sk_test_other", "webhook_secret": "w"}),
        ("snap", {"client_key": "sim_x", "client_secret": "s", "partner_id": "", "merchant_id": "m"}),
        ("hilogate", {"merchant_id": "sim_x", "secret": "wrong"}),
        ("ing1", {"email": "a@example.com", "password": "wrong"}),
        ("piro", {"client_id": "sim_x", "client_secret": "wrong", "signature_key": "k"}),
    ],
)
async def test_wrong_credentials_are_found_out_by_trying(running: Shop, provider: str, wrong: dict[str, str]) -> None:
    shop = await new_tenant(running, provider, timeout_ms=1000, **wrong)
    link = await Counter(shop, Told(provider)).link()
    call = link.adapter.probe()
    if provider == "snap":
        # Its login is signed with a key, so what is wrong is the text: the simulator knows this client by another.
        call = replace(call, sign=lambda stamp: {"X-CLIENT-KEY": "sim_x", "X-TIMESTAMP": "", "X-SIGNATURE": "AAAA"})

    assert isinstance(await perform(link, call, shop.services["outbound"]), Rejected)


async def kinds_of_exceptions(shop: Shop) -> list[str]:
    return [row["kind"] for row in (await shop.get("/payment-exceptions")).json()["data"]]
