"""From the order to the books: success, decline, time-out, late, and what each leaves behind."""

import asyncio
from datetime import timedelta

import pytest

from specie import ledger, payments, wallets
from specie.kernel.errors import SpecieError
from specie.kernel.ids import PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payments import charging
from specie.payments import jobs as payment_jobs
from specie.payments.errors import MethodUnavailable
from specie.providers import ChargeKind
from tests.support.shop import IDR, Shop, new_tenant


async def test_an_approved_payment_is_booked_in_separate_shares(shop: Shop) -> None:
    terms = {"fee_rate": "0.0199", "fee_fixed": {"IDR": 50_000}}
    answer = await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=terms, headers=shop.headers)
    assert answer.status_code == 200, answer.text
    payment_id = await shop.payment("success", minor=1_500_001)

    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")

    fee = 29_850 + 50_000
    assert await shop.wallet() == (1_500_001 - fee, 0)
    assert await shop.balance("income:fees:payments") == fee
    assert await shop.balance(f"expense:fees:providers:{shop.connection_id}") == 10_500
    assert await shop.balance(f"asset:providers:{shop.connection_id}:clearing") == 1_500_001 - 10_500


async def test_the_detail_tells_the_whole_story(shop: Shop) -> None:
    payment_id = await shop.payment("success", customer={"name": "Sari", "email": "sari@example.com"})
    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")

    detail = (await shop.get(f"/payments/{payment_id}")).json()

    assert detail["status"] == "paid"
    assert [step["status"] for step in detail["timeline"] if step["kind"] == "payment"] == [
        "created",
        "pending",
        "paid",
    ]
    assert detail["entries"][0]["recipe"] == "payments.capture@2"
    assert detail["callbacks"][0]["state"] in ("processed", "ignored")
    assert detail["customer"]["email"] == "sari@example.com"
    assert detail["checkout_url"].startswith(f"{shop.url}/checkout/")


async def test_a_declined_payment_can_be_tried_again_with_a_new_attempt(shop: Shop) -> None:
    payment_id = await shop.payment("decline")
    await shop.pay(payment_id)
    await shop.settled(payment_id, "failed")
    assert await shop.wallet() == (0, 0)

    second = await shop.pay(payment_id)

    assert second.number == 2
    assert len(await shop.book()) == 2


async def test_money_that_arrives_after_expiry_is_paid_late_and_booked_once(shop: Shop) -> None:
    payment_id = await shop.payment("late")
    await shop.pay(payment_id)
    await shop.callbacks_answered(2)
    await shop.settled(payment_id, "paid")

    detail = (await shop.get(f"/payments/{payment_id}")).json()
    assert detail["status"] == "paid"
    assert (await shop.wallet())[0] == 1_500_000


async def test_pressing_pay_twice_orders_one_charge(shop: Shop) -> None:
    payment_id = await shop.payment()

    attempts = await asyncio.gather(*(shop.pay(payment_id) for _ in range(8)))

    assert len({attempt.id for attempt in attempts}) == 1
    assert len(await shop.book()) == 1


async def test_choosing_another_way_withdraws_the_first_charge(shop: Shop) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id, ChargeKind.QR)

    second = await shop.pay(payment_id, ChargeKind.VIRTUAL_ACCOUNT)

    assert second.number == 2
    assert sorted(charge["state"] for charge in await shop.book()) == ["cancelled", "open"]


async def test_a_callback_that_is_lost_is_made_up_for_by_asking(shop: Shop) -> None:
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)

    answer = await shop.post(f"/payments/{payment_id}/check")

    assert answer.json()["status"] == "paid"
    assert (await shop.wallet())[0] == 1_500_000


@pytest.mark.parametrize("scenario", ["no_answer", "cut", "error_after"])
async def test_an_order_without_an_answer_is_unknown_and_nobody_can_order_again(shop: Shop, scenario: str) -> None:
    payment_id = await shop.payment(scenario)

    attempt = await shop.pay(payment_id)
    again = await shop.pay(payment_id)

    assert attempt.state == payments.AttemptState.UNKNOWN
    assert again.id == attempt.id
    with pytest.raises(payments.ChargeUnknown):
        await shop.pay(payment_id, ChargeKind.CARD)
    assert len(await shop.book()) == 1
    assert await shop.wallet() == (0, 0)


@pytest.mark.parametrize("scenario", ["no_answer+lost", "cut+lost", "error_after+lost"])
async def test_an_unknown_order_is_resolved_by_asking_the_provider(shop: Shop, scenario: str) -> None:
    payment_id = await shop.payment(scenario)
    attempt = await shop.pay(payment_id)

    await payment_jobs.poll_job(shop.context, attempt=str(attempt.id.uuid), polls=0)

    assert await shop.state(payment_id) == "paid"
    assert (await shop.wallet())[0] == 1_500_000


async def test_an_order_that_never_arrived_fails_only_after_it_cannot_be_on_its_way(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = await shop.payment("error_before")
    attempt = await shop.pay(payment_id)
    await charging.ask(shop.context, attempt.id)
    assert await shop.state(payment_id) == "pending"

    monkeypatch.setattr("specie.payments.attempts.IN_FLIGHT", timedelta(0))
    await charging.ask(shop.context, attempt.id)

    assert await shop.state(payment_id) == "failed"


async def test_a_refused_order_fails_at_once(shop: Shop) -> None:
    payment_id = await shop.payment("refuse")

    attempt = await shop.pay(payment_id)

    assert attempt.state == payments.AttemptState.FAILED
    assert await shop.state(payment_id) == "failed"


@pytest.mark.parametrize("scenario", ["wrong_amount", "wrong_currency"])
async def test_money_that_does_not_fit_goes_to_suspense_and_never_pays(shop: Shop, scenario: str) -> None:
    payment_id = await shop.payment(scenario)
    await shop.pay(payment_id)
    await shop.callbacks_answered(1)
    await shop.work()
    await shop.post(f"/payments/{payment_id}/check")

    assert await shop.state(payment_id) == "pending"
    assert await shop.wallet() == (0, 0)
    currency = "IDR" if scenario == "wrong_amount" else "USD"
    [charge] = await shop.book()
    assert await shop.balance("liability:suspense:payments", currency) == charge["amount"]
    # The provider has kept its fee of what it will pay over.
    owed = await shop.balance(f"asset:providers:{shop.connection_id}:clearing", currency)
    assert owed == charge["amount"] - charge["fee"]
    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    assert found["payment_id"] == str(payment_id)
    with pytest.raises(payments.PaymentCannotMove):
        await shop.pay(payment_id)


async def test_a_cancelled_payment_takes_no_money_and_withdraws_its_charge(shop: Shop) -> None:
    payment_id = await shop.payment()
    await shop.pay(payment_id)

    answer = await shop.post(f"/payments/{payment_id}/cancel")

    assert answer.json()["status"] == "cancelled"
    assert (await shop.book())[0]["state"] == "cancelled"


async def test_a_paid_payment_cannot_be_cancelled(shop: Shop) -> None:
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)

    answer = await shop.post(f"/payments/{payment_id}/cancel")

    assert answer.status_code == 409
    assert answer.json()["code"] == "payment_state"
    assert await shop.state(payment_id) == "paid"


async def test_a_reference_collects_once(shop: Shop) -> None:
    body = {
        "merchant_id": str(shop.merchant),
        "reference": "order-7",
        "amount": {"amount": 5_000, "currency": "IDR"},
    }
    first = await shop.post("/payments", body)
    second = await shop.post("/payments", body)

    assert second.status_code == 409
    assert second.json()["code"] == "reference_taken"
    assert second.json()["payment_id"] == first.json()["id"]


async def test_a_payment_needs_an_idempotency_key_and_replays_under_it(shop: Shop) -> None:
    body = {"merchant_id": str(shop.merchant), "reference": "k-1", "amount": {"amount": 5_000, "currency": "IDR"}}
    bare = await shop.client.post(f"{shop.url}/api/v1/payments", json=body, headers=shop.headers)
    first = await shop.post("/payments", body, **{"idempotency-key": "one"})
    again = await shop.post("/payments", body, **{"idempotency-key": "one"})

    assert bare.json()["code"] == "idempotency_key_required"
    assert again.headers["idempotent-replayed"] == "true"
    assert again.text == first.text


async def test_a_return_address_must_be_listed_letter_for_letter(shop: Shop) -> None:
    listed = {"return_urls": ["https://shop.example/done"]}
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json=listed, headers=shop.headers)
    body = {"merchant_id": str(shop.merchant), "amount": {"amount": 5_000, "currency": "IDR"}}

    for number, url in enumerate(
        ["https://shop.example/done/", "https://shop.example/done?x=1", "https://evil.example/done", "javascript:1"]
    ):
        answer = await shop.post("/payments", body | {"reference": f"r-{number}", "return_url": url})
        assert answer.json()["code"] == "return_url_unlisted", url
    good = await shop.post("/payments", body | {"reference": "r-x", "return_url": "https://shop.example/done"})
    assert good.status_code == 201


async def test_a_top_up_credits_the_payers_own_wallet_without_our_fee(shop: Shop) -> None:
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json={"fee_rate": "0.1"}, headers=shop.headers)
    party = {"test-party": str(shop.merchant)}
    body = {"amount": {"amount": 70_000, "currency": "IDR"}, "metadata": {"simulator": "doubled"}}
    made = (await shop.post("/top-ups", body, **party)).json()
    payment_id = PaymentId.parse(made["id"])

    await shop.pay(payment_id)
    await shop.settled(payment_id, "paid")
    await shop.callbacks_answered(2)
    await shop.work()

    assert await shop.wallet() == (70_000, 0)


async def test_a_share_on_hold_is_pending_until_its_day(shop: Shop) -> None:
    await shop.client.patch(f"{shop.url}/api/v1/payment-settings", json={"hold_days": 3}, headers=shop.headers)
    payment_id = await shop.payment("lost")
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")

    assert await shop.wallet() == (0, 1_500_000)
    await payment_jobs.release_job(shop.context, payment=str(payment_id.uuid))
    assert await shop.wallet() == (0, 1_500_000)


async def test_another_tenants_payment_does_not_exist(shop: Shop) -> None:
    other = await new_tenant(shop)
    payment_id = await shop.payment()

    for path in ("", "/status"):
        answer = await other.get(f"/payments/{payment_id}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")
    with pytest.raises(SpecieError):
        await other.pay(payment_id)


async def test_a_merchant_sees_its_own_payments_only(shop: Shop) -> None:
    payment_id = await shop.payment()
    stranger = {"test-party": str(PartyId.new())}

    assert (await shop.get("/payments", **stranger)).json()["data"] == []
    assert (await shop.get(f"/payments/{payment_id}", **stranger)).status_code == 404
    assert len((await shop.get("/payments", **{"test-party": str(shop.merchant)})).json()["data"]) == 1


async def test_payments_are_found_by_id_reference_and_the_providers_reference(shop: Shop) -> None:
    payment_id = await shop.payment(reference="Order-99")
    attempt = await shop.pay(payment_id)
    await shop.payment(reference="other")

    for text in (str(payment_id), "order-9", str(attempt.provider_ref)):
        found = (await shop.get(f"/payments?q={text}")).json()["data"]
        assert [payment["id"] for payment in found] == [str(payment_id)], text
    assert (await shop.get("/payments?status=paid,failed")).json()["data"] == []


@pytest.mark.parametrize("path", ["/payments?status=payed", "/refunds?status=paid"])
async def test_a_state_that_does_not_exist_finds_nothing_but_a_refusal(shop: Shop, path: str) -> None:
    refused = await shop.get(path)
    assert (refused.status_code, refused.json()["param"]) == (422, "query.status")
    assert "is none of created, pending" in refused.json()["detail"]


@pytest.mark.parametrize("reference", ["two\nlines", "\u202eevil"])
async def test_a_reference_is_one_line_that_reads_as_it_is_written(shop: Shop, reference: str) -> None:
    body = {"reference": reference, "amount": {"amount": 50_000, "currency": "IDR"}}
    refused = await shop.post("/payments", body)
    assert (refused.status_code, refused.json()["param"]) == (422, "/reference")
    assert (await shop.get("/payments")).json()["data"] == []


async def test_an_exception_is_seen_and_closed_by_its_own_merchant_only(shop: Shop) -> None:
    payment_id = await shop.payment("wrong_amount")
    await shop.pay(payment_id)
    await shop.post(f"/payments/{payment_id}/check")
    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    stranger = {"test-party": str(PartyId.new())}

    assert (await shop.get("/payment-exceptions", **stranger)).json()["data"] == []
    refused = await shop.post(f"/payment-exceptions/{found['id']}/close", {"note": "mine"}, **stranger)
    assert refused.json()["code"] == "exception_not_found"
    closed = await shop.post(f"/payment-exceptions/{found['id']}/close", {"note": "given back by hand"})
    assert closed.json()["note"] == "given back by hand"
    assert (await shop.get("/payment-exceptions")).json()["data"] == []


async def test_nobody_is_asked_for_money_that_a_frozen_wallet_would_take_in(shop: Shop) -> None:
    made_before = await shop.payment("success")
    async with shop.db.begin(shop.scope) as uow:
        wallet = await wallets.ensure_wallet(uow, shop.merchant, Currency.of("IDR"))
        await wallets.freeze(uow, wallet.id, debits=False, credits=True, reason="looked into")

    body = {"reference": "frozen-1", "amount": {"amount": 5_000, "currency": "IDR"}}
    for path, whose in (("/payments", "merchant_id"), ("/top-ups", "party_id")):
        answer = await shop.post(path, body | {whose: str(shop.merchant)})
        assert (answer.status_code, answer.json()["code"]) == (422, "wallet_frozen"), answer.text
    with pytest.raises(MethodUnavailable):
        await shop.pay(made_before)

    assert await shop.book() == []
    assert await shop.wallet() == (0, 0)


async def test_money_that_a_full_wallet_cannot_take_waits_in_suspense(shop: Shop) -> None:
    payment_id = await shop.payment("success")
    async with shop.db.begin(shop.scope) as uow:
        wallet = await wallets.ensure_wallet(uow, shop.merchant, IDR)
        code = (await ledger.get_account(uow, wallet.available_account)).code
    await shop.fill(code)
    await shop.pay(payment_id)
    await shop.callbacks_answered(1)
    await shop.work()

    assert await shop.state(payment_id) == "pending"
    assert await shop.wallet() == (Money.MAX_MINOR, 0)
    assert await shop.balance("liability:suspense:payments") == 1_500_000
    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    assert (found["payment_id"], found["kind"]) == (str(payment_id), "balance_range")
    with pytest.raises(payments.PaymentCannotMove):
        await shop.pay(payment_id)


async def test_money_that_no_account_has_room_for_is_before_a_person_until_there_is_room(shop: Shop) -> None:
    payment_id = await shop.payment("success")
    clearing = f"asset:providers:{shop.connection_id}:clearing"
    await shop.fill(clearing)
    attempt = await shop.pay(payment_id)
    await shop.callbacks_answered(1)
    await shop.work()
    await payment_jobs.poll_job(shop.context, attempt=str(attempt.id.uuid), polls=0)

    assert (await shop.state(payment_id), await shop.wallet()) == ("pending", (0, 0))
    page = (await shop.get(f"/payments/{payment_id}")).json()["checkout_url"]
    assert "has to be checked" in (await shop.client.get(page)).text
    [found] = (await shop.get("/payment-exceptions")).json()["data"]
    assert (found["kind"], found["facts"]["account"]) == ("balance_range", clearing)
    [callback] = (await shop.get("/callbacks?state=dead")).json()["data"]
    assert callback["reason"] == "the books have no room for it; the payment's exception names the account"

    await shop.fill(clearing, -Money.MAX_MINOR)
    await shop.post(f"/callbacks/{callback['id']}/replay")
    await shop.work()

    assert (await shop.state(payment_id), await shop.wallet()) == ("paid", (1_500_000, 0))
    assert (await shop.get(f"/callbacks/{callback['id']}")).json()["state"] == "processed"
