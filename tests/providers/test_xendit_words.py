"""What Xendit's answers to a question or an order mean beyond their status."""

import json
from datetime import UTC, datetime, timedelta
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


def test_what_came_in_less_every_tax_is_as_xendit_says() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    told = {
        "id": "txn_1",
        "product_id": "py-1",
        "reference_id": "OURS",
        "type": "PAYMENT",
        "status": "SUCCESS",
        "cashflow": "MONEY_IN",
        "currency": "IDR",
        "amount": 100_000,
        "fee": {"xendit_fee": 900, "value_added_tax": 99, "third_party_withholding_tax": 1, "status": "COMPLETED"},
        "created": moment.isoformat(),
    }

    nets = []
    for more in ({}, {"net_amount": 99_000, "net_amount_currency": "IDR"}):
        page = after.read_statement(moment, moment + timedelta(days=1), None, answer({"data": [told | more]}))
        assert isinstance(page, Accepted)
        [row] = page.value.rows
        assert row.gross - row.fee == row.net
        nets.append(row.net.minor)

    assert nets == [9_900_100, 9_900_000]
