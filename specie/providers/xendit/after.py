"""What Xendit says of refunds, of the balance and of what made it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from specie.kernel.ids import ConnectionId
from specie.kernel.money import Currency, Money
from specie.platform.outbound import OutboundResponse
from specie.providers.model import Accepted, ErrorClass, Rejected, StatementPage, StatementRow, Trust, Unknown
from specie.providers.operation_model import OperationState
from specie.providers.reading import Read, at_iso, document, money, refusal, text, tolerant, whole
from specie.providers.refund_model import ProviderRefund, RefundFact, RefundRequest

REFUNDS = "/refunds"
BALANCE = "/balance"
TRANSACTIONS = "/transactions"
REFUND_EVENT = "refund."
PAGE = 50
DUPLICATES = frozenset({"DUPLICATE_ERROR", "DUPLICATE_TRANSACTION_ERROR", "IDEMPOTENCY_ERROR"})
# Another refund of the same payment is on its way: this one may be ordered after it.
_BUSY = "REFUND_IN_PROGRESS"
_STATES = {
    "PENDING": OperationState.PENDING,
    "SUCCEEDED": OperationState.SUCCEEDED,
    "FAILED": OperationState.FAILED,
    "CANCELLED": OperationState.FAILED,
}
_CLASSES = {
    "CHANNEL_CODE_NOT_SUPPORTED_ERROR": ErrorClass.UNSUPPORTED,
    "PARTIAL_REFUND_NOT_SUPPORTED": ErrorClass.UNSUPPORTED,
    "REFUND_NOT_SUPPORTED": ErrorClass.UNSUPPORTED,
    "MAXIMUM_TRANSFER_LIMIT_ERROR": ErrorClass.LIMIT,
    "MAXIMUM_REFUND_AMOUNT_REACHED": ErrorClass.LIMIT,
}
# What leaves takes a while. Xendit tells when it was ordered and when it changed: it goes through on the latter day.
_CREATED, _UPDATED = "created", "updated"
_LEAVING = ("DISBURSEMENT", "BATCH_DISBURSEMENT", "REMITTANCE", "REMITTANCE_PAYOUT", "REFUND", "WITHDRAWAL")
_KINDS = {
    "PAYMENT": "charge",
    "REFUND": "refund",
    "DISBURSEMENT": "payout",
    "BATCH_DISBURSEMENT": "payout",
    "WITHDRAWAL": "withdrawal",
    "PLATFORM_FEE": "fee",
}


def refused_by(response: OutboundResponse) -> Rejected | Unknown | None:
    """What an answer's status and Xendit's word in it say: None for a yes."""
    if response.status < 300:
        return None
    code = str(document(response.body).get("error_code", ""))
    if code in DUPLICATES:
        return Unknown("duplicate")
    refused = refusal(response, code)
    if isinstance(refused, Rejected) and code in _CLASSES:
        return Rejected(code, _CLASSES[code])
    if isinstance(refused, Rejected) and code == _BUSY:
        return Rejected(code, refused.error_class, safe_to_retry=True)
    return refused


def refund_body(request: RefundRequest) -> dict[str, Any]:
    """A refund of an invoice. Raises ValueError for what is no whole rupiah."""
    return {
        "reference_id": request.reference,
        "invoice_id": request.charge_ref,
        "amount": whole(request.amount),
        "currency": request.amount.currency.code,
        "reason": "REQUESTED_BY_CUSTOMER",
    }


def statement_query(since: datetime, until: datetime, cursor: str | None) -> str:
    """A page of transactions that went through: first what came in, then what left."""
    moment, last = _place(cursor)
    asked: dict[str, Any] = {f"{moment}[gte]": _moment(since), f"{moment}[lte]": _moment(until)}
    asked |= {"types": _LEAVING} if moment == _UPDATED else {}
    asked |= {"statuses": "SUCCESS", "limit": PAGE}
    return urlencode(asked | ({"after_id": last} if last else {}), doseq=True)


def _place(cursor: str | None) -> tuple[str, str]:
    """By which of its moments a transaction is in the window, and the last one of the page before."""
    moment, _, last = (cursor or _CREATED).partition(":")
    return moment, last


@tolerant
def read_refund(response: OutboundResponse) -> Read[ProviderRefund]:
    """One refund."""
    refused = refused_by(response)
    return refused or Accepted(refund_of(document(response.body)))


def read_refunds(reference: str, response: OutboundResponse) -> Read[ProviderRefund | None]:
    """Our refund among those of an invoice; nobody knows when there are more than one page of them."""
    refused = refused_by(response)
    if refused is not None:
        return refused
    told = document(response.body)
    ours = [one for one in told["data"] if one.get("reference_id") == reference]
    if ours:
        return Accepted(refund_of(ours[0]))
    return Unknown("too_many_to_look_through") if told.get("has_more") else Accepted(None)


@tolerant
def read_name(response: OutboundResponse) -> Read[str]:
    """Our reference of an invoice."""
    refused = refused_by(response)
    return refused or Accepted(text(document(response.body)["external_id"]))


def read_balance(currency: Currency, response: OutboundResponse) -> Read[Money]:
    """What Xendit holds."""
    refused = refused_by(response)
    return refused or Accepted(_signed(document(response.body)["balance"], currency.code))


def read_statement(
    since: datetime, until: datetime, cursor: str | None, response: OutboundResponse
) -> Read[StatementPage]:
    """A page of transactions; the last moment belongs to the next window."""
    refused = refused_by(response)
    if refused is not None:
        return refused
    told, (moment, _) = document(response.body), _place(cursor)
    through = [each for each in told["data"] if each["status"] == "SUCCESS" and _counts_when(each) == moment]
    rows = [_row(each) for each in through]
    return Accepted(StatementPage([row for row in rows if since <= row.occurred_at < until], _next(moment, told)))


def _next(moment: str, told: Mapping[str, Any]) -> str | None:
    if told.get("has_more"):
        return f"{moment}:{text(told['data'][-1]['id'])}"
    return f"{_UPDATED}:" if moment == _CREATED else None


def _counts_when(told: Mapping[str, Any]) -> str:
    return _UPDATED if told["type"] in _LEAVING else _CREATED


def refund_of(told: Mapping[str, Any]) -> ProviderRefund:
    """A refund as Xendit tells of it; one that was made in the dashboard has no reference of ours."""
    raw_state, code = text(told["status"]), text(told["currency"])
    fee = told.get("refund_fee_amount")
    return ProviderRefund(
        reference=str(told.get("reference_id") or ""),
        provider_ref=text(told["id"]),
        charge_reference="",
        state=_STATES.get(raw_state, OperationState.UNMAPPED),
        raw_state=raw_state,
        amount=money(told["amount"], code),
        fee=None if fee is None else money(fee, code),
        occurred_at=at_iso(told.get("updated")),
        charge_ref=str(told.get("invoice_id") or ""),
    )


def refund_fact(told: Mapping[str, Any], of: ConnectionId) -> RefundFact:
    """What a callback says of a refund: a hint to ask about."""
    refund = refund_of(told)
    return RefundFact(
        connection_id=of,
        reference=refund.reference,
        provider_ref=refund.provider_ref,
        charge_reference="",
        event_key=f"{refund.provider_ref}:{refund.raw_state}",
        state=refund.state,
        raw_state=refund.raw_state,
        amount=refund.amount,
        fee=refund.fee,
        occurred_at=refund.occurred_at,
        trust=Trust.STATIC,
        must_requery=True,
        charge_ref=refund.charge_ref,
    )


def _row(told: Mapping[str, Any]) -> StatementRow:
    code = text(told["currency"])
    amount, fee = money(told["amount"], code), _fee(told, code)
    gross = amount if told["cashflow"] == "MONEY_IN" else Money(-amount.minor, amount.currency)
    at = at_iso(told[_counts_when(told)])
    if at is None:
        raise ValueError("a transaction without its moment")
    return StatementRow(
        key=text(told["id"]),
        kind=_KINDS.get(str(told["type"]), "adjustment"),
        reference=text(told["reference_id"]),
        provider_ref=text(told["product_id"]),
        gross=gross,
        fee=fee,
        net=gross - fee,
        occurred_at=at,
    )


def _fee(told: Mapping[str, Any], code: str) -> Money:
    """What Xendit and the taxes took: of money that came in what the net says, which knows of taxes withheld."""
    net, fees = told.get("net_amount"), told["fee"]
    if told["cashflow"] == "MONEY_IN" and net is not None and text(told["net_amount_currency"]) == code:
        return money(told["amount"], code) - money(net, code)
    return money(fees["xendit_fee"], code) + money(fees["value_added_tax"], code)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed(major: Any, code: str) -> Money:
    """An amount that may be below zero."""
    if isinstance(major, bool) or not isinstance(major, int):
        return money(major, code)
    amount = money(abs(major), code)
    return amount if major >= 0 else Money(-amount.minor, amount.currency)
