"""What Stripe says of a payment after it was paid: refunds, disputes, the balance and what made it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.dispute_model import DisputeFact, DisputeState
from specie.providers.model import Accepted, StatementPage, StatementRow, Trust, Unknown
from specie.providers.operation_model import OperationState
from specie.providers.reading import Read, at_seconds, document, refusal, text, tolerant, units
from specie.providers.refund_model import ProviderRefund, RefundFact, RefundRequest
from specie.providers.stripe.amounts import amount_told, exponent_of
from specie.providers.stripe.saved import error_code

REFUNDS = "/v1/refunds"
BALANCE = "/v1/balance"
TRANSACTIONS = "/v1/balance_transactions"
DISPUTES = "/v1/disputes"
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed"})
DISPUTE_EVENTS = frozenset(
    f"charge.dispute.{what}" for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)
PAGE = 100
_REFUND_STATES = {
    "pending": OperationState.PENDING,
    "requires_action": OperationState.PENDING,
    "succeeded": OperationState.SUCCEEDED,
    "failed": OperationState.FAILED,
    "canceled": OperationState.FAILED,
}
_DISPUTE_STATES = {
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
# The bank asks first, and has taken nothing yet.
_INQUIRIES = frozenset({"warning_needs_response", "warning_under_review", "warning_closed"})
_KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "payout": "payout",
    "stripe_fee": "fee",
}


def refund_form(request: RefundRequest, intent: str) -> dict[str, str]:
    """A refund of a payment intent. Raises ValueError where Stripe cannot tell the amount."""
    return {
        "payment_intent": intent,
        "amount": str(amount_told(request.amount)),
        "metadata[reference]": request.reference,
    }


def statement_query(since: datetime, until: datetime, cursor: str | None) -> str:
    """A page of what made the balance, each line with what it is about."""
    window = {"created[gte]": int(since.timestamp()), "created[lt]": int(until.timestamp())}
    after = {"starting_after": cursor} if cursor else {}
    return urlencode({**window, "limit": PAGE, "expand[0]": "data.source", **after})


@tolerant
def read_paid_intent(response: OutboundResponse) -> Read[str]:
    """The payment intent behind a page; a page that nobody has paid has none."""
    refused = refusal(response, error_code(response))
    return refused or Accepted(text(document(response.body)["payment_intent"]))


@tolerant
def read_name(response: OutboundResponse) -> Read[str]:
    """Our reference of a payment intent; empty for one that others have made."""
    refused = refusal(response, error_code(response))
    return refused or Accepted(str((document(response.body).get("metadata") or {}).get("reference", "")))


@tolerant
def read_refund(response: OutboundResponse) -> Read[ProviderRefund]:
    """One refund."""
    refused = refusal(response, error_code(response))
    return refused or Accepted(refund_of(document(response.body)))


def read_refunds(reference: str, response: OutboundResponse) -> Read[ProviderRefund | None]:
    """Our refund among those of a payment; nobody knows when there are more than one page of them."""
    refused = refusal(response, error_code(response))
    if refused is not None:
        return refused
    told = document(response.body)
    ours = [one for one in told["data"] if (one.get("metadata") or {}).get("reference") == reference]
    if ours:
        return Accepted(refund_of(ours[0]))
    return Unknown("too_many_to_look_through") if told["has_more"] else Accepted(None)


def read_balance(currency: Currency, response: OutboundResponse) -> Read[Money]:
    """What Stripe holds in a currency, whether it can be paid over already or not."""
    refused = refusal(response, error_code(response))
    if refused is not None:
        return refused
    told = document(response.body)
    held = Money.zero(currency)
    for each in [*told["available"], *told["pending"]]:
        if text(each["currency"]).upper() == currency.code:
            held += _signed(each["amount"], currency.code)
    return Accepted(held)


@tolerant
def read_statement(response: OutboundResponse) -> Read[StatementPage]:
    """A page of balance transactions."""
    refused = refusal(response, error_code(response))
    if refused is not None:
        return refused
    told = document(response.body)
    rows = [_row(each) for each in told["data"]]
    return Accepted(StatementPage(rows, rows[-1].key if told["has_more"] else None))


def refund_of(told: Mapping[str, Any]) -> ProviderRefund:
    """A refund as Stripe tells of it; one that was made in the dashboard has no reference of ours."""
    raw_state, code = text(told["status"]), text(told["currency"]).upper()
    return ProviderRefund(
        reference=str((told.get("metadata") or {}).get("reference", "")),
        provider_ref=text(told["id"]),
        charge_reference="",
        state=_REFUND_STATES.get(raw_state, OperationState.UNMAPPED),
        raw_state=raw_state,
        amount=units(told["amount"], code, exponent_of(code)),
        fee=None,
        occurred_at=at_seconds(told.get("created")),
        charge_ref=text(told["payment_intent"]),
    )


def refund_fact(told: Mapping[str, Any], of: ConnectionId, key: str) -> RefundFact:
    """What an event says of a refund: a hint, for Stripe promises no order and an older event tells what is no more."""
    refund = refund_of(told)
    return RefundFact(
        connection_id=of,
        reference=refund.reference,
        provider_ref=refund.provider_ref,
        charge_reference="",
        event_key=key,
        state=refund.state,
        raw_state=refund.raw_state,
        amount=refund.amount,
        fee=None,
        occurred_at=refund.occurred_at,
        trust=Trust.SIGNED,
        must_requery=True,
        charge_ref=refund.charge_ref,
    )


def dispute_facts(told: Mapping[str, Any], of: ConnectionId, key: str) -> list[DisputeFact]:
    """What an event says of a dispute; nothing while the bank only asks."""
    return [] if told["status"] in _INQUIRIES else [_dispute(told, of, key, Trust.SIGNED)]


def read_dispute(of: ConnectionId, response: OutboundResponse) -> Read[DisputeFact]:
    """How a dispute stands."""
    refused = refusal(response, error_code(response))
    return refused or Accepted(_dispute(document(response.body), of, "", Trust.QUERIED))


def _dispute(told: Mapping[str, Any], of: ConnectionId, key: str, trust: Trust) -> DisputeFact:
    raw_state, code = text(told["status"]), text(told["currency"]).upper()
    return DisputeFact(
        connection_id=of,
        reference="",
        provider_ref=text(told["id"]),
        charge_reference="",
        event_key=key,
        state=_DISPUTE_STATES.get(raw_state, DisputeState.UNMAPPED),
        raw_state=raw_state,
        amount=units(told["amount"], code, exponent_of(code)),
        fee=_dispute_fee(told, code),
        occurred_at=at_seconds(told.get("created")),
        trust=trust,
        must_requery=False,
        reason=text(told["reason"]),
        charge_ref=text(told["payment_intent"]),
    )


def _dispute_fee(told: Mapping[str, Any], code: str) -> Money | None:
    """What Stripe took for it, where that is in the payment's currency."""
    taken = [each["fee"] for each in told["balance_transactions"] if text(each["currency"]).upper() == code]
    fees = [_signed(fee, code) for fee in taken if fee > 0]
    return fees[0] if fees else None


def _row(told: Mapping[str, Any]) -> StatementRow:
    code = text(told["currency"]).upper()
    source = told["source"] if isinstance(told["source"], dict) else {"id": told["source"]}
    kind = "dispute" if told.get("reporting_category") in ("dispute", "dispute_reversal") else _KINDS.get(told["type"])
    return StatementRow(
        key=text(told["id"]),
        kind=kind or "adjustment",
        reference=(source.get("metadata") or {}).get("reference"),
        provider_ref=source.get("id"),
        gross=_signed(told["amount"], code),
        fee=_signed(told["fee"], code),
        net=_signed(told["net"], code),
        occurred_at=datetime.fromtimestamp(told["created"], UTC),
    )


def _signed(minor: Any, code: str) -> Money:
    """An amount that may be below zero."""
    if type(minor) is not int:
        raise ValueError("minor units are a whole number")
    amount = units(abs(minor), code, exponent_of(code))
    return amount if minor >= 0 else Money(-amount.minor, amount.currency)
