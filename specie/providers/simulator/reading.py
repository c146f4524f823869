"""Reads what the simulator answers and tells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from specie.kernel.errors import SpecieError
from specie.kernel.ids import ConnectionId
from specie.kernel.money import Money
from specie.platform.outbound import OutboundResponse
from specie.providers.capture_model import ProviderCapture
from specie.providers.dispute_model import DisputeFact, DisputeState
from specie.providers.method_model import KeepState, ProviderMethod
from specie.providers.model import (
    Accepted,
    Action,
    ActionKind,
    ChargeState,
    ErrorClass,
    ProviderCharge,
    Rejected,
    StatementPage,
    StatementRow,
    Trust,
    Unknown,
)
from specie.providers.operation_model import OperationState
from specie.providers.refund_model import ProviderRefund

T = TypeVar("T")

_STATES = {
    "open": ChargeState.PENDING,
    "authorized": ChargeState.AUTHORIZED,
    "paid": ChargeState.PAID,
    "declined": ChargeState.FAILED,
    "expired": ChargeState.EXPIRED,
    "cancelled": ChargeState.CANCELLED,
}
_OPERATION_STATES = {"pending": "pending", "done": "succeeded", "failed": "failed"}
# Statuses with which the simulator says that it did nothing.
_REFUSALS = {
    400: ErrorClass.VALIDATION,
    401: ErrorClass.AUTH,
    402: ErrorClass.DECLINED,
    403: ErrorClass.AUTH,
    422: ErrorClass.VALIDATION,
    429: ErrorClass.RATE_LIMITED,
}


def read_created(response: OutboundResponse) -> Accepted[ProviderCharge] | Rejected | Unknown:
    """The charge in an answer to an order."""
    if response.status == 409:
        # The reference is taken: an earlier try got through, so the charge is fetched and adopted.
        return Unknown("duplicate")
    return read_charge_answer(response)


def read_charge_answer(response: OutboundResponse) -> Accepted[ProviderCharge] | Rejected | Unknown:
    """The charge in an answer to anything about it."""
    if response.status == 402 and _code(response) == "try_elsewhere":
        return Rejected("try_elsewhere", ErrorClass.SOFT_DECLINED)
    if response.status in _REFUSALS:
        error_class = _REFUSALS[response.status]
        return Rejected(_code(response), error_class, safe_to_retry=error_class is ErrorClass.RATE_LIMITED)
    if response.status != 200 or response.truncated:
        return Unknown(f"http_{response.status}")
    try:
        return Accepted(read_charge_of(orjson.loads(response.body)))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown("unreadable")


def read_found(response: OutboundResponse) -> Accepted[ProviderCharge | None] | Rejected | Unknown:
    """The charge in an answer to a question; None when the simulator has never heard of it."""
    if response.status == 404 and _code(response) == "charge_not_found":
        return Accepted(None)
    return read_charge_answer(response)


def read_probe(response: OutboundResponse) -> Accepted[None] | Rejected | Unknown:
    """Whether the simulator knows the caller: any answer about a charge says so."""
    found = read_found(response)
    return Accepted(None) if isinstance(found, Accepted) else found


def read_method(response: OutboundResponse) -> Accepted[ProviderMethod] | Rejected | Unknown:
    """The kept way to pay in an answer to an order to keep one."""
    if response.status in _REFUSALS:
        return Rejected(_code(response), _REFUSALS[response.status])
    try:
        document = orjson.loads(response.body)
        kept = ProviderMethod(KeepState.KEPT, text_of(document["token"]), text_of(document["label"]))
        return Accepted(kept)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unknown(f"http_{response.status}")


def read_forgotten(response: OutboundResponse) -> Accepted[None] | Rejected | Unknown:
    """That a way to pay is kept no longer, also when the simulator knows of none."""
    if response.status in _REFUSALS:
        return Rejected(_code(response), _REFUSALS[response.status])
    known = 200 <= response.status < 300 or (response.status == 404 and _code(response) == "method_unknown")
    return Accepted(None) if known else Unknown(f"http_{response.status}")


def read_statement(response: OutboundResponse) -> Accepted[StatementPage] | Rejected | Unknown:
    """A page of the statement."""
    if response.status in _REFUSALS:
        return Rejected(_code(response), _REFUSALS[response.status])
    try:
        document = orjson.loads(response.body)
        rows = [_statement_row(row) for row in document["data"]]
        return Accepted(StatementPage(rows, document["next_cursor"]))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown(f"http_{response.status}")


def read_balance(response: OutboundResponse) -> Accepted[Money] | Rejected | Unknown:
    """What the account holds."""
    if response.status in _REFUSALS:
        return Rejected(_code(response), _REFUSALS[response.status])
    try:
        document = orjson.loads(response.body)
        return Accepted(Money.of(document["balance"], text_of(document["currency"])))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown(f"http_{response.status}")


def read_charge_of(document: dict[str, Any]) -> ProviderCharge:
    """A charge as the simulator tells of it. Raises ValueError and its like for another shape."""
    currency = text_of(document["currency"])
    fee = document.get("fee")
    raw_state = text_of(document["state"])
    return ProviderCharge(
        reference=text_of(document["reference"]),
        provider_ref=text_of(document["id"]),
        state=_STATES.get(raw_state, ChargeState.UNMAPPED),
        raw_state=raw_state,
        amount=Money.of(document["amount"], currency),
        fee=None if fee is None else Money.of(fee, currency),
        action=_action(document.get("action") or {"kind": "none"}),
        occurred_at=_moment(document.get("occurred_at")),
        expires_at=_moment(document.get("expires_at")),
    )


def _action(document: dict[str, Any]) -> Action:
    return Action(
        ActionKind(document["kind"]),
        text=document.get("text", ""),
        bank=document.get("bank", ""),
        number=document.get("number", ""),
        url=document.get("url", ""),
    )


def _statement_row(row: dict[str, Any]) -> StatementRow:
    currency = text_of(row["currency"])
    return StatementRow(
        key=text_of(row["key"]),
        kind=text_of(row["kind"]),
        reference=row.get("reference"),
        provider_ref=row.get("provider_ref"),
        gross=Money.of(row["gross"], currency),
        fee=Money.of(row["fee"], currency),
        net=Money.of(row["net"], currency),
        occurred_at=datetime.fromtimestamp(row["occurred_at"], UTC),
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def text_of(value: Any) -> str:
    """A short text. Raises ValueError."""
    if not isinstance(value, str) or not 0 < len(value) <= 200 or "\0" in value:
        raise ValueError("a text of 1 to 200 characters without NUL is needed")
    return value


def _code(response: OutboundResponse) -> str:
    try:
        return str(orjson.loads(response.body)["code"])[:100]
    except (ValueError, KeyError, TypeError):
        return f"http_{response.status}"


def read_refund(response: OutboundResponse) -> Accepted[ProviderRefund] | Rejected | Unknown:
    """The refund in an answer to an order for one."""
    return _ordered(response, refund_of)


def read_refund_found(response: OutboundResponse) -> Accepted[ProviderRefund | None] | Rejected | Unknown:
    """The refund in an answer to a question; None when the simulator has never heard of it."""
    return _found(response, refund_of)


def read_capture(response: OutboundResponse) -> Accepted[ProviderCapture] | Rejected | Unknown:
    """The capture in an answer to an order for one."""
    return _ordered(response, capture_of)


def read_capture_found(response: OutboundResponse) -> Accepted[ProviderCapture | None] | Rejected | Unknown:
    """The capture in an answer to a question; None when the simulator has never heard of it."""
    return _found(response, capture_of)


def refund_of(document: dict[str, Any]) -> ProviderRefund:
    """A refund as the simulator tells of it. Raises ValueError and its like for another shape."""
    return ProviderRefund(**_operation(document))


def capture_of(document: dict[str, Any]) -> ProviderCapture:
    """A capture as the simulator tells of it. Raises ValueError and its like for another shape."""
    return ProviderCapture(**_operation(document))


def read_dispute(connection_id: ConnectionId, response: OutboundResponse) -> Accepted[DisputeFact] | Rejected | Unknown:
    """The answer to a question about a dispute, or to its acceptance."""
    return _answered(response, lambda told: replace(dispute_of(told, connection_id, ""), trust=Trust.QUERIED))


def dispute_of(document: dict[str, Any], connection_id: ConnectionId, event_key: str) -> DisputeFact:
    """A dispute as a signed callback tells of it. Raises ValueError and its like for another shape."""
    raw_state = text_of(document["state"])
    known = {state.value for state in DisputeState}
    return DisputeFact(
        connection_id=connection_id,
        event_key=event_key,
        state=DisputeState(raw_state) if raw_state in known else DisputeState.UNMAPPED,
        raw_state=raw_state,
        trust=Trust.SIGNED,
        must_requery=False,
        reason="The customer does not recognise the payment",
        answer_by=_moment(document.get("answer_by")),
        **_about(document),
    )


def _operation(document: dict[str, Any]) -> dict[str, Any]:
    raw_state = text_of(document["state"])
    state = OperationState(_OPERATION_STATES.get(raw_state, "unmapped"))
    return {"state": state, "raw_state": raw_state, **_about(document)}


def _about(document: dict[str, Any]) -> dict[str, Any]:
    currency = text_of(document["currency"])
    fee, reference = document.get("fee"), document["reference"]
    return {
        "reference": text_of(reference) if reference else "",
        "provider_ref": text_of(document["id"]),
        "charge_reference": text_of(document["charge_reference"]),
        "amount": Money.of(document["amount"], currency),
        "fee": None if fee is None else Money.of(fee, currency),
        "occurred_at": _moment(document.get("occurred_at")),
    }


def _ordered(response: OutboundResponse, read: Callable[[dict[str, Any]], T]) -> Accepted[T] | Rejected | Unknown:
    if response.status == 409:
        return Unknown("duplicate")
    if response.status == 404:
        return Rejected(_code(response), ErrorClass.VALIDATION)
    return _answered(response, read)


def _found(response: OutboundResponse, read: Callable[[dict[str, Any]], T]) -> Accepted[T | None] | Rejected | Unknown:
    if response.status == 404 and _code(response) == "operation_not_found":
        return Accepted(None)
    return _answered(response, read)


def _answered(response: OutboundResponse, read: Callable[[dict[str, Any]], T]) -> Accepted[T] | Rejected | Unknown:
    if response.status in _REFUSALS:
        error_class = _REFUSALS[response.status]
        return Rejected(_code(response), error_class, safe_to_retry=error_class is ErrorClass.RATE_LIMITED)
    if response.status != 200 or response.truncated:
        return Unknown(f"http_{response.status}")
    try:
        return Accepted(read(orjson.loads(response.body)))
    except (ValueError, KeyError, TypeError, AttributeError, SpecieError):
        return Unknown("unreadable")
