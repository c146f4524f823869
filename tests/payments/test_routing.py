"""Where a payment is collected: by rules, by health, elsewhere after a certain refusal, never after silence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from specie import payments
from specie.kernel.ids import ConnectionId, PartyId, PaymentId
from specie.payments.model import Payment, PaymentState
from specie.payments.route_model import Candidate, Choice, Health, Route, RouteId, choose
from specie.providers import Capabilities, ChargeKind, Trust
from tests.support.shop import Shop, rupiah

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIRST, SECOND = ConnectionId.new(), ConnectionId.new()
CAN = Capabilities(frozenset(ChargeKind), None, can_cancel=True, callback_trust=Trust.SIGNED, statement=True)


def payment(minor: int = 1_000_000, country: str | None = None) -> Payment:
    return Payment(
        id=PaymentId.new(),
        kind=payments.PaymentKind.MERCHANT,
        party_id=PartyId.new(),
        reference="r",
        amount=rupiah(minor),
        description="",
        state=PaymentState.CREATED,
        version=1,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        country=country,
    )


def rule(connection_id: ConnectionId, position: int = 0, weight: int = 1, **more: Any) -> Route:
    return Route(RouteId.new(), connection_id, position, weight, True, NOW, NOW, **more)


def candidates(first: Health | None = None) -> list[Candidate]:
    return [Candidate(FIRST, CAN, first or Health()), Candidate(SECOND, CAN, Health())]


def taken(choice: Choice | None) -> ConnectionId:
    assert choice is not None
    return choice.connection_id


def test_without_rules_the_preferred_connection_is_taken() -> None:
    choice = choose([], candidates(), payment(), ChargeKind.QR)

    assert choice is not None
    assert (choice.connection_id, choice.reason) == (FIRST, "preferred connection")
    assert len(choice.considered) == 2


@pytest.mark.parametrize(
    ("wanted", "fits", "fits_not"),
    [
        ({"method": ChargeKind.CARD}, (payment(), ChargeKind.CARD), (payment(), ChargeKind.QR)),
        ({"currency": "IDR"}, (payment(), ChargeKind.QR), None),
        ({"currency": "JPY"}, None, (payment(), ChargeKind.QR)),
        ({"country": "SG"}, (payment(country="SG"), ChargeKind.QR), (payment(country="ID"), ChargeKind.QR)),
        ({"country": "SG"}, None, (payment(), ChargeKind.QR)),
        ({"currency": "IDR", "min_minor": 500}, (payment(500), ChargeKind.QR), (payment(499), ChargeKind.QR)),
        ({"currency": "IDR", "max_minor": 500}, (payment(500), ChargeKind.QR), (payment(501), ChargeKind.QR)),
    ],
)
def test_a_rule_leads_exactly_the_payments_it_speaks_of(wanted: Any, fits: Any, fits_not: Any) -> None:
    rules = [rule(SECOND, **wanted)]

    if fits:
        assert taken(choose(rules, candidates(), *fits)) == SECOND
    if fits_not:
        assert taken(choose(rules, candidates(), *fits_not)) == FIRST


def test_a_rule_that_is_switched_off_leads_nobody() -> None:
    rules = [replace(rule(SECOND), is_active=False)]

    assert taken(choose(rules, candidates(), payment(), ChargeKind.QR)) == FIRST


def test_rules_of_one_position_share_by_weight_and_the_same_payment_always_goes_the_same_way() -> None:
    rules = [rule(FIRST, weight=1), rule(SECOND, weight=3)]
    many = [payment() for _ in range(2_000)]

    ways = [taken(choose(rules, candidates(), one, ChargeKind.QR)) for one in many]

    assert ways == [taken(choose(rules, candidates(), one, ChargeKind.QR)) for one in many]
    assert 0.7 < ways.count(SECOND) / len(ways) < 0.8


def test_a_failing_connection_is_taken_out_and_comes_back() -> None:
    failing, recovered = Health(tries=4, failures=3), Health(tries=4, failures=2)

    assert taken(choose([rule(FIRST)], candidates(failing), payment(), ChargeKind.QR)) == SECOND
    assert taken(choose([rule(FIRST)], candidates(recovered), payment(), ChargeKind.QR)) == FIRST


def test_a_failing_connection_is_better_than_none() -> None:
    only = [Candidate(FIRST, CAN, Health(tries=5, failures=5))]

    choice = choose([], only, payment(), ChargeKind.QR)

    assert choice is not None
    assert "no other is left" in choice.reason


async def test_a_soft_refusal_is_tried_elsewhere_and_the_choice_is_told(shop: Shop) -> None:
    first = shop.connection_id
    second = await shop.connect()
    payment_id = await shop.payment()
    await shop.lever("misbehave", mischief="soft_refuse", times=1)

    attempt = await shop.pay(payment_id)

    detail = (await shop.get(f"/payments/{payment_id}")).json()
    assert (attempt.number, attempt.state) == (2, payments.AttemptState.PENDING)
    assert {each["connection_id"] for each in detail["attempts"]} == {str(first), str(second)}
    reasons = {each["attempt_id"]: each["reason"] for each in detail["routing"]}
    assert reasons[str(attempt.id)].endswith("after another refused")
    assert detail["status"] == "pending"


async def test_a_hard_refusal_is_not_tried_elsewhere(shop: Shop) -> None:
    await shop.connect()
    payment_id = await shop.payment()
    await shop.lever("misbehave", mischief="refuse", times=1)

    attempt = await shop.pay(payment_id)

    assert (attempt.number, attempt.state) == (1, payments.AttemptState.FAILED)
    assert await shop.state(payment_id) == "failed"


async def test_silence_is_never_tried_elsewhere(shop: Shop) -> None:
    await shop.connect()
    payment_id = await shop.payment()
    await shop.lever("misbehave", mischief="error_after", times=1)

    attempt = await shop.pay(payment_id)

    assert (attempt.number, attempt.state) == (1, payments.AttemptState.UNKNOWN)
    assert len((await shop.get(f"/payments/{payment_id}")).json()["attempts"]) == 1


async def test_every_connection_is_tried_once_and_then_the_payment_has_failed(shop: Shop) -> None:
    await shop.connect()
    payment_id = await shop.payment()
    await shop.lever("misbehave", mischief="soft_refuse", times=2)

    attempt = await shop.pay(payment_id)

    assert (attempt.number, attempt.state) == (2, payments.AttemptState.FAILED)
    assert await shop.state(payment_id) == "failed"
    assert await shop.book() == []


async def test_a_method_the_merchant_switched_off_is_neither_offered_nor_taken(shop: Shop) -> None:
    answer = await shop.client.patch(
        f"{shop.url}/api/v1/payment-settings", json={"methods_off": ["qr"]}, headers=shop.headers
    )
    assert answer.status_code == 200, answer.text
    payment_id = await shop.payment()

    with pytest.raises(payments.MethodUnavailable):
        await shop.pay(payment_id, ChargeKind.QR)

    assert (await shop.pay(payment_id, ChargeKind.CARD)).state == payments.AttemptState.PENDING


async def test_rules_are_kept_over_the_api_and_followed(shop: Shop) -> None:
    second = await shop.connect()
    body = {"connection_id": str(second), "method": "card", "currency": "IDR", "max_amount": 2_000_000}
    made = await shop.post("/payment-routes", body)
    assert made.status_code == 201, made.text

    by_card = await shop.pay(await shop.payment(), ChargeKind.CARD)
    route = f"/api/v1/payment-routes/{made.json()['id']}"
    await shop.client.patch(f"{shop.url}{route}", json={"active": False}, headers=shop.headers)
    afterwards = await shop.pay(await shop.payment(), ChargeKind.CARD)

    assert by_card.connection_id == second
    assert afterwards.connection_id != second


async def test_three_unanswered_orders_take_a_connection_out(shop: Shop) -> None:
    first = shop.connection_id
    second = await shop.connect()
    await shop.lever("misbehave", mischief="error_before", times=3)
    for _ in range(3):
        await shop.pay(await shop.payment())

    attempt = await shop.pay(await shop.payment())

    health = (await shop.get("/payment-routes")).json()["health"]
    assert {each["connection_id"]: each["healthy"] for each in health}[str(first)] is False
    assert attempt.connection_id == second
