"""What Midtrans says of refunds and charge-backs."""

from collections.abc import Mapping
from typing import Any

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.dispute_model import DisputeFact, DisputeState
from specie.providers.model import Accepted, ErrorClass, Rejected, Trust, Unknown
from specie.providers.operation_model import OperationState
from specie.providers.reading import Read, document, money, text, tolerant, whole
from specie.providers.refund_model import ProviderRefund, RefundFact, RefundRequest

REFUNDED = frozenset({"refund", "partial_refund"})
CHARGED_BACK = "chargeback"
DONE = "200"
_DUPLICATE = "406"
# Codes with which Midtrans says that nothing was given back.
_REFUSALS = {
    "400": ErrorClass.VALIDATION,
    "401": ErrorClass.AUTH,
    "402": ErrorClass.AUTH,
    "403": ErrorClass.AUTH,
    "404": ErrorClass.VALIDATION,
    "412": ErrorClass.UNSUPPORTED,
    "414": ErrorClass.DECLINED,
}


def refund_body(request: RefundRequest) -> dict[str, Any]:
    """A refund of an order. Raises ValueError for what is no whole rupiah."""
    return {"refund_key": request.reference, "amount": whole(request.amount), "reason": "requested"}


def read_refund(request: RefundRequest, response: OutboundResponse) -> Read[ProviderRefund]:
    """The answer to an order of a refund."""
    told = document(response.body)
    code = text(told["status_code"])
    if code == _DUPLICATE:
        return Unknown("duplicate")
    if code in _REFUSALS:
        return Rejected(code, _REFUSALS[code])
    if code != DONE:
        return Unknown(f"code_{code}")
    return Accepted(_refund(told, request.charge_reference, request.amount))


def read_refunds(reference: str, response: OutboundResponse) -> Read[ProviderRefund | None]:
    """Our refund among those of an order."""
    told = document(response.body)
    if text(told["status_code"]) not in ("200", "201", "202"):
        return Unknown(f"code_{told['status_code']}")
    ours = [each for each in refunds_of(told) if each.reference == reference]
    return Accepted(ours[0] if ours else None)


@tolerant
def read_transaction(response: OutboundResponse) -> Read[Mapping[str, Any]]:
    """An order as it stands."""
    told = document(response.body)
    code = text(told["status_code"])
    return Accepted(told) if code in ("200", "201", "202") else Unknown(f"code_{code}")


def refunds_of(told: Mapping[str, Any]) -> list[ProviderRefund]:
    """The refunds of an order, whoever has made them."""
    currency, order = str(told.get("currency", "IDR")), text(told["order_id"])
    return [_refund(each, order, money(each["refund_amount"], currency)) for each in told.get("refunds") or []]


def refund_facts(told: Mapping[str, Any], of: ConnectionId) -> list[RefundFact]:
    """What a notification says of refunds: hints to ask about. It repeats those it has told of before."""
    found = refunds_of(told)
    return [_hint(each, of, is_last=each is found[-1]) for each in found]


def dispute_fact(told: Mapping[str, Any], of: ConnectionId, trust: Trust) -> DisputeFact:
    """A charge-back of a whole order: the money has been taken."""
    order, state = text(told["order_id"]), text(told["transaction_status"])
    is_back = state == CHARGED_BACK
    return DisputeFact(
        connection_id=of,
        reference="",
        provider_ref=f"{order}/chargeback",
        charge_reference=order,
        event_key=f"{order}:{state}",
        state=DisputeState.LOST if is_back else DisputeState.UNMAPPED,
        raw_state=state,
        amount=money(told["gross_amount"], str(told.get("currency", "IDR"))),
        fee=None,
        occurred_at=None,
        trust=trust,
        must_requery=trust is not Trust.QUERIED,
    )


def _hint(refund: ProviderRefund, of: ConnectionId, *, is_last: bool) -> RefundFact:
    return RefundFact(
        connection_id=of,
        reference=refund.reference,
        provider_ref=refund.provider_ref,
        charge_reference=refund.charge_reference,
        event_key=f"{refund.provider_ref}:refund" if is_last else "",
        state=refund.state,
        raw_state=refund.raw_state,
        amount=refund.amount,
        fee=None,
        occurred_at=None,
        trust=Trust.PARTIAL,
        must_requery=True,
    )


def _refund(told: Mapping[str, Any], order: str, amount: Money) -> ProviderRefund:
    return ProviderRefund(
        reference=text(told["refund_key"]),
        provider_ref=f"{order}/{text(told['refund_chargeback_id'])}",
        charge_reference=order,
        state=OperationState.SUCCEEDED,
        raw_state="refund",
        amount=amount,
        fee=None,
        occurred_at=None,
    )
