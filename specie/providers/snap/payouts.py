"""SNAP's transfers to accounts at other banks: orders, questions, whose account it is."""

from collections.abc import Mapping
from typing import Any

from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.model import Accepted, PayoutState, Rejected, Unknown
from specie.providers.payouts import AccountHolder, BankAccount, PayoutRequest, ProviderPayout
from specie.providers.reading import Read, document, money, text, tolerant, two_places
from specie.providers.snap.signing import timestamp_of

TRANSFER, TRANSFER_SERVICE = "/v1.0/transfer-interbank", "18"
TRANSFER_STATUS = "/v1.0/transfer/status"
INQUIRY = "/v1.0/account-inquiry-external"
_STATES = {
    "00": PayoutState.SUCCEEDED,
    "01": PayoutState.PENDING,
    "02": PayoutState.PENDING,
    "03": PayoutState.PENDING,
    "04": PayoutState.RETURNED,
    "05": PayoutState.FAILED,
    "06": PayoutState.FAILED,
}


def transfer_body(request: PayoutRequest, source: str) -> dict[str, Any]:
    """An order to pay out. Raises ValueError for what has more than two decimals."""
    dated = {"transactionDate": timestamp_of(request.ordered_at)} if request.ordered_at else {}
    return dated | {
        "partnerReferenceNo": request.reference,
        "amount": {"value": two_places(request.amount), "currency": "IDR"},
        "beneficiaryAccountName": request.holder_name,
        "beneficiaryAccountNo": request.account.number,
        "beneficiaryBankCode": request.account.bank_code,
        "sourceAccountNo": source,
    }


def inquiry_body(account: BankAccount) -> dict[str, str]:
    """A question whose account it is."""
    return {"beneficiaryBankCode": account.bank_code, "beneficiaryAccountNo": account.number}


def transferred(request: PayoutRequest, told: Mapping[str, Any]) -> ProviderPayout:
    """A transfer that was taken; what becomes of it is asked."""
    reference = text(told["referenceNo"])
    return _payout(request.reference, reference, "01", request.amount)


@tolerant
def read_status(response: OutboundResponse) -> Read[ProviderPayout | None]:
    """What became of a transfer. That it is not known counts once nothing can be on its way, which others see to."""
    told = document(response.body)
    code = text(told["responseCode"])
    if code[:3] == "404" and code[-2:] == "01":
        return Accepted(None)
    if code[:3] not in ("200", "202"):
        return Unknown(f"code_{code}")
    amount = money(told["amount"]["value"], text(told["amount"]["currency"]))
    ours, theirs = text(told["originalPartnerReferenceNo"]), text(told["originalReferenceNo"])
    return Accepted(_payout(ours, theirs, text(told["latestTransactionStatus"]), amount))


def holder(refused: Rejected | Unknown | None, told: Mapping[str, Any]) -> Read[AccountHolder | None]:
    """Whose account it is; an account that is refused as invalid is none."""
    if isinstance(refused, Rejected) and refused.code.startswith("404") and refused.code.endswith("11"):
        return Accepted(None)
    return refused or Accepted(AccountHolder(text(told["beneficiaryAccountName"])))


def _payout(ours: str, theirs: str, raw_state: str, amount: Money) -> ProviderPayout:
    return ProviderPayout(
        reference=ours,
        provider_ref=theirs,
        state=_STATES.get(raw_state, PayoutState.UNMAPPED),
        raw_state=raw_state,
        amount=amount,
        fee=None,
        occurred_at=None,
    )
