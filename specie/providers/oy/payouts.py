"""OY!'s disbursements: orders, their codes, whose account it is."""

from collections.abc import Mapping
from typing import Any

from specie.kernel.ids import ConnectionId
from specie.platform.outbound import OutboundResponse
from specie.providers.model import (
    Accepted,
    ErrorClass,
    PayoutFact,
    PayoutRail,
    PayoutState,
    Rejected,
    Trust,
    Unknown,
)
from specie.providers.payouts import AccountHolder, PayoutRequest, ProviderPayout, hint_of_payout
from specie.providers.reading import Read, document, money, refusal, text, tolerant, whole

REMIT = "/api/remit"
REMIT_STATUS = "/api/remit-status"
INQUIRY = "/api/account-inquiry"
NOT_FOUND, NO_ACCOUNT = "204", "209"
LEAST = {PayoutRail.BANK_ACCOUNT: 10_000_00, PayoutRail.EWALLET: 100_00}
_DUPLICATES = frozenset({"203", "257"})
# What OY! answers to an order; how one ended it says when it is asked.
_TAKEN = frozenset({"101", "301", "300"})
_STATES = {
    "000": PayoutState.SUCCEEDED,
    "101": PayoutState.PENDING,
    "102": PayoutState.PENDING,
    "301": PayoutState.PENDING,
    "206": PayoutState.FAILED,
    "225": PayoutState.FAILED,
    "300": PayoutState.FAILED,
}
# Codes with which OY! says that it made no disbursement.
_REFUSALS = {
    "201": ErrorClass.AUTH,
    "202": ErrorClass.AUTH,
    "205": ErrorClass.UNSUPPORTED,
    "207": ErrorClass.AUTH,
    "208": ErrorClass.AUTH,
    "209": ErrorClass.VALIDATION,
    "210": ErrorClass.LIMIT,
    "211": ErrorClass.VALIDATION,
    "264": ErrorClass.VALIDATION,
    "429": ErrorClass.RATE_LIMITED,
    "990": ErrorClass.VALIDATION,
}


def remit_body(request: PayoutRequest) -> dict[str, Any]:
    """An order to pay out. Raises ValueError for what is no whole rupiah."""
    return {
        "recipient_bank": request.account.bank_code,
        "recipient_account": request.account.number,
        "amount": whole(request.amount),
        "note": "".join(each for each in request.description if each.isascii() and (each.isalnum() or each in " -.")),
        "partner_trx_id": request.reference,
    }


@tolerant
def read_remit(response: OutboundResponse) -> Read[ProviderPayout]:
    """The answer to an order. That it failed is an answer about a disbursement that was made."""
    refused = refusal(response)
    if refused is not None:
        return refused
    told = document(response.body)
    code = _code(told)
    if code in _DUPLICATES:
        return Unknown("duplicate")
    error_class = _REFUSALS.get(code)
    if error_class is not None:
        return Rejected(code, error_class, safe_to_retry=error_class is ErrorClass.RATE_LIMITED)
    return Accepted(payout_of(told)) if code in _TAKEN else Unknown(f"code_{code}")


@tolerant
def read_status(response: OutboundResponse) -> Read[ProviderPayout | None]:
    """The answer to a question. A refusal of the question says nothing about the money."""
    if response.status != 200:
        return Unknown(f"http_{response.status}")
    told = document(response.body)
    code = _code(told)
    if code == NOT_FOUND:
        return Accepted(None)
    return Accepted(payout_of(told)) if code in _STATES else Unknown(f"code_{code}")


@tolerant
def read_holder(response: OutboundResponse) -> Read[AccountHolder | None]:
    """Whose account it is."""
    refused = refusal(response)
    if refused is not None:
        return refused
    told = document(response.body)
    code = _code(told)
    if code == NO_ACCOUNT:
        return Accepted(None)
    if code in _REFUSALS:
        return Rejected(code, _REFUSALS[code], safe_to_retry=code == "429")
    return Accepted(AccountHolder(text(told["account_name"]))) if code == "000" else Unknown(f"code_{code}")


def payout_of(told: Mapping[str, Any]) -> ProviderPayout:
    """A disbursement as OY! tells of it."""
    code = _code(told)
    return ProviderPayout(
        reference=text(told["partner_trx_id"]),
        provider_ref=text(told["trx_id"]),
        state=_STATES.get(code, PayoutState.UNMAPPED),
        raw_state=code,
        amount=money(told["amount"], "IDR", exponent=0),
        fee=None,
        occurred_at=None,
    )


def is_payout(told: Mapping[str, Any]) -> bool:
    """Whether a callback is about a disbursement: they have a code where payments have a state."""
    return "payment_status" not in told and isinstance(told.get("status"), dict)


def payout_fact(told: Mapping[str, Any], of: ConnectionId) -> PayoutFact:
    """What a callback says of a disbursement: a hint to ask about."""
    return hint_of_payout(payout_of(told), of, Trust.NONE)


def _code(told: Mapping[str, Any]) -> str:
    return text(told["status"]["code"])
