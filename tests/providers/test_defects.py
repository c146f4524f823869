"""Ten mistakes that have cost others money, each shown to be impossible here."""

import hashlib
from decimal import Decimal

import pytest

from specie import payments
from specie.kernel.clock import machine_now
from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers import (
    Accepted,
    ChargeKind,
    ChargeRequest,
    ChargeState,
    Installation,
    Unknown,
    adapters,
    qris,
    reading,
)
from specie.providers.base import json_bytes
from specie.providers.errors import CallbackUnverified
from specie.providers.model import ProviderAdapter, RawCallback
from tests.support.shop import Shop, new_tenant

HERE = Installation("http://here", "http://simulator")
REFERENCE = "0" * 31 + "A"


def adapter_of(provider: str, **credentials: str) -> ProviderAdapter:
    return adapters.build(provider, ConnectionId.new(), credentials, HERE)


def callback(body: bytes = b"", query: str = "", **headers: str) -> RawCallback:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawCallback("POST", "/api/v1/callbacks/t", query, named, body, "192.0.2.1", machine_now())


def answered(status: int, body: dict[str, object]) -> OutboundResponse:
    return OutboundResponse(status, {}, json_bytes(body), 1)


def ordered(reference: str = REFERENCE) -> ChargeRequest:
    now = machine_now()
    return ChargeRequest(reference, "k", Money.of(1_500_000, "IDR"), ChargeKind.QR, now, "", "http://here/cb")


def test_1_an_unsigned_callback_is_a_hint_only() -> None:
    told = {"partner_trx_id": REFERENCE, "trx_id": "T1", "payment_status": "COMPLETE", "received_amount": "15000.0000"}
    [oy] = adapter_of("oy").parse_callback(callback(json_bytes(told)))
    query = f"reff=T1&client_reff={REFERENCE}&status=success&amount=15000"
    [ing1] = adapter_of("ing1").parse_callback(callback(query=query))

    assert (oy.state, oy.must_requery) == (ChargeState.PAID, True)
    assert (ing1.state, ing1.must_requery) == (ChargeState.PAID, True)


@pytest.mark.parametrize("scenario", ["no_answer+lost", "error_after+lost", "cut+lost"])
async def test_2_a_lost_answer_is_no_failure(running: Shop, scenario: str) -> None:
    shop = await new_tenant(running, "oy")
    attempt = await shop.pay(await shop.payment(scenario))

    assert attempt.state is payments.AttemptState.UNKNOWN
    assert await shop.wallet() == (0, 0)


async def test_3_a_failure_told_three_times_credits_nothing(running: Shop) -> None:
    shop = await new_tenant(running, "gidi", timeout_ms=1500)
    payment_id = await shop.payment("decline")
    await shop.pay(payment_id)
    [sent] = await shop.callbacks_answered(1)
    [row] = (await shop.get("/callbacks")).json()["data"]
    for _ in range(3):
        await shop.post(f"/callbacks/{row['id']}/replay")
        await shop.work()

    assert sent["last_status"] == 200
    assert await shop.state(payment_id) == "failed"
    assert await shop.wallet() == (0, 0)


@pytest.mark.parametrize("provider", ["oy", "xendit", "midtrans", "hilogate", "ing1", "genesis", "gudangvoucher"])
def test_4_a_word_nobody_knows_is_not_a_failure(provider: str) -> None:
    ours = adapter_of(provider)
    bodies: dict[str, dict[str, object]] = {
        "oy": {"status": {"code": "000"}, "partner_trx_id": "R", "trx_id": "T", "payment_status": "ODD"},
        "midtrans": {"status_code": "200", "order_id": "R", "gross_amount": "15000.00", "transaction_status": "odd"},
        "hilogate": {"data": {"ref_id": "R", "amount": 15000, "status": "ODD"}},
        "ing1": {"rc": 0, "reff": "T", "client_reff": "R", "data": {"status": "odd", "amount": 15000}},
        "genesis": {"data": {"latestTransactionStatus": "77", "amount": {"value": "15000.00"}}},
    }
    answer = answered(200, bodies.get(provider, {}))
    if provider == "xendit":
        row = b'[{"id":"T","external_id":"R","status":"ODD","amount":15000,"currency":"IDR"}]'
        answer = OutboundResponse(200, {}, row, 1)
    if provider == "gudangvoucher":
        xml = b'<t><custom>R</custom><amount currency="IDR" nominal="15000"/><status>ODD</status></t>'
        answer = OutboundResponse(200, {}, xml, 1)

    outcome = ours.get_charge("R").read(answer)

    assert isinstance(outcome, Accepted)
    assert outcome.value is not None
    assert outcome.value.state is ChargeState.UNMAPPED


def test_5_a_question_that_went_well_is_no_payment() -> None:
    told = {"rc": 0, "reff": "T1", "client_reff": REFERENCE, "data": {"status": "pending", "amount": 15000}}

    outcome = adapter_of("ing1").get_charge(REFERENCE).read(answered(200, told))

    assert isinstance(outcome, Accepted)
    assert outcome.value is not None
    assert outcome.value.state is ChargeState.PENDING


def test_6_a_signature_is_not_compared_with_a_field_of_the_same_body() -> None:
    told = {"ref_id": REFERENCE, "amount": 15000, "method": "qris", "status": "SUCCESS", "merchant_signature": "abc"}

    with pytest.raises(CallbackUnverified):
        adapter_of("hilogate").parse_callback(callback(json_bytes(told), x_signature="abc"))


def test_7_a_signature_that_leaves_the_state_out_lets_nobody_change_it() -> None:
    ours = adapter_of("hilogate", callback_formula="A", merchant_id="m", secret="s", environment="simulator")
    covered = '{"ref_id":"R","amount":15000,"method":"qris"}'
    signature = hashlib.md5(f"/api/v1/transactions{covered}s".encode()).hexdigest()
    told = {"ref_id": "R", "amount": 15000, "method": "qris", "status": "SUCCESS"}

    [fact] = ours.parse_callback(callback(json_bytes(told), x_signature=signature))

    assert fact.must_requery


@pytest.mark.parametrize("told", ["0.1", "15000.0000", 15000, Decimal("0.29"), "90071992547409.91"])
def test_8_amounts_are_exact(told: object) -> None:
    assert reading.money(told, "IDR").major() == Decimal(str(told))


def test_8_an_amount_in_a_body_never_becomes_a_binary_fraction() -> None:
    found = reading.document(b'{"amount": 0.1}')["amount"]

    assert found == Decimal("0.1")
    with pytest.raises(ValueError, match="a number or a text"):
        reading.money(0.1, "IDR")
    with pytest.raises(ValueError, match="more digits"):
        reading.money("15000.001", "IDR")
    with pytest.raises(ValueError, match="more digits"):
        reading.money("15000.50", "IDR", exponent=0)


@pytest.mark.parametrize("provider", ["oy", "gidi", "xendit", "midtrans", "snap", "hilogate", "genesis", "ing1"])
def test_9_a_retry_orders_under_the_same_reference(provider: str) -> None:
    ours = adapter_of(provider)
    wanted = ordered()

    first, second = ours.create_charge(wanted), ours.create_charge(wanted)

    assert first.content == second.content
    assert REFERENCE.encode() in first.content


@pytest.mark.parametrize("provider", ["oy", "hilogate"])
async def test_10_the_second_callback_of_a_payment_settles_and_credits_nothing(running: Shop, provider: str) -> None:
    shop = await new_tenant(running, provider, timeout_ms=1500)
    payment_id = await shop.payment("success")
    await shop.pay(payment_id)
    await shop.callbacks_answered(2)
    await shop.settled(payment_id, "paid", seconds=20)
    await shop.work()

    rows = (await shop.get("/callbacks")).json()["data"]
    assert sorted(row["state"] for row in rows) == ["ignored", "processed"]
    assert await shop.wallet() == (1_500_000, 0)


def test_a_refused_question_says_nothing_about_the_money() -> None:
    for code in ("201", "202", "204", "207", "208", "429", "999"):
        outcome = adapter_of("oy").get_charge("R").read(answered(200, {"status": {"code": code}}))
        assert outcome == Unknown(f"code_{code}")


@pytest.mark.parametrize("code", ["203", "257"])
def test_a_reference_that_is_taken_is_asked_about_and_no_failure(code: str) -> None:
    outcome = adapter_of("oy").create_charge(ordered()).read(answered(200, {"status": {"code": code}}))

    assert outcome == Unknown("duplicate")


@pytest.mark.parametrize("code", ["504", "999", "nobody knows"])
def test_a_result_nobody_knows_is_unknown(code: str) -> None:
    outcome = adapter_of("oy").create_charge(ordered()).read(answered(200, {"status": {"code": code}}))

    assert outcome == Unknown(f"code_{code}")


def test_a_code_for_another_amount_is_never_shown() -> None:
    wrong = qris.dynamic(qris.merchant("SHOP", "JAKARTA", "ID1"), Money.of(1_500_100, "IDR"))
    answer = answered(
        200, {"responseCode": "SUCCESS", "responseDetail": {"rawData": wrong, "statusGenerate": "Created"}}
    )

    assert adapter_of("gidi").create_charge(ordered()).read(answer) == Unknown("qr_amount_differs")


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE t [<!ENTITY a "x">]><t><custom>&a;</custom></t>',
        "<t><custom>R</custom>",
        "no XML at all",
    ],
)
def test_xml_with_a_document_type_or_without_an_end_is_not_read(xml: str) -> None:
    outcome = adapter_of("gudangvoucher").get_charge("R").read(OutboundResponse(200, {}, xml.encode(), 1))

    assert outcome == Unknown("unreadable")


@pytest.mark.parametrize(
    ("code", "minor", "sent"),
    [("IDR", 1_500_000, "1500000"), ("JPY", 1500, "1500"), ("UGX", 1500, "150000"), ("KWD", 1230, "1230")],
)
def test_stripe_counts_currencies_its_own_way(code: str, minor: int, sent: str) -> None:
    now = machine_now()
    wanted = ChargeRequest("R", "k", Money.of(minor, code), ChargeKind.CARD, now, "", "http://here/cb")

    assert f"unit_amount%5D={sent}&" in adapter_of("stripe").create_charge(wanted).content.decode()


def test_an_amount_stripe_cannot_write_is_refused_before_anything_is_sent() -> None:
    now = machine_now()
    wanted = ChargeRequest("R", "k", Money.of(1_231, "KWD"), ChargeKind.CARD, now, "", "http://here/cb")

    assert adapter_of("stripe").create_charge(wanted).known is not None
