"""Xendit's payouts to bank accounts and e-wallets."""

from collections.abc import Mapping
from typing import Any

from specie.kernel.ids import ConnectionId
from specie.platform.outbound import OutboundResponse
from specie.providers.model import Accepted, PayoutFact, PayoutState, Trust
from specie.providers.payouts import BankAccount, PayoutRequest, ProviderPayout, hint_of_payout
from specie.providers.reading import Read, at_iso, document, money, text, tolerant, whole
from specie.providers.xendit.after import refused_by

PAYOUTS = "/v2/payouts"
PAYOUT_EVENT = "payout."
_STATES = {
    "ACCEPTED": PayoutState.PENDING,
    "PENDING_COMPLIANCE_ASSESSMENT": PayoutState.PENDING,
    "REQUESTED": PayoutState.PENDING,
    "READY": PayoutState.PENDING,
    "LOCKED": PayoutState.PENDING,
    "SUCCEEDED": PayoutState.SUCCEEDED,
    "FAILED": PayoutState.FAILED,
    "CANCELLED": PayoutState.FAILED,
    "COMPLIANCE_REJECTED": PayoutState.FAILED,
    "EXPIRED": PayoutState.FAILED,
    "REVERSED": PayoutState.RETURNED,
}
# Xendit names channels in words of its own; of the banks' common codes its documents give this one.
_CHANNELS = {"014": "ID_BCA"}


def channel_of(account: BankAccount) -> str:
    """Xendit's name of a bank or e-wallet; empty for one whose name is not known."""
    return account.bank_code if "_" in account.bank_code else _CHANNELS.get(account.bank_code, "")


def payout_body(request: PayoutRequest) -> dict[str, Any]:
    """An order to pay out. Raises ValueError for what is no whole rupiah."""
    return {
        "reference_id": request.reference,
        "channel_code": channel_of(request.account),
        "channel_properties": {
            "account_holder_name": request.holder_name,
            "account_number": request.account.number,
        },
        "amount": whole(request.amount),
        "currency": request.amount.currency.code,
        "description": request.description or request.reference,
    }


@tolerant
def read_payout(response: OutboundResponse) -> Read[ProviderPayout]:
    """One payout."""
    refused = refused_by(response)
    return refused or Accepted(payout_of(document(response.body)))


def read_found(reference: str, response: OutboundResponse) -> Read[ProviderPayout | None]:
    """The payout with our reference, which is unique for us."""
    refused = refused_by(response)
    if refused is not None:
        return refused
    found = [each for each in document(response.body)["data"] if each["reference_id"] == reference]
    return Accepted(payout_of(found[0]) if found else None)


def payout_of(told: Mapping[str, Any]) -> ProviderPayout:
    """A payout as Xendit tells of it."""
    raw_state = text(told["status"])
    return ProviderPayout(
        reference=text(told["reference_id"]),
        provider_ref=text(told["id"]),
        state=_STATES.get(raw_state, PayoutState.UNMAPPED),
        raw_state=raw_state,
        amount=money(told["amount"], text(told["currency"])),
        fee=None,
        occurred_at=at_iso(told.get("updated")),
    )


def payout_fact(told: Mapping[str, Any], of: ConnectionId) -> PayoutFact:
    """What a callback says of a payout: a hint to ask about."""
    return hint_of_payout(payout_of(told), of, Trust.STATIC)
