"""What OY!'s codes of disbursements mean: only those that promise that nothing was made are refusals."""

import json

import pytest

from specie.platform.outbound import OutboundResponse
from specie.providers import Accepted, PayoutState, Rejected, Unknown
from specie.providers.oy import payouts

TOLD = {"trx_id": "ABC-456", "partner_trx_id": "REF", "amount": "15000.0000"}


def answer(code: str) -> OutboundResponse:
    body = json.dumps({"status": {"code": code, "message": ""}, **TOLD}).encode()
    return OutboundResponse(status=200, headers={}, body=body, truncated=False, duration_ms=1)


@pytest.mark.parametrize("code", ["201", "202", "205", "207", "208", "209", "210", "211", "264", "429", "990"])
def test_a_code_that_promises_that_nothing_was_made_is_a_refusal(code: str) -> None:
    refused = payouts.read_remit(answer(code))

    assert isinstance(refused, Rejected)
    assert refused.code == code
    assert refused.safe_to_retry is (code == "429")


@pytest.mark.parametrize(
    ("code", "reason"), [("203", "duplicate"), ("257", "duplicate"), ("504", "code_504"), ("000", "code_000")]
)
def test_a_code_that_leaves_it_open_is_unknown(code: str, reason: str) -> None:
    assert payouts.read_remit(answer(code)) == Unknown(reason)


@pytest.mark.parametrize("code", ["201", "202", "207", "208", "429", "990", "999"])
def test_a_refusal_of_the_question_says_nothing_about_the_money(code: str) -> None:
    assert payouts.read_status(answer(code)) == Unknown(f"code_{code}")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("000", PayoutState.SUCCEEDED),
        ("101", PayoutState.PENDING),
        ("102", PayoutState.PENDING),
        ("301", PayoutState.PENDING),
        ("206", PayoutState.FAILED),
        ("225", PayoutState.FAILED),
        ("300", PayoutState.FAILED),
    ],
)
def test_a_state_is_read_with_its_amount(code: str, state: PayoutState) -> None:
    found = payouts.read_status(answer(code))

    assert isinstance(found, Accepted)
    assert found.value is not None
    assert (found.value.state, found.value.amount.minor) == (state, 1_500_000)
    assert payouts.read_status(answer("204")) == Accepted(None)
