"""Stripe's own library drives the simulator, so that the simulator is Stripe's dialect and not only ours."""

import asyncio
import itertools
import json

import pytest
import stripe

from specie import providers
from specie.kernel.clock import machine_timestamp
from specie.providers.dialect import simulated_secret
from specie.providers.simulator import bank
from specie.providers.simulator.book_store import Book
from specie.providers.simulator.rules import Signing
from specie.providers.stripe.simulator import StripeVoice
from tests.support.shop import Shop, new_tenant

KEY = "sk_test_sim_library"
ORDER = {
    "mode": "payment",
    "client_reference_id": "FROM-LIBRARY",
    "success_url": "https://shop.example/",
    "line_items": [
        {"quantity": 1, "price_data": {"currency": "jpy", "unit_amount": 1500, "product_data": {"name": "Tea"}}}
    ],
}


def client_of(shop: Shop, key: str = KEY) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": f"{shop.simulator_url}/stripe"}, max_network_retries=0)


async def test_the_library_orders_reads_lists_and_expires_a_page(shop: Shop) -> None:
    client = client_of(shop, f"{KEY}_{shop.tenant_id}")

    def drive() -> list[str]:
        made = client.v1.checkout.sessions.create(ORDER, options={"idempotency_key": "k1"})
        again = client.v1.checkout.sessions.create(ORDER, options={"idempotency_key": "k1"})
        read = client.v1.checkout.sessions.retrieve(made.id)
        listed = client.v1.checkout.sessions.list({"limit": 10})
        ended = client.v1.checkout.sessions.expire(made.id)
        assert {made.id, again.id, read.id} == {one.id for one in listed.data} == {ended.id}
        return [str(read.status), str(read.amount_total), str(ended.status)]

    assert await asyncio.to_thread(drive) == ["open", "1500", "expired"]


async def test_an_order_repeated_a_second_later_is_the_same_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    client, seconds = client_of(shop, f"{KEY}_{shop.tenant_id}"), itertools.count(machine_timestamp())
    monkeypatch.setattr(bank, "machine_timestamp", lambda: next(seconds))

    def drive() -> tuple[str, str]:
        made = client.v1.checkout.sessions.create(ORDER, options={"idempotency_key": "k1"})
        again = client.v1.checkout.sessions.create(ORDER, options={"idempotency_key": "k1"})
        return made.id, again.id

    made, again = await asyncio.to_thread(drive)

    assert made == again


async def test_the_library_sees_a_refused_key_and_a_reused_one(shop: Shop) -> None:
    client = client_of(shop, f"{KEY}_{shop.tenant_id}")

    def drive() -> None:
        with pytest.raises(stripe.AuthenticationError):
            client_of(shop, "sk_test_other").v1.balance.retrieve()
        client.v1.checkout.sessions.create(ORDER, options={"idempotency_key": "k1"})
        with pytest.raises(stripe.IdempotencyError):
            client.v1.checkout.sessions.create({**ORDER, "client_reference_id": "B"}, options={"idempotency_key": "k1"})

    await asyncio.to_thread(drive)


async def test_the_library_believes_the_simulators_events_and_no_others(running: Shop) -> None:
    shop = await new_tenant(running, "stripe", 2000)
    async with shop.db.begin(shop.scope) as uow:
        assert shop.connection_id
        link = await providers.open_link(uow, shop.services["providers"], shop.connection_id)
    kept = link.adapter.credentials()
    body = json.dumps({"id": "evt_1", "object": "event", "type": "checkout.session.completed"}).encode()
    voice = StripeVoice()
    letter = voice.seal(body, kept["secret_key"], "", machine_timestamp(), Signing.RIGHT)
    header = letter.headers["Stripe-Signature"]

    event = stripe.Webhook.construct_event(body, header, kept["webhook_secret"])

    assert event.id == "evt_1"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", header, kept["webhook_secret"])


async def test_the_library_keeps_a_card_charges_it_and_lets_it_go(shop: Shop) -> None:
    client = client_of(shop, f"{KEY}_{shop.tenant_id}")
    page = {
        "mode": "setup",
        "client_reference_id": "KEPT",
        "customer_creation": "always",
        "allowed_payment_method_types": ["card"],
        "success_url": "https://shop.example/",
    }
    made = await asyncio.to_thread(client.v1.checkout.sessions.create, page, {"idempotency_key": "keep"})
    assert (made.status, made.payment_status) == ("open", "no_payment_required")
    await shop.client.post(f"{made.url}/save")

    def drive() -> list[str]:
        given = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["setup_intent.payment_method"]})
        kept = given.setup_intent.payment_method
        due = {"amount": 1500, "currency": "jpy", "customer": given.customer, "payment_method": kept.id}
        due |= {"off_session": True, "confirm": True, "metadata": {"reference": "DUE"}}
        taken = client.v1.payment_intents.create(due, {"idempotency_key": "due"})
        again = client.v1.payment_intents.create(due, {"idempotency_key": "due"})
        listed = client.v1.payment_intents.list({"customer": given.customer})
        assert [taken.id] == [again.id] == [one.id for one in listed.data]
        with pytest.raises(stripe.InvalidRequestError, match="parameter_invalid"):
            client.v1.payment_intents.create({**due, "confirm": False}, {"idempotency_key": "unconfirmed"})
        gone = client.v1.payment_methods.detach(kept.id)
        with pytest.raises(stripe.InvalidRequestError, match="resource_missing"):
            client.v1.payment_intents.create(due, {"idempotency_key": "late"})
        return [kept.card.last4, taken.status, str(gone.customer)]

    assert await asyncio.to_thread(drive) == ["4242", "succeeded", "None"]


async def test_the_library_refunds_reads_the_balance_and_its_lines(shop: Shop) -> None:
    client = client_of(shop, f"{KEY}_{shop.tenant_id}")
    made = await asyncio.to_thread(client.v1.checkout.sessions.create, ORDER)
    await shop.client.post(f"{shop.simulator_url}/pay/{made.id.replace('cs_test_', 'chg_')}/success")

    def drive() -> None:
        intent = str(client.v1.checkout.sessions.retrieve(made.id).payment_intent)
        wanted = {"payment_intent": intent, "amount": 500, "metadata": {"reference": "BACK"}}
        refund = client.v1.refunds.create(wanted, {"idempotency_key": "back"})
        again = client.v1.refunds.create(wanted, {"idempotency_key": "back"})
        read, listed = client.v1.refunds.retrieve(refund.id), client.v1.refunds.list({"payment_intent": intent})
        assert {refund.id, again.id, read.id} == {one.id for one in listed.data}
        assert (refund.status, refund.amount, refund.payment_intent) == ("succeeded", 500, intent)
        with pytest.raises(stripe.InvalidRequestError, match="amount_too_large"):
            client.v1.refunds.create({"payment_intent": intent, "amount": 1001})
        lines = client.v1.balance_transactions.list({"limit": 10, "expand": ["data.source"]})
        assert sorted((line.type, line.amount) for line in lines.data) == [("charge", 1500), ("refund", -500)]
        [held] = client.v1.balance.retrieve().available
        assert held.amount == sum(line.net for line in lines.data)

    await asyncio.to_thread(drive)


async def test_the_library_reads_the_simulators_disputes(shop: Shop) -> None:
    client, account = client_of(shop, f"{KEY}_{shop.tenant_id}"), f"{KEY}_{shop.tenant_id}"
    made = await asyncio.to_thread(client.v1.checkout.sessions.create, ORDER)
    charge_id = made.id.replace("cs_test_", "chg_")
    await shop.client.post(f"{shop.simulator_url}/pay/{charge_id}/success")
    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge_id}/dispute")
    book = Book(shop.services["simulator_book"])
    [dispute], charge = book.operations.of_charge(charge_id), book.by_id(charge_id)
    assert charge is not None
    [body] = StripeVoice().tell_operation(dispute, charge, "cbk_1", machine_timestamp())
    letter = StripeVoice().seal(body, account, "", machine_timestamp(), Signing.RIGHT)
    secret = f"whsec_{simulated_secret(account, 'webhook_secret')}"

    event = stripe.Webhook.construct_event(body, letter.headers["Stripe-Signature"], secret)

    told = event.data.object
    assert (event.type, told.object, told.status, told.amount) == (
        "charge.dispute.created",
        "dispute",
        "needs_response",
        1500,
    )
    assert told.balance_transactions[0].net == -1500 - told.balance_transactions[0].fee


async def test_the_library_closes_a_dispute(shop: Shop) -> None:
    client = client_of(shop, f"{KEY}_{shop.tenant_id}")
    made = await asyncio.to_thread(client.v1.checkout.sessions.create, ORDER)
    charge_id = made.id.replace("cs_test_", "chg_")
    await shop.client.post(f"{shop.simulator_url}/pay/{charge_id}/success")
    await shop.client.post(f"{shop.simulator_url}/dashboard/{charge_id}/dispute")
    [kept] = Book(shop.services["simulator_book"]).operations.of_charge(charge_id)
    name = kept.id.replace("dis_", "dp_")

    def drive() -> list[str]:
        before = client.v1.disputes.retrieve(name).status
        closed = client.v1.disputes.close(name, options={"idempotency_key": "give-in"})
        return [before, closed.status, client.v1.disputes.retrieve(name).status]

    assert await asyncio.to_thread(drive) == ["needs_response", "lost", "lost"]


async def test_the_library_sees_a_bank_that_asks_for_its_customer(shop: Shop) -> None:
    client = client_of(shop, f"{KEY}_{shop.tenant_id}")
    page = {"mode": "setup", "allowed_payment_method_types": ["card"], "success_url": "https://shop.example/"}
    made = await asyncio.to_thread(client.v1.checkout.sessions.create, page)
    await shop.client.post(f"{made.url}/ask")

    def drive() -> tuple[str | None, str]:
        given = client.v1.checkout.sessions.retrieve(made.id, {"expand": ["setup_intent.payment_method"]})
        due = {"amount": 1500, "currency": "jpy", "customer": given.customer}
        due |= {"payment_method": given.setup_intent.payment_method.id, "off_session": True, "confirm": True}
        with pytest.raises(stripe.CardError) as declined:
            client.v1.payment_intents.create(due)
        assert declined.value.error
        return declined.value.code, declined.value.error.payment_intent.status

    assert await asyncio.to_thread(drive) == ("authentication_required", "requires_payment_method")
