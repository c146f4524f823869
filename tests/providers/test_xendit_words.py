"""What Xendit's answers to a question or an order mean beyond their status."""

import json
from typing import Any

import pytest

from specie.platform.outbound import OutboundResponse
from specie.providers import Accepted, PayoutState
from specie.providers.model import Rejected
from specie.providers.xendit import after, payouts


def answer(told: dict[str, Any], status: int = 200) -> OutboundResponse:
    return OutboundResponse(status=status, headers={}, body=json.dumps(told).encode(), truncated=False, duration_ms=1)


def payout(reference: str, status: str) -> dict[str, Any]:
    return {"id": f"disb-{reference}", "reference_id": reference, "status": status, "amount": 15000, "currency": "IDR"}


def test_only_a_payout_with_our_reference_is_an_answer_about_it() -> None:
    told = answer({"data": [payout("THEIRS", "FAILED"), payout("OURS", "SUCCEEDED")]})

    found = payouts.read_found("OURS", told)

    assert isinstance(found, Accepted)
    assert found.value is not None
    assert (found.value.reference, found.value.state) == ("OURS", PayoutState.SUCCEEDED)
    assert payouts.read_found("NOBODYS", told) == Accepted(None)


@pytest.mark.parametrize(("code", "later"), [("REFUND_IN_PROGRESS", True), ("INELIGIBLE_TRANSACTION", False)])
def test_a_refund_that_is_refused_while_another_is_on_its_way_is_ordered_again(code: str, later: bool) -> None:
    refused = after.read_refund(answer({"error_code": code}, 400))

    assert isinstance(refused, Rejected)
    assert (refused.code, refused.safe_to_retry) == (code, later)
