"""Stripe's own library drives the simulator, so that the simulator is Stripe's dialect and not only ours."""

import asyncio
import json

import pytest
import stripe

from specie import providers
from specie.kernel.clock import machine_timestamp
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
