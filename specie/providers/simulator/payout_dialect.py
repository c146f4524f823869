"""The simulator's dialect of payouts: what is sent, and how answers are read."""

from datetime import UTC, datetime
from typing import Any

import orjson

from specie.kernel.errors import SpecieError
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.model import Accepted, ErrorClass, PayoutState, Rejected, Unknown
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout

_STATES = {
    "processing": PayoutState.PENDING,
    "paid": PayoutState.SUCCEEDED,
    "failed": PayoutState.FAILED,
    "returned": PayoutState.RETURNED,
}
# Statuses with which the simulator says that it did nothing.
_REFUSALS = {
    400: ErrorClass.VALIDATION,
    401: ErrorClass.AUTH,
    402: ErrorClass.DECLINED,
    403: ErrorClass.AUTH,
    422: ErrorClass.VALIDATION,
    429: ErrorClass.RATE_LIMITED,
}


def account_body(account: BankAccount) -> dict[str, Any]:
    """An account as the simulator takes it."""
    return {"rail": str(account.rail), "bank_code": account.bank_code, "number": account.number}


def order_body(request: PayoutRequest) -> dict[str, Any]:
    """An order as the simulator takes it."""
    return {
        "reference": request.reference,
        "amount": request.amount.minor,
        "currency": request.amount.currency.code,
        "name": request.holder_name,
        "description": request.description,
        "callback_url": request.callback_url,
        "scenario": request.scenario,
        **account_body(request.account),
    }


def read_created(response: OutboundResponse) -> Accepted[ProviderPayout] | Rejected | Unknown:
    """The answer to an order."""
    if response.status == 409:
        # The reference is taken: an earlier try got through, so the payout is fetched and adopted.
        return Unknown("duplicate")
    return _read(response)


def read_found(response: OutboundResponse) -> Accepted[ProviderPayout | None] | Rejected | Unknown:
    """The answer to a question."""
    if response.status == 404 and _code(response) == "payout_not_found":
        return Accepted(None)
    return _read(response)


def read_holder(response: OutboundResponse) -> Accepted[AccountHolder | None] | Rejected | Unknown:
    """The answer to an inquiry."""
    if response.status == 404 and _code(response) == "account_not_found":
        return Accepted(None)
    if response.status in _REFUSALS:
        return Rejected(_code(response), _REFUSALS[response.status])
    try:
        return Accepted(AccountHolder(_text(orjson.loads(response.body)["name"])))
    except (ValueError, KeyError, TypeError):
        return Unknown(f"http_{response.status}")


def payout_of(document: dict[str, Any]) -> ProviderPayout:
    """A payout in an answer or a callback. Raises what a malformed document raises."""
    currency, fee, raw_state = _text(document["currency"]), document.get("fee"), _text(document["state"])
    at = document.get("occurred_at")
    return ProviderPayout(
        reference=_text(document["reference"]),
        provider_ref=_text(document["id"]),
        state=_STATES.get(raw_state, PayoutState.UNMAPPED),
        raw_state=raw_state,
        amount=Money.of(document["amount"], currency),
        fee=None if fee is None else Money.of(fee, currency),
        occurred_at=None if at is None else datetime.fromtimestamp(at, UTC),
    )


def _read(response: OutboundResponse) -> Accepted[ProviderPayout] | Rejected | Unknown:
    if response.status in _REFUSALS:
        error_class = _REFUSALS[response.status]
        return Rejected(_code(response), error_class, safe_to_retry=error_class is ErrorClass.RATE_LIMITED)
    if response.status != 200 or response.truncated:
        return Unknown(f"http_{response.status}")
    try:
        return Accepted(payout_of(orjson.loads(response.body)))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown("unreadable")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200 or "\0" in value:
        raise ValueError("a text of 1 to 200 characters without NUL is needed")
    return value


def _code(response: OutboundResponse) -> str:
    try:
        return str(orjson.loads(response.body)["code"])[:100]
    except (ValueError, KeyError, TypeError):
        return f"http_{response.status}"
