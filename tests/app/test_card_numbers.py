"""No number of a card is stored, logged or passed on, wherever in a request somebody puts it."""

import logging
import time
from typing import Any

import httpx2
import psycopg
import pytest

from specie.kernel.card_numbers import has_card_number
from specie.platform.config import Settings
from tests.app.callers import sandbox_key
from tests.support.card_search import files_with, tables_with

# The schemes' own numbers for testing: Visa, Mastercard (both series), American Express, JCB, UnionPay, Diners.
CARDS = (
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "3530111333300000",
    "6200000000000005",
    "30569309025904",
)
CARD = CARDS[0]
GROUPED = "4111 1111 1111 1111"


@pytest.mark.parametrize("card", CARDS)
def test_a_scheme_s_number_is_known_in_any_writing_and_a_wrong_check_digit_is_none(card: str) -> None:
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    for text in (card, f"card {card[:4]} {card[4:8]} {card[8:]}, thanks", f"no:{card[:4]}-{card[4:]}"):
        assert has_card_number(text), text
    assert not has_card_number(wrong)


def test_what_only_looks_like_a_card_is_let_through() -> None:
    # A moment, a phone number, a number with letters, the decimals of a rate, an account at a bank.
    texts = ("20261121184500", "+6281234567890", "A4111111111111111", "0.4111111111111111", "330455120001")
    for text in (*texts, "41111111-1111-1111-a000-000000000000"):
        assert not has_card_number(text), text


def bodies(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Each free text of the payment API, one at a time."""
    amount = {"amount": 1_500_000, "currency": "IDR"}
    payment = {"merchant_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab", "reference": "order-1", "amount": amount}
    link = {"merchant_id": payment["merchant_id"], "currency": "IDR", "title": "Coffee"}
    some = "pay_01jx3s5v0q8e5t9m2w4r6y8zab"
    return [
        ("/payments", payment | {"reference": text}),
        ("/payments", payment | {"description": text}),
        ("/payments", payment | {"metadata": {"note": text}}),
        ("/payments", payment | {"metadata": {text: "note"}}),
        ("/payments", payment | {"return_url": f"https://shop.example/?c={text}"}),
        *[("/payments", payment | {"customer": {name: text}}) for name in ("name", "email", "phone")],
        ("/payment-links", link | {"title": text}),
        ("/payment-links", link | {"description": text}),
        (f"/payments/{some}/refunds", {"reason": text}),
        (f"/payments/{some}/captures", {"amount": amount, "note": text}),
        ("/payment-exceptions/exc_01jx3s5v0q8e5t9m2w4r6y8zab/close", {"note": text}),
        ("/disputes/dsp_01jx3s5v0q8e5t9m2w4r6y8zab/evidence", {"note": text}),
        ("/payouts", {"reference": text, "amount": amount}),
        ("/parties", {"name": text, "kind": "company", "roles": ["merchant"]}),
    ]


async def test_a_card_s_number_in_any_text_is_refused_and_found_nowhere(
    client: httpx2.Client,
    settings: Settings,
    superuser_connection: psycopg.Connection,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"authorization": f"Bearer {await sandbox_key(settings, 'cards')}"}
    for text in (CARD, f"my card is {GROUPED}"):
        for path, body in bodies(text):
            answer = client.post(f"/api/v1{path}", json=body, headers=headers | {"idempotency-key": "k-1"})
            assert (answer.status_code, answer.json()["code"]) == (422, "card_number_refused"), (path, body)
            assert CARD not in answer.text.replace(" ", "")
    keyed = client.post("/api/v1/payments", json={}, headers=headers | {"idempotency-key": CARD})
    assert keyed.json()["code"] == "idempotency_key_invalid"
    for path in (f"/payments?q={CARD}", f"/payments/{CARD}", f"/payments?customer_email={GROUPED}"):
        client.get(f"/api/v1{path}", headers=headers | {"user-agent": f"shop {CARD}", "request-id": CARD})

    logged = wait_for_the_request_log(superuser_connection, 2 * len(bodies(CARD)))
    assert logged > 0
    assert tables_with(superuser_connection, CARD) == []
    assert files_with(settings.state, CARD) == []
    said = capsys.readouterr()
    # The test's own client logs the addresses it calls; that is not ours.
    ours = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx2"))
    assert CARD not in (ours + said.out + said.err).replace(" ", "")


def wait_for_the_request_log(connection: psycopg.Connection, fewest: int) -> int:
    """The log is written behind the answers; how many requests are in it."""
    count = 0
    for _ in range(400):
        row = connection.execute("select count(*) from specie.request_log").fetchone()
        count = int(row[0]) if row else 0
        if count >= fewest:
            break
        time.sleep(0.05)
    return count
