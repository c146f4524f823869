"""Wire shapes of the request log and of explanations."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field

from specie.audit import AuditRow
from specie.events import Event
from specie.kernel.ids import AccountId, AuditId, CallbackId, EventId, RequestId
from specie.ledger import JournalEntry, Posting
from specie.platform.http import Schema
from specie.platform.requestlog_store import LoggedRequest
from specie.platform.wire import Amount
from specie.providers import CallbackRow
from specie.reports.model import Delivery, Explanation, RequestTrace


class RequestOut(Schema):
    """One request as the log keeps it. The log is written after the answer: a crash may lose its last moments."""

    request_id: str = Field(examples=["req_01jx3s5v0q8e5t9m2w4r6y8zab"])
    at: datetime
    method: str = Field(examples=["POST"])
    route: str = Field(examples=["/api/v1/payments/{payment_id}"])
    path: str
    query: str = Field(description="Values of secret and personal parameters are masked")
    status: int
    duration_ms: int
    principal: str = Field(examples=["api_key:key_01jx3s5v0q8e5t9m2w4r6y8zab"])
    idempotency_key: str | None
    replayed: bool = Field(description="Whether the answer was a stored one")
    problem_code: str | None

    @classmethod
    def of(cls, request: LoggedRequest) -> "RequestOut":
        """The wire form without bodies."""
        return cls(**_line(request))


class RequestBodiesOut(RequestOut):
    """One request with what was said."""

    request_body: str | None = Field(description="Masked, at most 4 kB; null where bodies are not kept")
    response_body: str | None = Field(description="Masked, at most 4 kB; null where bodies are not kept")

    @classmethod
    def of(cls, request: LoggedRequest) -> "RequestBodiesOut":
        """The wire form with bodies."""
        return cls(**_line(request), request_body=request.request_body, response_body=request.response_body)


def _line(request: LoggedRequest) -> dict[str, Any]:
    names = ("at", "method", "route", "path", "query", "status", "duration_ms", "principal", "idempotency_key")
    line: dict[str, Any] = {name: getattr(request, name) for name in names}
    return line | {
        "request_id": str(RequestId(request.request_id)),
        "replayed": request.replayed,
        "problem_code": request.problem_code,
    }


class TracePostingOut(Schema):
    """One posting with what it left on both sides."""

    line: int
    debit: str = Field(examples=["asset:clearing:simulator"])
    debit_account_id: str
    debit_balance: Amount
    credit: str
    credit_account_id: str
    credit_balance: Amount
    amount: Amount

    @classmethod
    def of(cls, posting: Posting, codes: Mapping[AccountId, str]) -> "TracePostingOut":
        """The wire form; `codes` names the accounts."""
        return cls(
            line=posting.line,
            debit=codes[posting.debit],
            debit_account_id=str(posting.debit),
            debit_balance=Amount.of(posting.debit_balance),
            credit=codes[posting.credit],
            credit_account_id=str(posting.credit),
            credit_balance=Amount.of(posting.credit_balance),
            amount=Amount.of(posting.amount),
        )


class TraceEntryOut(Schema):
    """A journal entry with its cause."""

    id: str
    recipe: str = Field(examples=["payments.capture@1"])
    description: str
    effective_at: datetime
    recorded_at: datetime
    business_date: date
    actor: str
    approver: str | None
    request_id: str
    idempotency_key: str | None
    callback_id: str | None
    reverses: str | None
    postings: list[TracePostingOut]

    @classmethod
    def of(cls, entry: JournalEntry, codes: Mapping[AccountId, str]) -> "TraceEntryOut":
        """The wire form; `codes` names the accounts."""
        return cls(
            id=str(entry.id),
            recipe=entry.recipe,
            description=entry.description,
            effective_at=entry.effective_at,
            recorded_at=entry.recorded_at,
            business_date=entry.business_date,
            actor=entry.actor,
            approver=entry.approver,
            request_id=str(RequestId(entry.request_id)),
            idempotency_key=entry.idempotency_key,
            callback_id=str(CallbackId(entry.callback_id)) if entry.callback_id else None,
            reverses=str(entry.reverses) if entry.reverses else None,
            postings=[TracePostingOut.of(posting, codes) for posting in entry.postings],
        )


class ToldOut(Schema):
    """An event, without its data: `GET /events` has that."""

    id: str
    n: int = Field(description="Its number in the feed")
    type: str
    subject_kind: str
    subject_id: str
    version: int
    at: datetime

    @classmethod
    def of(cls, told: Event) -> "ToldOut":
        """The wire form."""
        kind, subject_id = told.subject
        return cls(
            id=str(told.id),
            n=told.n,
            type=told.type,
            subject_kind=kind,
            subject_id=subject_id,
            version=told.version,
            at=told.occurred_at,
        )


class TraceActOut(Schema):
    """Something somebody did to it, without the values: `GET /audit` has them."""

    id: str
    at: datetime
    actor: str
    action: str = Field(examples=["invoice.issue"])
    reason: str | None
    request_id: str

    @classmethod
    def of(cls, act: AuditRow) -> "TraceActOut":
        """The wire form."""
        return cls(
            id=str(AuditId(act.id)),
            at=act.at,
            actor=act.actor,
            action=act.action,
            reason=act.reason,
            request_id=str(RequestId(act.request_id)),
        )


class ReceivedOut(Schema):
    """A provider's message: `GET /callbacks/{id}` has its exact bytes, whose SHA-256 this is."""

    id: str
    connection_id: str
    received_at: datetime
    size_bytes: int
    sha256: str
    state: str

    @classmethod
    def of(cls, row: CallbackRow) -> "ReceivedOut":
        """The wire form."""
        return cls(
            id=str(row.id),
            connection_id=str(row.connection_id),
            received_at=row.received_at,
            size_bytes=row.size_bytes,
            sha256=row.body_sha256.hex(),
            state=row.state,
        )


class DeliveryOut(Schema):
    """An event on its way to an endpoint."""

    id: str
    event_id: str
    endpoint_id: str
    state: str
    attempts: int
    last_status: int | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """The wire form."""
        return cls(
            id=delivery.id,
            event_id=str(EventId(delivery.event_id)),
            endpoint_id=delivery.endpoint_id,
            state=delivery.state,
            attempts=delivery.attempts,
            last_status=delivery.last_status,
        )


class RequestTraceOut(Schema):
    """A request, every try of it, and what it did to the books."""

    request_id: str
    money_moved: bool = Field(description="From the books, not from the log: certain, whatever the log has lost")
    requests: list[RequestBodiesOut]
    entries: list[TraceEntryOut]

    @classmethod
    def of(cls, trace: RequestTrace) -> "RequestTraceOut":
        """The wire form."""
        return cls(
            request_id=str(trace.request_id),
            money_moved=bool(trace.entries),
            requests=[RequestBodiesOut.of(request) for request in trace.requests],
            entries=[TraceEntryOut.of(entry, trace.codes) for entry in trace.entries],
        )


class ExplanationOut(Schema):
    """Where a number comes from."""

    id: str
    kind: str = Field(examples=["payment"])
    facts: dict[str, Any]
    entries: list[TraceEntryOut]
    acts: list[TraceActOut] = Field(description="Only for who may read the audit log")
    events: list[ToldOut]
    requests: list[RequestOut]
    callbacks: list[ReceivedOut]
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, found: Explanation) -> "ExplanationOut":
        """The wire form."""
        return cls(
            id=found.id,
            kind=found.kind,
            facts=dict(found.facts),
            entries=[TraceEntryOut.of(entry, found.codes) for entry in found.entries],
            acts=[TraceActOut.of(act) for act in found.acts],
            events=[ToldOut.of(told) for told in found.events],
            requests=[RequestOut.of(request) for request in found.requests],
            callbacks=[ReceivedOut.of(row) for row in found.callbacks],
            deliveries=[DeliveryOut.of(delivery) for delivery in found.deliveries],
        )
